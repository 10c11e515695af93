import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
    checkLoad,
    findWorkload,
    intoPage,
    openNetwork,
    parseSchedule,
    progressLine,
    readReports,
    reportHtml,
    reportsMarkdown,
    reportTable,
    runWorkload,
    systemsNamed,
    workloads,
    type Load,
    type RunReport,
    type Workload,
} from '@goodput/bench';
import { Option, type Command } from 'commander';
import { CommandError } from '../errors.js';
import { endInterrupted, interruptible, sayEnding } from '../interruptible.js';
import { list, positive } from '../options.js';
import type { Terminal } from '../terminal.js';
import { checkOutput, writeOutput } from '../write-output.js';

interface AllOptions {
    readonly network?: string;
    readonly workloads: string[];
    readonly systems: string[];
    readonly rate: number;
    readonly seconds: number;
    readonly warmUp: number;
    readonly seed: string;
    readonly out: string;
    readonly into?: string;
    readonly resume?: boolean;
}

function loadOf(workload: Workload, { rate, seconds }: AllOptions): Load {
    const form = workload.population === undefined ? String(rate) : `day:${rate}`;
    return { kind: 'open', schedule: parseSchedule(form), durationMs: seconds * 1000 };
}

/** One workload on a network of its own, so that none finds what another has left. */
async function runOne(
    name: string,
    options: AllOptions,
    signal: AbortSignal,
    terminal: Terminal,
): Promise<RunReport> {
    const workload = await findWorkload(name);
    const [setUpSystem] = systemsNamed(['auto']) as [ReturnType<typeof systemsNamed>[number]];
    const opened = await openNetwork(options.network);
    try {
        return await runWorkload({
            network: opened.network,
            workload,
            systems: systemsNamed(options.systems),
            setUpSystem,
            load: loadOf(workload, options),
            warmUpMs: options.warmUp * 1000,
            seed: options.seed,
            signal,
            onProgress: (progress) => {
                terminal.progress(`${name}, ${progressLine(progress)}`);
            },
        });
    } finally {
        await opened.stop();
    }
}

function publish(reports: readonly RunReport[], options: AllOptions, terminal: Terminal): void {
    if (reports.length === 0) return;
    const text = reportsMarkdown(reports);
    writeOutput(join(options.out, 'report.md'), `${text}\n`);
    writeOutput(join(options.out, 'report.html'), reportHtml(reports));
    terminal.say(`Tables: ${join(options.out, 'report.md')}, page: report.html beside it`);
    if (options.into === undefined) return;
    writeOutput(options.into, intoPage(readFileSync(options.into, 'utf8'), text));
    terminal.say(`Written into ${options.into}`);
}

async function runAll(options: AllOptions, terminal: Terminal): Promise<void> {
    systemsNamed(options.systems);
    for (const workload of await Promise.all(options.workloads.map(findWorkload))) {
        checkLoad(loadOf(workload, options), workload);
    }
    checkOutput(join(options.out, 'report.md'));
    if (options.into !== undefined) {
        if (!existsSync(options.into)) {
            throw new CommandError('COMMAND_FILE_UNREADABLE', `There is no page ${options.into}.`);
        }
        // Before an hour is spent: whether there is a place for it.
        intoPage(readFileSync(options.into, 'utf8'), '');
    }
    const reports: RunReport[] = [];
    await interruptible(
        async (signal) => {
            for (const name of options.workloads) {
                if (signal.aborted) break;
                const file = join(options.out, `${name.replace(/[^a-z0-9-]/gi, '_')}.json`);
                if (options.resume === true && existsSync(file)) {
                    reports.push(...readReports(file));
                    continue;
                }
                const report = await runOne(name, options, signal, terminal);
                // One that was ended early would spoil the tables, and is run again with --resume.
                if (report.interrupted === true) break;
                writeOutput(file, `${JSON.stringify(report, null, 2)}\n`);
                reports.push(report);
                terminal.out(`${report.workload}, ${report.load}, on ${report.network}`);
                terminal.out(`${reportTable(report, terminal.columns)}\n`);
            }
        },
        () => {
            sayEnding(terminal);
        },
    );
    publish(reports, options, terminal);
    const wrong = reports.filter(({ systems }) => systems.some(({ verdict }) => !verdict.ok));
    if (wrong.length === 0) {
        if (reports.length < options.workloads.length) endInterrupted();
        return;
    }
    throw new CommandError(
        'COMMAND_CHECK_FAILED',
        `The ledger does not hold what was reported: ${wrong.map(({ workload }) => workload).join(', ')}.`,
    );
}

const example = `
Each workload runs on an embedded network of its own. With the defaults it takes
up to a minute and a half a workload; a plain client that keeps the network busy
with conflicts is waited for at most 30 seconds.

Examples:
  goodput bench all --workloads ehr,drm,voting --out results
  go on where it was ended, and write the page:
    goodput bench all --resume --into docs/benchmarks.md`;

/** Adds `all` to `goodput bench`. */
export function addBenchAll(bench: Command, terminal: Terminal): void {
    bench
        .command('all')
        .description('run every workload unattended, and write tables, a page and the reports')
        .option('--network <profile>', 'run on this network instead of embedded ones')
        .addOption(
            new Option('--workloads <names>', 'only these').argParser(list).default(
                workloads.map(({ name }) => name),
                'all of "goodput bench list"',
            ),
        )
        .option('--systems <names>', 'systems to compare, the first is the baseline', list, [
            'plain',
            'plain-retry',
            'auto',
        ])
        .option('--rate <per second>', 'operations offered a second', positive, 300)
        .option('--seconds <number>', 'how long each system is loaded', positive, 8)
        .option('--warm-up <seconds>', 'load before anything is measured', positive, 2)
        .option('--seed <text>', 'same seed, same operations', 'goodput')
        .option('--out <folder>', 'where reports are written', join('.goodput', 'bench'))
        .option('--into <page>', 'a Markdown page to write the tables into, between its marks')
        .option('--resume', 'keep the reports that are already in the folder')
        .addHelpText('after', example)
        .action((options: AllOptions) => runAll(options, terminal));
}
