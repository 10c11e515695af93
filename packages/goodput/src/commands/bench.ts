import {
    compareReports,
    comparisonMarkdown,
    comparisonTable,
    goodputPicture,
    readReports,
    workloads,
} from '@goodput/bench';
import { InvalidArgumentError } from 'commander';
import { CommandError } from '../errors.js';
import { checkOutput, writeOutput } from '../write-output.js';
import { addBenchAll } from './bench-all.js';
import { addBenchRun } from './bench-run.js';
import type { Register } from '../program.js';

function share(text: string): number {
    const value = Number(text);
    if (value >= 0 && Number.isFinite(value)) return value;
    throw new InvalidArgumentError('It must be a share such as 0.1.');
}

function probability(text: string): number {
    const value = Number(text);
    if (value > 0 && value <= 1) return value;
    throw new InvalidArgumentError('It must be a probability above 0 and up to 1, such as 0.05.');
}

interface CompareOptions {
    readonly goodputLoss: number;
    readonly p95Growth: number;
    readonly significance: number;
    readonly json?: boolean;
    readonly markdown?: string;
}

const example = `
Example:
  goodput bench run ehr --json before.json
  goodput bench run ehr --json after.json
  goodput bench compare before.json after.json --markdown summary.md

Exits with 1 when something got worse beyond what is tolerated and what chance
explains, with 2 when the reports cannot be compared.`;

/** `goodput bench run|list|compare` */
export const registerBench: Register = (program, terminal) => {
    const bench = program.command('bench').description('measure, compare and verify under load');
    addBenchRun(bench, terminal);
    addBenchAll(bench, terminal);
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
        .command('picture')
        .description('draw what each system committed, second by second, from a report')
        .argument('<report>', 'a report of "goodput bench run --json"')
        .argument('<svg>', 'the file to write')
        .addHelpText('after', '\nExample:\n  goodput bench picture voting.json docs/goodput.svg')
        .action((file: string, svg: string) => {
            const [report] = readReports(file);
            if (report !== undefined) writeOutput(svg, goodputPicture(report));
            terminal.say(`Picture: ${svg}`);
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
            probability,
            0.05,
        )
        .option('--json', 'print the comparison as JSON')
        .option('--markdown <file>', 'write a summary for a pull request')
        .addHelpText('after', example)
        .action((before: string, after: string, options: CompareOptions) => {
            checkOutput(options.markdown);
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
