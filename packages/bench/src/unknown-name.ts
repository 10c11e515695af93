/** Share of a word's letters that may be wrong for another to be the one that was meant. */
const MOST_WRONG = 0.4;

/** Letters to insert, leave out, replace or swap with the next one to make one word of another. */
export function distance(from: string, to: string): number {
    let [beforeLast, last] = [[] as number[], Array.from({ length: to.length + 1 }, (_, j) => j)];
    for (let i = 1; i <= from.length; i++) {
        const row = [i];
        for (let j = 1; j <= to.length; j++) {
            const same = from[i - 1] === to[j - 1];
            const swapped = from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
            row[j] = Math.min(
                (last[j] ?? 0) + 1,
                (row[j - 1] ?? 0) + 1,
                (last[j - 1] ?? 0) + (same ? 0 : 1),
                swapped ? (beforeLast[j - 2] ?? 0) + 1 : Infinity,
            );
        }
        [beforeLast, last] = [last, row];
    }
    return last[to.length] ?? 0;
}

/** The name that was probably meant, if any is near enough. */
function meant(name: string, known: readonly string[]): string | undefined {
    const wanted = name.toLowerCase();
    const near = known
        .map((each) => ({ each, wrong: distance(wanted, each) }))
        .filter(({ each, wrong }) => wrong <= Math.max(each.length, name.length) * MOST_WRONG)
        .sort((a, b) => a.wrong - b.wrong);
    // Half a name is as good as a slip of the finger.
    return near[0]?.each ?? known.find((each) => wanted !== '' && each.startsWith(wanted));
}

/**
 * Says in a sentence that there is nothing of a name, what was probably meant, and what there is.
 *
 * @example
 * ```ts
 * import { unknownName } from '@goodput/bench';
 *
 * console.log(unknownName('system', 'palin', ['plain', 'auto']));
 * // => There is no system "palin". Did you mean plain? There are plain, auto.
 * ```
 */
export function unknownName(what: string, name: string, known: readonly string[]): string {
    const guess = meant(name, known);
    const asked = guess === undefined ? '' : ` Did you mean ${guess}?`;
    return `There is no ${what} "${name}".${asked} There are ${known.join(', ')}.`;
}
