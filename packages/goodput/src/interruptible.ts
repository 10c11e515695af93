import { CommandError } from './errors.js';
import type { Terminal } from './terminal.js';

/**
 * Runs work that Ctrl-C ends in an orderly way: the first one aborts the signal, a second one ends the
 * process at once.
 *
 * @param onInterrupt - tells the person at the keyboard what the first one does
 */
export async function interruptible<T>(
    work: (signal: AbortSignal) => Promise<T>,
    onInterrupt?: () => void,
): Promise<T> {
    const controller = new AbortController();
    const interrupt = (): void => {
        if (controller.signal.aborted) process.exit(130);
        onInterrupt?.();
        controller.abort();
    };
    process.on('SIGINT', interrupt);
    process.on('SIGTERM', interrupt);
    try {
        return await work(controller.signal);
    } finally {
        process.off('SIGINT', interrupt);
        process.off('SIGTERM', interrupt);
    }
}

/** Says at the first Ctrl-C of a measurement what it does. */
export function sayEnding(terminal: Terminal): void {
    terminal.say('Ending: what is under way is waited for, and the ledger verified.');
    terminal.say('Ctrl-C again ends at once.');
}

/** Ends a command with the exit code of one that Ctrl-C has ended. Throws `COMMAND_INTERRUPTED`. */
export function endInterrupted(): never {
    throw new CommandError('COMMAND_INTERRUPTED', 'Ended before everything was measured.');
}

/** Resolves when the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
        if (signal.aborted) resolve();
        else {
            signal.addEventListener('abort', () => {
                resolve();
            });
        }
    });
}
