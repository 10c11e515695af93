import {
    checkLoad,
    findWorkload,
    openNetwork,
    parseSchedule,
    progressLine,
    reportHtml,
    reportTable,
    runWorkload,
    SCHEDULE_FORMS,
    systemsNamed,
    type Load,
    type RunReport,
    type Schedule,
    type SystemFactory,
} from '@goodput/bench';
import type { Command } from 'commander';
import { CommandError } from '../errors.js';
import { endInterrupted, interruptible, sayEnding } from '../interruptible.js';
import { count, list, positive, wholeNumber } from '../options.js';
import { checkOutput, writeOutput } from '../write-output.js';
import type { Terminal } from '../terminal.js';

interface RunCommandOptions {
    readonly network?: string;
    readonly systems: string[];
    readonly load?: Schedule[];
    readonly callers?: number;
    readonly thinkTime: number;
    readonly seconds: number;
    readonly warmUp: number;
    readonly seed: string;
    readonly json?: string;
    readonly html?: string;
}

/** One load for every schedule asked for, or one closed loop. */
function loadsOf(options: RunCommandOptions, ofPersons: boolean): Load[] {
    const durationMs = options.seconds * 1000;
    const { callers, thinkTime: thinkTimeMs } = options;
    if (callers !== undefined) return [{ kind: 'closed', callers, durationMs, thinkTimeMs }];
    const schedules = options.load ?? [parseSchedule(ofPersons ? 'day:300' : '300')];
    return schedules.map((schedule) => ({ kind: 'open', schedule, durationMs }));
}

function addSchedule(text: string, before: readonly Schedule[] | undefined): Schedule[] {
    return [...(before ?? []), parseSchedule(text)];
}

async function run(
    workloadName: string,
    options: RunCommandOptions,
    terminal: Terminal,
): Promise<void> {
    const workload = await findWorkload(workloadName);
    const systems = systemsNamed(options.systems);
    const loads = loadsOf(options, workload.population !== undefined);
    for (const load of loads) checkLoad(load, workload);
    [options.json, options.html].forEach(checkOutput);
    const [setUpSystem] = systemsNamed(['auto']) as [SystemFactory];
    const opened = await openNetwork(options.network);
    const reports: RunReport[] = [];
    try {
        await interruptible(
            async (signal) => {
                for (const load of loads) {
                    if (signal.aborted) break;
                    const report = await runWorkload({
                        network: opened.network,
                        workload,
                        systems,
                        setUpSystem,
                        load,
                        warmUpMs: options.warmUp * 1000,
                        seed: options.seed,
                        signal,
                        onProgress: (progress) => {
                            terminal.progress(progressLine(progress));
                        },
                    });
                    reports.push(report);
                    terminal.out(`${report.workload}, ${report.load}, on ${report.network}`);
                    terminal.out(reportTable(report, terminal.columns));
                    sayFailures(report, terminal);
                }
            },
            () => {
                sayEnding(terminal);
            },
        );
    } finally {
        writeReports(options, reports, terminal);
        await opened.stop();
    }
    const interrupted = reports.length < loads.length || reports.some((each) => each.interrupted);
    const failed = reports.flatMap(({ systems: all }) => all.filter(({ verdict }) => !verdict.ok));
    if (failed.length === 0) {
        if (interrupted) endInterrupted();
        return;
    }
    const names = failed.map(({ system }) => system).join(', ');
    throw new CommandError(
        'COMMAND_CHECK_FAILED',
        `The ledger does not hold what was reported: ${names}.`,
    );
}

/** A row of noughts is a riddle without it. */
function sayFailures(report: RunReport, terminal: Terminal): void {
    for (const { system, recording } of report.systems) {
        const [most] = [...recording.details].sort((a, b) => b.count - a.count);
        if (recording.counts.committed > 0 || most === undefined) continue;
        terminal.say(`${system} committed nothing; ${most.count} operations: ${most.detail}`);
    }
}

function writeReports(
    options: RunCommandOptions,
    reports: readonly RunReport[],
    terminal: Terminal,
): void {
    if (reports.length === 0) return;
    if (options.json !== undefined) {
        const [only] = reports;
        const content = reports.length === 1 ? only : reports;
        writeOutput(options.json, `${JSON.stringify(content, null, 2)}\n`);
        terminal.say(`Report: ${options.json}`);
    }
    if (options.html !== undefined) {
        writeOutput(options.html, reportHtml(reports));
        terminal.say(`Page: ${options.html}`);
    }
}

const example = `
Examples:
  300 operations a second for 20 s, three systems:
    goodput bench run hot-counter
  a day of persons, an hour being a second:
    goodput bench run clinical-day --load day:200 --seconds 24
  a saturation curve:
    goodput bench run smallbank --load 100 --load 200 --load 400 --html c.html
  your workload on your network:
    goodput bench run ./mine.mjs --network profile.json`;

/** Adds `run` to `goodput bench`. */
export function addBenchRun(bench: Command, terminal: Terminal): void {
    bench
        .command('run')
        .description('run a workload under several systems; each ledger is verified afterwards')
        .argument(
            '<workload>',
            'a name from "goodput bench list", or a file that default-exports one',
        )
        .option('--network <profile>', 'run on this network instead of an embedded one')
        .option('--systems <names>', 'systems to compare, the first is the baseline', list, [
            'plain',
            'plain-retry',
            'auto',
        ])
        .option(
            '--load <schedule>',
            `how operations arrive: ${SCHEDULE_FORMS}; given several times, it makes a saturation curve`,
            addSchedule,
        )
        .option('--callers <number>', 'a closed loop of this many callers instead of a rate', count)
        .option('--think-time <ms>', 'pause of a caller between its operations', wholeNumber, 0)
        .option('--seconds <number>', 'how long each system is loaded', positive, 20)
        .option('--warm-up <seconds>', 'load before anything is measured', positive, 3)
        .option('--seed <text>', 'same seed, same operations', 'goodput')
        .option('--json <file>', 'write the report as JSON')
        .option('--html <file>', 'write the report as one page')
        .addHelpText('after', example)
        .action((workload: string, options: RunCommandOptions) => run(workload, options, terminal));
}
