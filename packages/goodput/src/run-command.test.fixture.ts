import { runCommandLine } from './program.js';
import type { Terminal } from './terminal.js';

/** What a command line came to. */
export interface Ran {
    readonly code: number;
    /** Results. */
    readonly out: string;
    /** Everything else. */
    readonly said: string;
}

/** Runs a command line in this process, on a terminal that only listens. */
export function run(...args: string[]): Promise<Ran> {
    return runIn(undefined, ...args);
}

/** The same in a window so wide. */
export async function runIn(columns: number | undefined, ...args: string[]): Promise<Ran> {
    const [out, said]: [string[], string[]] = [[], []];
    const nothing = (): void => undefined;
    const terminal: Terminal = {
        out: (text) => out.push(text),
        say: (text) => said.push(text),
        progress: nothing,
        endProgress: nothing,
        colour: false,
        ...(columns !== undefined && { columns }),
    };
    const code = await runCommandLine(args, terminal);
    return { code, out: out.join('\n'), said: said.join('\n') };
}
