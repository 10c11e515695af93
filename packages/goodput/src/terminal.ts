import { inspect } from 'node:util';
import { CommandError } from './errors.js';

/** Where a command writes: results to one stream, everything else to the other. */
export interface Terminal {
    /** A line of the result. */
    out(text: string): void;
    /** A line about the work. */
    say(text: string): void;
    /** Replaces the last such line while a person is watching; printed now and then otherwise. */
    progress(text: string): void;
    /** Ends the progress line. */
    endProgress(): void;
    readonly colour: boolean;
    /** How wide a window is in which a person reads the results; undefined when none does. */
    readonly columns?: number;
}

const CLEAR_LINE = '\r\u001b[2K';

/** Watching or not, a line every so often is enough when it cannot be replaced. */
const PLAIN_PROGRESS_EVERY_MS = 5000;

/** By the conventions of https://no-color.org and https://force-color.org: NO_COLOR wins. */
function wantsColour(isTerminal: boolean): boolean {
    const { NO_COLOR: never = '', FORCE_COLOR: always = '' } = process.env;
    if (never !== '') return false;
    return isTerminal || (always !== '' && always !== '0');
}

/** The process's own streams. */
export function processTerminal(): Terminal {
    const { stdout, stderr } = process;
    let shown = false;
    let lastPlainAt = 0;
    const endProgress = (): void => {
        if (shown) stderr.write(CLEAR_LINE);
        shown = false;
    };
    return {
        out: (text) => {
            endProgress();
            stdout.write(`${text}\n`);
        },
        say: (text) => {
            endProgress();
            stderr.write(`${text}\n`);
        },
        progress: (text) => {
            if (stderr.isTTY) {
                stderr.write(CLEAR_LINE + text.slice(0, stderr.columns - 1));
                shown = true;
                return;
            }
            const now = Date.now();
            if (now - lastPlainAt < PLAIN_PROGRESS_EVERY_MS) return;
            lastPlainAt = now;
            stderr.write(`${text}\n`);
        },
        endProgress,
        ...(stdout.isTTY && { columns: stdout.columns }),
        colour: wantsColour(stdout.isTTY),
    };
}

/** Text broken between words so that no line is longer than the window; as it is when nobody reads it in one. */
export function wrapped(text: string, columns: number | undefined): string {
    if (columns === undefined) return text;
    const lines = text.split('\n').map((line) => {
        let length = 0;
        return line.split(' ').reduce((done, word) => {
            const fits = done === '' || length + 1 + word.length <= columns;
            length = fits && done !== '' ? length + 1 + word.length : word.length;
            return done === '' ? word : `${done}${fits ? ' ' : '\n'}${word}`;
        }, '');
    });
    return lines.join('\n');
}

/** One clear line, a suggestion, and the trace only when asked for. */
export function tellFailure(terminal: Terminal, error: unknown, verbose: boolean): void {
    terminal.endProgress();
    // Somebody's own code may throw anything.
    const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
    const text = typeof message === 'string' ? message : String(error);
    terminal.say(`goodput: ${text}${typeof code === 'string' ? ` [${code}]` : ''}`);
    if (error instanceof CommandError && error.suggestion !== undefined) {
        terminal.say(`  ${error.suggestion}`);
    }
    if (verbose) terminal.say(inspect(error, { depth: 5 }));
    else terminal.say('  --verbose shows the trace.');
}
