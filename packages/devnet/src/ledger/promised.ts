/** Runs work that needs no waiting behind an asynchronous interface: what it throws, rejects. */
export function promised<T>(work: () => T): Promise<T> {
    return new Promise((resolve) => {
        resolve(work());
    });
}
