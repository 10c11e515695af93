import { EXIT_CODES } from './exit-code.js';

/** Ends in an orderly way what knows how to, and anything else at once. */
function end(code: number): void {
    if (process.listenerCount('SIGTERM') > 0) process.emit('SIGTERM');
    else process.exit(code);
}

/**
 * Ends the command when its results can no longer be written. Without this the error would be thrown past
 * everybody, into a logger of the chaincode's libraries that answers it by writing more.
 */
export function watchOutput(): void {
    const { stdout, stderr } = process;
    stdout.once('error', (error: NodeJS.ErrnoException) => {
        // Whoever asked has read enough, as in "goodput blocks list FOLDER | head".
        const enough = error.code === 'EPIPE';
        stdout.on('error', () => undefined);
        if (!enough) stderr.write(`goodput: Cannot write the results: ${error.message}.\n`);
        end(enough ? EXIT_CODES.ok : EXIT_CODES.failed);
    });
    // Nobody is left to be told about it.
    stderr.on('error', () => undefined);
}
