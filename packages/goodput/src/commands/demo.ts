import { join } from 'node:path';
import {
    checkLoad,
    findWorkload,
    openNetwork,
    progressLine,
    reportTable,
    runWorkload,
    systemsNamed,
    writeProfileFile,
    type Load,
    type RunReport,
    type UsableNetwork,
    type Workload,
} from '@goodput/bench';
import { CommandError } from '../errors.js';
import { positive } from '../options.js';
import { aborted, endInterrupted, interruptible, sayEnding } from '../interruptible.js';
import type { Register } from '../program.js';
import { tellStory } from '../story.js';
import { checkOutput } from '../write-output.js';
import { wrapped, type Terminal } from '../terminal.js';

interface DemoOptions {
    readonly network?: string;
    readonly once?: boolean;
    readonly rate: number;
    readonly seconds: number;
}

/** Where the profile of the demo's network is written, in the folder it is started in. */
const PROFILE = join('.goodput', 'devnet.json');

function loadOf({ rate, seconds }: DemoOptions): Load {
    const schedule = { kind: 'day', ratePerSecond: rate } as const;
    return { kind: 'open', schedule, durationMs: seconds * 1000 };
}

async function compare(
    opened: UsableNetwork,
    workload: Workload,
    options: DemoOptions,
    signal: AbortSignal,
    terminal: Terminal,
): Promise<RunReport> {
    const [plain, auto] = systemsNamed(['plain', 'auto']);
    if (plain === undefined || auto === undefined) throw new TypeError('systems are missing');
    const report = await runWorkload({
        network: opened.network,
        workload,
        systems: [plain, auto],
        setUpSystem: auto,
        load: loadOf(options),
        warmUpMs: 3000,
        signal,
        onProgress: (progress) => {
            terminal.progress(progressLine(progress));
        },
    });
    terminal.endProgress();
    return report;
}

function title(report: RunReport): string {
    const people = Object.entries(report.systems[0]?.load.people ?? {});
    const crowd = people.map(([role, count]) => `${count} ${role}${count === 1 ? '' : 's'}`);
    return `A hospital, ${report.load}, on ${report.network}\n  at work: ${crowd.join(', ')}`;
}

function tellAddresses(opened: UsableNetwork, terminal: Terminal): void {
    const nodes = [...opened.network.peers, ...opened.network.orderers];
    for (const { name, endpoint } of nodes) terminal.say(`  ${name} at ${endpoint}`);
    if (opened.profile !== undefined) terminal.say(`  network profile: ${PROFILE}`);
}

async function stayUp(
    opened: UsableNetwork,
    signal: AbortSignal,
    terminal: Terminal,
): Promise<void> {
    terminal.say('');
    terminal.say('The network stays up until Ctrl-C:');
    tellAddresses(opened, terminal);
    await aborted(signal);
}

function show(report: RunReport, terminal: Terminal): void {
    if (report.systems.length > 0) {
        terminal.out(`${wrapped(title(report), terminal.columns)}:\n`);
        terminal.out(`${reportTable(report, terminal.columns)}\n`);
    }
    terminal.out(wrapped(tellStory(report), terminal.columns));
}

async function demo(options: DemoOptions, terminal: Terminal): Promise<void> {
    const workload = await findWorkload('clinical-day');
    checkLoad(loadOf(options), workload);
    if (options.network === undefined) checkOutput(PROFILE);
    terminal.say(
        options.network === undefined
            ? 'Starting a Fabric network (one process, no Docker) ...'
            : `Using the network of ${options.network} ...`,
    );
    const opened = await openNetwork(options.network);
    try {
        if (opened.profile !== undefined) {
            writeProfileFile(PROFILE, opened.profile);
        }
        tellAddresses(opened, terminal);
        let measuring = true;
        const onInterrupt = (): void => {
            if (measuring) sayEnding(terminal);
            else terminal.say('Stopping ...');
        };
        await interruptible(async (signal) => {
            const report = await compare(opened, workload, options, signal, terminal);
            measuring = false;
            show(report, terminal);
            const wrong = report.systems.find(({ verdict }) => !verdict.ok);
            if (wrong !== undefined) {
                throw new CommandError(
                    'COMMAND_CHECK_FAILED',
                    `The ledger does not hold what ${wrong.system} reported.`,
                );
            }
            if (report.interrupted === true) endInterrupted();
            if (options.once !== true) await stayUp(opened, signal, terminal);
        }, onInterrupt);
    } finally {
        await opened.stop();
    }
}

const example = `
Examples:
  goodput demo                         then look around in what it leaves up
  goodput demo --once --rate 150       a smaller load, and exit
  goodput demo --network profile.json  on yours, with chaincode/bench deployed`;

/** `goodput demo` */
export const registerDemo: Register = (program, terminal) => {
    program
        .command('demo')
        .description('a plain client and ours on the same contended load, side by side')
        .option('--network <profile>', 'on this network instead of an embedded one')
        .option('--once', 'exit afterwards instead of leaving the network up')
        .option('--rate <per second>', 'operations offered a second', positive, 200)
        .option('--seconds <number>', 'how long each client is loaded', positive, 12)
        .addHelpText('after', example)
        .action((options: DemoOptions) => demo(options, terminal));
};
