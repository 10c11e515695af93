import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { readReports } from '@goodput/bench';
import { CommandProcess } from '../command-process.test.fixture.js';

describe('Ctrl-C in a measurement', function () {
    this.timeout(300_000);
    let folder: string;
    let running: CommandProcess | undefined;

    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), 'interrupted-'));
    });
    afterEach(async () => {
        await running?.stop('SIGKILL');
        running = undefined;
        rmSync(folder, { recursive: true });
    });

    function start(...args: string[]): CommandProcess {
        running = new CommandProcess(folder, args);
        return running;
    }

    const [json, html] = ['report.json', 'report.html'];
    const long = ['--load', '40', '--seconds', '600', '--json', json, '--html', html];

    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
        it(`by ${signal} writes a report that says so, its ledger verified, and exits with 130`, async () => {
            const systems = ['--systems', 'auto,plain', '--warm-up', '0.2'];
            const command = start('bench', 'run', 'hot-8', ...long, ...systems);
            await command.until(/auto: .* offered, [1-9]\d* valid/);
            expect(await command.stop(signal)).to.equal(130);
            expect(command.said).to.contain('Ctrl-C again ends at once');
            expect(command.said).to.contain('[COMMAND_INTERRUPTED]');
            expect(command.said).to.not.match(/^\s+at .*:\d+/m);
            expect(command.out).to.match(/^goodput auto .*verified$/m);
            const [report] = readReports(join(folder, json));
            expect(report?.interrupted).to.equal(true);
            expect(report?.systems).to.have.length(1);
            const [measured] = report!.systems;
            expect(measured?.verdict).to.include({ ok: true, stateChecked: true });
            expect(measured?.recording.counts.committed).to.be.greaterThan(0);
            expect(readFileSync(join(folder, html), 'utf8')).to.contain('Ended early');
        });
    }

    it('while the initial state is written writes a report of nothing, and does not write on', async () => {
        const workload = join(folder, 'endless.mjs');
        writeFileSync(
            workload,
            `const note = (_, index) => ({ name: 'note', args: ['n' + index, 'text'] });
            export default {
                name: 'endless', title: 'a long set-up',
                setup: () => Array.from({ length: 200_000 }, note),
                operations: () => (index) => note(0, index),
            };`,
        );
        const command = start('bench', 'run', workload, ...long);
        await command.until(/writing the initial state/);
        expect(await command.stop()).to.equal(130);
        const [report] = readReports(join(folder, json));
        expect(report).to.deep.include({ interrupted: true, systems: [] });
    });

    it('a second time ends at once', async () => {
        const command = start('bench', 'run', 'hot-8', ...long, '--systems', 'plain');
        await command.until(/writing the initial state/);
        command.process.kill('SIGINT');
        await command.until(/Ctrl-C again ends at once/);
        expect(await command.stop()).to.equal(130);
        expect(existsSync(join(folder, json))).to.equal(false);
    });

    it('before the network is up leaves no trace of an error', async () => {
        const command = start('demo');
        await command.until(/Starting a Fabric network/);
        await command.stop();
        expect(command.said).to.not.match(/Error|^\s+at /m);
    });
});
