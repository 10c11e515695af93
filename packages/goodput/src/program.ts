import { Command, CommanderError } from 'commander';
import { registerBench } from './commands/bench.js';
import { registerBlocks } from './commands/blocks.js';
import { registerDemo } from './commands/demo.js';
import { registerIdentities } from './commands/identities.js';
import { registerIndexes } from './commands/indexes.js';
import { registerInit } from './commands/init.js';
import { registerLint } from './commands/lint.js';
import { registerNetwork } from './commands/network.js';
import { registerOutbox } from './commands/outbox.js';
import { registerPackage } from './commands/package.js';
import { registerSimulate } from './commands/simulate.js';
import { registerTypes } from './commands/types.js';
import { registerUp } from './commands/up.js';
import { registerVerify } from './commands/verify.js';
import { EXIT_CODES, exitCodeOf } from './exit-code.js';
import { processTerminal, tellFailure, type Terminal } from './terminal.js';

const exitCodesHelp = `
Exit codes:
  0  done
  1  what was checked or compared is not in order
  2  the command line, a file or a profile is wrong
  3  something failed: a network out of reach, a chaincode that refused
  130  ended by Ctrl-C before it was done`;

/** Longest line of a help text; longer ones are hard to read in any window. */
const HELP_WIDTH = 80;

/** Adds a command to the program. */
export type Register = (program: Command, terminal: Terminal) => void;

const registrations: readonly Register[] = [
    registerUp,
    registerDemo,
    registerIdentities,
    registerInit,
    registerBench,
    registerBlocks,
    registerSimulate,
    registerLint,
    registerIndexes,
    registerPackage,
    registerVerify,
    registerTypes,
    registerOutbox,
    registerNetwork,
];

/** The whole command line, ready to parse. */
export function createProgram(terminal: Terminal): Command {
    const program = new Command('goodput')
        .description('Make Hyperledger Fabric commit what you submit.')
        .option('--verbose', 'show the trace of an error')
        .addHelpText('after', exitCodesHelp)
        .showSuggestionAfterError()
        .showHelpAfterError('(goodput --help shows what there is)')
        .exitOverride()
        .configureOutput({
            getOutHelpWidth: () => Math.min(terminal.columns ?? HELP_WIDTH, HELP_WIDTH),
            writeOut: (text) => {
                terminal.out(text.trimEnd());
            },
            writeErr: (text) => {
                terminal.say(text.trimEnd());
            },
        });
    for (const register of registrations) register(program, terminal);
    return program;
}

/** Parses and runs a command line; resolves with the process's exit code. */
export async function runCommandLine(
    args: readonly string[],
    terminal: Terminal = processTerminal(),
): Promise<number> {
    const program = createProgram(terminal);
    try {
        await program.parseAsync(args, { from: 'user' });
        return EXIT_CODES.ok;
    } catch (error) {
        if (error instanceof CommanderError) {
            return error.exitCode === 0 ? EXIT_CODES.ok : EXIT_CODES.usage;
        }
        tellFailure(terminal, error, program.opts<{ verbose?: boolean }>().verbose === true);
        return exitCodeOf(error);
    }
}
