/** What a piece of work that must fail fails with. */
export async function failureOf(work: Promise<unknown>): Promise<unknown> {
    try {
        await work;
    } catch (error) {
        return error;
    }
    throw new Error('it did not fail');
}
