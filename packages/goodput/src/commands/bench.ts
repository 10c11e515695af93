import {
    compareReports,
    comparisonMarkdown,
    comparisonTable,
    readReports,
    workloads,
} from '@goodput/bench';
import { InvalidArgumentError } from 'commander';
import { CommandError } from '../errors.js';
import { writeOutput } from '../write-output.js';
import { addBenchRun } from './bench-run.js';
import type { Register } from '../program.js';

function share(text: string): number {
    const value = Number(text);
    if (value >= 0 && Number.isFinite(value)) return value;
    throw new InvalidArgumentError('It must be a share such as 0.1.');
}

interface CompareOptions {
    readonly goodputLoss: number;
    readonly p95Growth: number;
    readonly significance: number;
    readonly json?: boolean;
    readonly markdown?: string;
}

/** `goodput bench run|list|compare` */
export const registerBench: Register = (program, terminal) => {
    const bench = program.command('bench').description('measure, compare and verify under load');
    addBenchRun(bench, terminal);
    bench
        .command('list')
        .description('list the built-in workloads')
        .option('--json', 'print them as JSON')
        .action((options: { json?: boolean }) => {
            const list = workloads.map(({ name, title }) => ({ name, title }));
            if (options.json === true) terminal.out(JSON.stringify(list, null, 2));
            else for (const { name, title } of list) terminal.out(`${name.padEnd(24)}${title}`);
        });
    bench
        .command('compare')
        .description('compare two reports; exits with 1 when the second is a regression')
        .argument('<before>', 'a report of "goodput bench run --json"')
        .argument('<after>', 'a later one of the same workload')
        .option('--goodput-loss <share>', 'largest tolerated loss of goodput', share, 0.1)
        .option(
            '--p95-growth <share>',
            'largest tolerated growth of the 95th percentile',
            share,
            0.25,
        )
        .option(
            '--significance <probability>',
            'a change counts when chance explains it less often than this',
            share,
            0.05,
        )
        .option('--json', 'print the comparison as JSON')
        .option('--markdown <file>', 'write a summary for a pull request')
        .action((before: string, after: string, options: CompareOptions) => {
            const [old, young] = [readReports(before), readReports(after)];
            const comparisons = compareReports(old, young, options);
            if (options.json === true) terminal.out(JSON.stringify(comparisons, null, 2));
            else terminal.out(comparisonTable(comparisons));
            if (options.markdown !== undefined) {
                writeOutput(options.markdown, `${comparisonMarkdown(old, young, comparisons)}\n`);
            }
            const worse = comparisons.filter(({ regressions }) => regressions.length > 0);
            if (worse.length === 0) return;
            const names = worse.map(({ system }) => system).join(', ');
            throw new CommandError('COMMAND_CHECK_FAILED', `Worse than before: ${names}.`);
        });
};
