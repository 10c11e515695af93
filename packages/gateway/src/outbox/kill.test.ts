import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNetwork, type Network } from '@goodput/devnet';
import { expect } from 'chai';
import fc from 'fast-check';
import { connect } from '../client/connect.js';
import { BatchedCounters } from '../test-support/counters-contract.js';

/** The full proof takes minutes: GOODPUT_KILLS=100. */
const kills = Number(process.env['GOODPUT_KILLS'] ?? '8');

const script = join(__dirname, '..', 'test-support', 'killed-process.js');

describe('killing a submitting process again and again', function () {
    this.timeout(60_000 + kills * 20_000);
    let folder: string;
    let network: Network;
    let files: { profile: string; outbox: string; attempts: string; accepted: string };
    before(async () => {
        folder = mkdtempSync(join(tmpdir(), 'goodput-outbox-'));
        files = {
            profile: join(folder, 'profile.json'),
            outbox: join(folder, 'outbox'),
            attempts: join(folder, 'attempts'),
            accepted: join(folder, 'accepted'),
        };
        writeFileSync(files.attempts, '');
        writeFileSync(files.accepted, '');
        network = await startNetwork({ block: { timeoutMs: 40 } });
        await network.deploy({ name: 'counters', contracts: [BatchedCounters] });
        await network.writeProfile(files.profile);
    });
    after(async () => {
        await network.stop();
        rmSync(folder, { recursive: true, force: true });
    });

    const run = (number: number, operations: number, killAfterMs?: number): Promise<string> =>
        new Promise((resolve, reject) => {
            const { profile, outbox, attempts, accepted } = files;
            const args = [profile, outbox, attempts, accepted, String(number), String(operations)];
            const child = spawn(process.execPath, [script, ...args], {
                stdio: ['ignore', 'pipe', 'inherit'],
            });
            let said = '';
            let timer: NodeJS.Timeout | undefined;
            child.stdout.on('data', (chunk: Buffer) => {
                said += chunk.toString();
                // Some die before anything is accepted, and some do not, however slow the machine is.
                const begun = number % 2 === 0 ? /ready/u : /accepted/u;
                if (killAfterMs === undefined || !begun.test(said)) return;
                timer ??= setTimeout(() => child.kill('SIGKILL'), killAfterMs);
            });
            child.on('error', reject);
            child.on('close', () => {
                clearTimeout(timer);
                resolve(said);
            });
        });
    const lines = (file: string): string[] =>
        readFileSync(file, 'utf8')
            .split('\n')
            .filter((line) => line !== '');

    it('applies everything accepted exactly once', async () => {
        const moments = fc.sample(fc.integer({ min: 0, max: 250 }), { numRuns: kills, seed: 7 });
        for (const [number, ms] of moments.entries()) await run(number, 100_000, ms);
        // However slow the machine: what a process did before it was killed is what is looked at.
        let runs = kills;
        while (lines(files.accepted).length <= kills) await run(runs++, 100_000, 250);
        expect(await run(runs, 0)).to.match(/done/);

        const client = await connect(files.profile);
        const contract = client.contract('counters');
        const count = async (key: string): Promise<number> =>
            Number(Buffer.from(await contract.evaluate('get', [key])).toString() || '0');
        const attempted = lines(files.attempts);
        const accepted = new Set(lines(files.accepted));
        let applied = 0;
        for (const id of attempted) {
            const times = await count(`op:${id}`);
            if (accepted.has(id)) expect(times, `${id} was accepted`).to.equal(1);
            else expect(times, `${id} was attempted`).to.be.at.most(1);
            applied += times;
        }
        expect(accepted.size).to.be.at.least(Math.floor(kills / 2));
        expect((await count('hot0')) + (await count('hot1'))).to.equal(applied);
        await client.close();
    });
});
