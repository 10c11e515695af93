import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { startNetwork, type Network } from '@goodput/devnet';
import { contracts } from '@goodput/bench-chaincode';
import type { NetworkProfile } from '@goodput/network';
import type { Command } from 'commander';
import { createProgram } from './program.js';
import { run, runIn } from './run-command.test.fixture.js';

const blocks = join(__dirname, '..', '..', 'rwset', 'fixtures', 'blocks');

describe('the command line', () => {
    it('teaches what there is', async () => {
        const { code, out } = await run('--help');
        expect(code).to.equal(0);
        for (const command of ['demo', 'bench', 'blocks', 'network']) {
            expect(out).to.contain(command);
        }
        expect(out).to.contain('Exit codes:');
    });

    const helpOf = (names: string[], command: Command): [string[], string][] => {
        let text = '';
        command.configureOutput({ writeOut: (more) => (text += more) });
        command.outputHelp();
        return [
            [names, text],
            ...command.commands.flatMap((each) => helpOf([...names, each.name()], each)),
        ];
    };

    it('teaches in lines of at most 80 characters, however wide the window', () => {
        for (const columns of [undefined, 80, 200]) {
            const nothing = (): void => undefined;
            const program = createProgram({
                out: nothing,
                say: nothing,
                progress: nothing,
                endProgress: nothing,
                colour: false,
                ...(columns !== undefined && { columns }),
            });
            const helps = helpOf([], program);
            expect(helps.length).to.be.greaterThan(25);
            for (const [names, text] of helps) {
                const long = text.split('\n').filter((line) => line.length > 80);
                expect(long, names.join(' ')).to.deep.equal([]);
            }
        }
    });

    const wrong: [string, string[], RegExp][] = [
        ['an unknown command', ['bensh'], /unknown command 'bensh'[\s\S]*Did you mean bench/],
        ['an unknown option', ['demo', '--onse'], /unknown option '--onse'[\s\S]*--once/],
        ['a missing argument', ['network', 'check'], /missing required argument 'profile'/],
        ['a missing file', ['network', 'check', 'none.json'], /none\.json[\s\S]*Check the path/],
        [
            'a missing block file',
            ['blocks', 'list', 'none.block'],
            /There is no file or folder none/,
        ],
        [
            'both files and a network',
            ['blocks', 'list', blocks, '--network', 'none.json'],
            /block files or a --network, not both/,
        ],
        [
            'a first block of files',
            ['blocks', 'list', blocks, '--from', '3'],
            /--from is for a channel/,
        ],
        ['a list of nothing', ['simulate', blocks, '--strategies', ','], /It names nothing/],
        ['no name, which would be the folder one is in', ['init', ''], /made of at most/],
        ['neither files nor a network', ['blocks', 'list'], /Name block files, or a channel/],
        [
            'a report that is none',
            ['bench', 'compare', __filename, __filename],
            /Cannot read the report/,
        ],
        [
            'an unknown workload',
            ['bench', 'run', 'hot-countr'],
            /no workload or file "hot-countr"\. Did you mean hot-counter\? There are/,
        ],
        [
            'callers that are no whole number',
            ['bench', 'run', 'ehr', '--callers', '1.5'],
            /whole number from 1/,
        ],
        [
            'a rate that cannot be driven, before a network is started',
            ['bench', 'run', 'ehr', '--load', '0'],
            /A rate must be above 0/,
        ],
        [
            'a folder where a workload should be',
            ['bench', 'run', __dirname],
            /cannot be loaded as a workload: it is a folder/,
        ],
        [
            'a file without a workload',
            ['bench', 'run', join(__dirname, 'options.js')],
            /gives no workload: .*\. Write "export default defineWorkload/,
        ],
        [
            'a report that cannot be written, before a network is started',
            ['bench', 'run', 'ehr', '--json', __dirname],
            /Cannot write .*it is a folder/,
        ],
        [
            'a report below a file',
            ['bench', 'run', 'ehr', '--json', join(__filename, 'x', 'y.json')],
            /Cannot write .*a part of the path is a file/,
        ],
        ['a folder without blocks', ['blocks', 'list', __dirname], /no \*\.block file/],
        ['a file that is no block', ['blocks', 'list', __filename], /is not a block file/],
        ['an outbox that is not there', ['outbox', 'ls', 'none'], /There is no outbox at none/],
        ['a folder that is no outbox', ['outbox', 'ls', __dirname], /There is no outbox at /],
        [
            'a proof that is not there',
            ['verify', 'none'],
            /Cannot read none: there is no such file/,
        ],
        ['a folder instead of a proof', ['verify', __dirname], /Cannot read .*: it is a folder/],
        [
            'metadata that is no JSON',
            ['types', '--metadata', __filename],
            /program\.test\.js is not JSON/,
        ],
        [
            'a report that is not there',
            ['bench', 'compare', 'none', 'none'],
            /the report none: there is no such file/,
        ],
        [
            'more than can be loaded, before a network is started',
            ['demo', '--rate', '1e9'],
            /A day has at most 5000000 operations/,
        ],
        [
            'a load without end',
            ['bench', 'all', '--seconds', '1e300'],
            /must be from 1 to 86,400,000; got/,
        ],
        ['a folder of keys', ['lint', '--keys', __dirname], /Cannot load .*it is a folder/],
        ['a folder that is not there', ['lint', 'none'], /Cannot read none/],
        ['a name that is a file', ['init', __filename], /made of at most|is a file/],
        ['a page without marks', ['bench', 'all', '--into', __filename], /no place for the tables/],
        ['a page that is not there', ['bench', 'all', '--into', 'none.md'], /no page none\.md/],
        [
            'an unknown system',
            ['bench', 'run', 'ehr', '--systems', 'plian'],
            /no system "plian"\. Did you mean plain\? There are plain, plain-retry/,
        ],
        [
            'an unknown strategy',
            ['simulate', blocks, '--strategies', 'naive,merge'],
            /no strategy "merge"\. Did you mean merged\?/,
        ],
        [
            'a load that is none',
            ['bench', 'run', 'ehr', '--load', 'much'],
            /"much" is no load schedule/,
        ],
    ];
    for (const [what, args, message] of wrong) {
        it(`says in a line or two what is wrong with ${what}, and exits with 2`, async () => {
            const { code, said } = await run(...args);
            expect(said).to.match(message);
            expect(said).to.not.match(/^\s+at .*\.js:\d+/m);
            expect(code).to.equal(2);
        });
    }

    it('shows the trace when asked to', async () => {
        const { said } = await run('--verbose', 'network', 'check', 'none.json');
        expect(said).to.match(/^\s+at /m);
    });

    it('lists the workloads', async () => {
        const { code, out } = await run('bench', 'list', '--json');
        expect(code).to.equal(0);
        const names = (JSON.parse(out) as { name: string }[]).map(({ name }) => name);
        expect(names).to.include.members([
            'hot-counter',
            'clinical-day',
            'smallbank',
            'no-contention',
        ]);
    });
});

describe('goodput blocks', () => {
    it('says who beat whom, from block files of a real peer', async () => {
        const { code, out, said } = await run('blocks', 'conflicts', blocks);
        expect(code).to.equal(0);
        expect(out.split('\n')).to.have.length(11);
        expect(out).to.match(
            /^16\.1 rangeCount \w+ PHANTOM_READ_CONFLICT \(phantom-insert\) on lab:\[r, s\) at r00002x: beaten by put \w+ \(block 16\.0, same block\)$/m,
        );
        expect(said).to.equal('11 of 63 transactions in 42 blocks lost a read conflict.');
    });

    it('lists transactions, as JSON too', async () => {
        const { out } = await run('blocks', 'list', '--json', join(blocks, 'block_0006.block'));
        const rows = JSON.parse(out) as { function: string; code: string }[];
        expect(rows.map(({ code }) => code)).to.deep.equal([
            'VALID',
            ...new Array<string>(5).fill('MVCC_READ_CONFLICT'),
        ]);
    });
});

describe('the command line and a network', function () {
    this.timeout(300_000);
    let folder: string;
    let network: Network;
    let profile: NetworkProfile;

    before(async () => {
        folder = mkdtempSync(join(tmpdir(), 'command-'));
        network = await startNetwork({ block: { timeoutMs: 50 } });
        await network.deploy({ name: 'bench', contracts: [...contracts] });
        profile = network.profile;
    });
    after(async () => {
        await network.stop();
        rmSync(folder, { recursive: true });
    });

    function write(changed: object): string {
        const file = join(folder, 'profile.json');
        writeFileSync(file, JSON.stringify({ ...profile, ...changed }));
        return file;
    }

    it('finds nothing wrong with a network that works', async () => {
        const { code, out, said } = await run('network', 'check', write({}));
        expect(said).to.equal('');
        expect(out).to.contain('✓ channel mychannel').and.to.contain('✓ chaincode bench');
        expect(code).to.equal(0);
    });

    const peer = (): NetworkProfile['peers'][number] => profile.peers[0]!;
    const person = (): NetworkProfile['identities'][number] => profile.identities[0]!;
    const broken: [string, () => object, RegExp][] = [
        [
            'a port where nothing listens',
            () => ({ peers: [{ ...peer(), endpoint: 'localhost:1' }] }),
            /✗ .*localhost:1: nothing listens there/,
        ],
        [
            'a host name that the certificate is not for',
            () => ({ peers: [{ ...peer(), hostOverride: 'elsewhere.example.com' }] }),
            /✗ .*its TLS certificate is for another host name[\s\S]*hostOverride/,
        ],
        [
            'a root certificate of somebody else',
            () => ({ peers: [{ ...peer(), tlsRootCert: person().certificate }] }),
            /✗ .*does not chain to the root certificate/,
        ],
        [
            'a certificate that is none',
            () => ({ identities: [{ ...person(), certificate: { pem: 'nothing' } }] }),
            /✗ identity .*is not an X\.509 certificate/,
        ],
        [
            'a key of another certificate',
            () => ({
                identities: [{ ...person(), privateKey: profile.identities[1]!.privateKey }],
            }),
            /✗ identity .*does not belong to the certificate/,
        ],
        [
            'a channel that is not there',
            () => ({ channel: 'otherchannel' }),
            /✗ channel otherchannel/,
        ],
        [
            'a chaincode that is not deployed',
            () => ({ chaincodes: { bench: 'absent' } }),
            /✗ chaincode absent \(bench\)[\s\S]*Commit the chaincode definition "absent"/,
        ],
        [
            'an identity of another organisation',
            () => ({ identities: [{ ...person(), mspId: 'Org9MSP' }] }),
            /✗ channel mychannel/,
        ],
    ];
    for (const [what, changed, message] of broken) {
        it(`says in plain words that a profile has ${what}`, async () => {
            const { code, out } = await run('network', 'check', write(changed()));
            expect(out).to.match(message);
            expect(code).to.equal(1);
        });
    }

    it('runs a workload under two systems, verifies both and writes the reports', async () => {
        const [json, html] = [join(folder, 'report.json'), join(folder, 'report.html')];
        const { code, out, said } = await run(
            ...['bench', 'run', 'hot-8', '--network', write({}), '--systems', 'plain,merge'],
            ...[
                '--load',
                '60',
                '--seconds',
                '2',
                '--warm-up',
                '0.5',
                '--json',
                json,
                '--html',
                html,
            ],
        );
        expect(said).to.contain('Report:').and.to.contain('Page:');
        expect(out).to.match(/^plain fabric-gateway .*verified$/m);
        expect(out).to.match(/^goodput merge .*100\.0%.*verified$/m);
        expect(readFileSync(html, 'utf8')).to.contain('<svg');
        expect(code).to.equal(0);
        const short = await run('bench', 'compare', json, json);
        expect(short.said).to.match(/2 whole seconds of load are too few/);
        expect(short.code).to.equal(2);
    });

    it('compares reports: 0 when nothing got worse, 1 and Markdown when something did', async () => {
        const report = (perSecond: number): string => {
            const seconds = Array.from({ length: 20 }, (_, second) => ({
                second,
                committed: perSecond + (second % 3),
                p95Ms: 100,
            }));
            const system = {
                system: 'ours',
                load: { elapsedMs: 20_000 },
                recording: {
                    offered: 20 * perSecond,
                    counts: { committed: 20 * perSecond, rejected: 0 },
                    latency: { count: 1, p50Ms: 1, p90Ms: 1, p95Ms: 100, p99Ms: 100 },
                    seconds,
                    details: [],
                },
                goodputPerSecond: perSecond,
                success: 1,
                stateHash: '',
                transactions: { valid: 1, invalid: 0, byCode: {} },
                verdict: { ok: true, problems: [] },
            };
            const file = join(folder, `${perSecond}.json`);
            const of = { form: 'goodput-bench-1', workload: 'ehr', load: '300/s', machine: 'm' };
            const when = { network: 'n', seed: 's', startedAt: '2026-01-01' };
            writeFileSync(file, JSON.stringify({ ...of, ...when, systems: [system] }));
            return file;
        };
        const same = await run('bench', 'compare', report(100), report(100));
        expect(same.out).to.match(/^ours .*ok$/m);
        expect(same.code).to.equal(0);
        const summary = join(folder, 'new', 'summary.md');
        const worse = await run(
            ...['bench', 'compare', report(100), report(50), '--markdown', summary],
        );
        expect(worse.said).to.contain('Worse than before: ours');
        expect(worse.code).to.equal(1);
        expect(readFileSync(summary, 'utf8')).to.contain('### ehr, 300/s: 1 of 1 regressed');
        const lenient = ['--goodput-loss', '0.6'];
        expect((await run('bench', 'compare', report(100), report(50), ...lenient)).code).to.equal(
            0,
        );
    });

    it('runs a workload of a file', async () => {
        const file = join(folder, 'mine.mjs');
        const source = `export default {
            name: 'mine', title: 'notes', setup: () => [],
            operations: () => (index) => ({ name: 'note', args: ['n' + index, 'text'] }),
        };`;
        writeFileSync(file, source);
        const { code, out } = await run(
            ...['bench', 'run', file, '--network', write({}), '--systems', 'direct'],
            ...['--load', '50', '--seconds', '1', '--warm-up', '0.2'],
        );
        // Without a replay its state was held against nothing, and that is what it says.
        expect(out).to.match(/^goodput direct .*once each$/m);
        expect(code).to.equal(0);
    });

    it('reads conflicts from a live channel', async () => {
        const file = write({});
        // Two callers of the same counter in one block: one of them has to lose.
        const losing = await run(
            ...['bench', 'run', 'hot-counter', '--network', file, '--systems', 'plain'],
            ...['--load', '200', '--seconds', '0.3', '--warm-up', '0.1'],
        );
        expect(losing.code).to.equal(0);
        const { code, out } = await run('blocks', 'conflicts', '--network', write({}));
        expect(code).to.equal(0);
        expect(out).to.contain('on bench:r');
    });

    it('tells the story of a side-by-side run', async () => {
        const { code, out } = await runIn(
            80,
            ...['demo', '--once', '--network', write({}), '--rate', '80', '--seconds', '2'],
        );
        expect(out).to.contain('A hospital, a day of 80/s on average in 2 s, on ');
        expect(out).to.match(/Goodput committed [\d.]+% of the same\soperations/);
        // In a window of 80 columns neither the table nor the sentences are broken by the terminal.
        for (const line of out.split('\n')) expect(line.length, line).to.be.at.most(80);
        expect(code).to.equal(0);
    });
});
