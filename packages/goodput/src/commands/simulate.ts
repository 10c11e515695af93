import { columns, readable, unknownName } from '@goodput/bench';
import {
    simulate,
    STRATEGIES,
    traceOfBlocks,
    type SimulationResult,
    type Strategy,
} from '@goodput/rwset';
import { Option } from 'commander';
import { positive, list, wholeNumber } from '../options.js';
import { CommandError } from '../errors.js';
import type { Register } from '../program.js';
import { readBlocks, withBlocks, type BlockSource } from '../read-blocks.js';

interface SimulateOptions extends BlockSource {
    readonly strategies: string[];
    readonly speed: number;
    readonly seed: number;
    readonly json?: boolean;
}

const example = `
It replays the operations of recorded blocks through a simulated network, once
for each strategy, and so answers "what would this change gain" before anything
is built.

Example:
  goodput simulate ./blocks --strategies naive,merged,delta --speed 10`;

function strategyOf(name: string): Strategy {
    const known = STRATEGIES.find((each) => each === name);
    if (known !== undefined) return { name: known };
    throw new CommandError('COMMAND_USAGE', unknownName('strategy', name, STRATEGIES));
}

function row(name: string, result: SimulationResult): string[] {
    return [
        name,
        String(result.submitted),
        String(result.valid),
        readable(result.goodput),
        `${(result.successShare * 100).toFixed(1)}%`,
        readable(result.latencyMs.p50),
        readable(result.latencyMs.p95),
        String(result.transactions),
        `${(result.invalidWork * 100).toFixed(1)}%`,
    ];
}

const header = 'strategy,operations,valid,valid ops/s,success,p50 ms,p95 ms,transactions,wasted';

/** `goodput simulate` */
export const registerSimulate: Register = (program, terminal) => {
    withBlocks(
        program
            .command('simulate')
            .description('what recorded operations would become under other strategies'),
    )
        .addOption(
            new Option('--strategies <names>', `some of ${STRATEGIES.join(', ')}`)
                .argParser(list)
                .default([...STRATEGIES], 'all of them'),
        )
        .option('--speed <factor>', 'how many times faster the operations arrive', positive, 1)
        .option('--seed <number>', 'same seed, same result', wholeNumber, 1)
        .option('--json', 'print the results as JSON')
        .addHelpText('after', example)
        .action(async (files: string[], options: SimulateOptions) => {
            const chosen = options.strategies.map(strategyOf);
            const trace = traceOfBlocks(await readBlocks(files, options)).map((operation) => ({
                ...operation,
                atMs: operation.atMs / options.speed,
            }));
            const results = chosen.map((strategy) => ({
                strategy: strategy.name,
                ...simulate(trace, { strategy, seed: options.seed }),
            }));
            if (options.json === true) terminal.out(JSON.stringify(results, null, 2));
            else {
                const rows = results.map((result) => row(result.strategy, result));
                terminal.out(columns(header.split(','), rows));
            }
        });
};
