/** Different failures that are told of in the life of a process. */
const mostTold = 100;
/** What was told of already: once is enough. */
const told = new Set<string>();

/**
 * Something the application has given (a logger, a tracer, a callback) threw. That is neither an
 * outcome of an operation nor a reason to stop: the process is told by a warning.
 */
export function outsiderFailed(what: string, error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    if (told.has(`${what} ${why}`) || told.size >= mostTold) return;
    told.add(`${what} ${why}`);
    process.emitWarning(`${what} threw: ${why}. The client goes on without it.`, {
        type: 'GoodputWarning',
        code: 'GOODPUT_CALLBACK_FAILED',
    });
}

/** A callback of the application whose failure is told and not passed on. */
export function outside<A extends readonly unknown[]>(
    what: string,
    callback: ((...args: A) => void) | undefined,
): (...args: A) => void {
    return (...args) => {
        try {
            callback?.(...args);
        } catch (error) {
            outsiderFailed(what, error);
        }
    };
}
