/** Waits until something is so; what ends a wait in vain is the time limit of the test. */
export async function until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
