/**
 * Runs work that Ctrl-C ends in an orderly way: the first one aborts the signal, a second one ends the
 * process at once.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    const interrupt = (): void => {
        if (controller.signal.aborted) process.exit(130);
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
