/** How many candidates are looked at before planning stops: enough for a majority of 13 organisations. */
const MAX_CANDIDATES = 2_000;

/** Up to so many peers, every set of them is tried, which finds the sets of the oddest policy too. */
const MAX_EXHAUSTIVE = 8;

function* subsets(names: readonly string[]): Generator<readonly string[]> {
    for (let mask = 0; mask < 1 << names.length; mask++) {
        yield names.filter((_, index) => mask & (1 << index));
    }
}

/** Takes elements of a lazy sequence until there are enough. */
function* take<T>(count: number, items: Iterable<T>): Generator<T> {
    let left = count;
    for (const item of items) {
        if (left-- <= 0) return;
        yield item;
    }
}

/** Every way to take `count` of the alternatives and one candidate of each taken. */
export function* choose(
    count: number,
    alternatives: readonly (() => Iterable<readonly string[]>)[],
    from = 0,
): Generator<readonly (readonly string[])[]> {
    if (count <= 0) {
        yield [];
        return;
    }
    for (let at = from; at <= alternatives.length - count; at++) {
        for (const first of alternatives[at]?.() ?? []) {
            for (const rest of choose(count - 1, alternatives, at + 1)) yield [first, ...rest];
        }
    }
}

/** The smallest set that holds every one of the sets: each name as often as the set with most of it. */
export function union(sets: readonly (readonly string[])[]): readonly string[] {
    const most = new Map<string, number>();
    for (const set of sets) {
        for (const [name, count] of countsOf(set)) {
            most.set(name, Math.max(count, most.get(name) ?? 0));
        }
    }
    return [...most].flatMap(([name, count]) => new Array<string>(count).fill(name));
}

function countsOf(names: readonly string[]): Map<string, number> {
    const counts = new Map<string, number>();
    for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
    return counts;
}

function fitsInto(part: ReadonlyMap<string, number>, whole: ReadonlyMap<string, number>): boolean {
    return [...part].every(([name, count]) => (whole.get(name) ?? 0) >= count);
}

/**
 * Of the candidates, those that can be had and hold no smaller one, each once; smallest first, then
 * in the order of `available`.
 */
export function smallestSets(
    candidates: Iterable<readonly string[]>,
    available: readonly string[],
    suffices: (candidate: readonly string[]) => boolean,
): readonly (readonly string[])[] {
    const supply = countsOf(available);
    const rank = new Map([...supply.keys()].map((name, index) => [name, index]));
    const rankOf = (name: string): number => rank.get(name) ?? 0;
    const unique = new Map<string, readonly string[]>();
    const tried = available.length <= MAX_EXHAUSTIVE ? subsets(available) : candidates;
    for (const candidate of take(MAX_CANDIDATES, tried)) {
        if (!fitsInto(countsOf(candidate), supply)) continue;
        const ordered = candidate.toSorted((a, b) => rankOf(a) - rankOf(b));
        unique.set(ordered.join('\n'), ordered);
    }
    const positions = (set: readonly string[]): string =>
        set.map((name) => String(rankOf(name)).padStart(4, '0')).join();
    const bySize = [...unique.values()]
        .filter(suffices)
        .toSorted((a, b) => a.length - b.length || (positions(a) < positions(b) ? -1 : 1));
    const kept: { readonly set: readonly string[]; readonly counts: Map<string, number> }[] = [];
    for (const set of bySize) {
        const counts = countsOf(set);
        const holdsSmaller = kept.some(
            (other) => other.set.length < set.length && fitsInto(other.counts, counts),
        );
        if (!holdsSmaller) kept.push({ set, counts });
    }
    return kept.map(({ set }) => set);
}

/** Remembers the sets found for each list of available peers: planning asks for every transaction. */
export class Plans {
    readonly #found = new Map<string, readonly (readonly string[])[]>();

    /** The sets found for `available` before, or what `find` finds now. */
    get(
        available: readonly string[],
        find: () => readonly (readonly string[])[],
    ): readonly (readonly string[])[] {
        const key = available.join('\n');
        const known = this.#found.get(key);
        if (known !== undefined) return known;
        const found = find();
        this.#found.set(key, found);
        return found;
    }
}
