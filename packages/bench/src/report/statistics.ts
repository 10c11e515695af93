/** What a rank-sum test found. */
export interface RankSum {
    /** Probability of a difference this large were both samples of the same distribution; two-sided. */
    readonly p: number;
    /** Probability that a value of the second sample is above one of the first (0.5: neither). */
    readonly superiority: number;
}

/** The error function, to 1.5e-7 (Abramowitz and Stegun 7.1.26). */
function erf(x: number): number {
    const t = 1 / (1 + 0.3275911 * Math.abs(x));
    const series =
        t *
        (0.254829592 +
            t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
    return Math.sign(x) * (1 - series * Math.exp(-x * x));
}

/** Ranks from 1, ties sharing their mean rank, and the sum of t³-t over groups of t ties. */
function ranked(values: readonly number[]): { ranks: number[]; ties: number } {
    const order = values
        .map((_, index) => index)
        .sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
    const ranks = new Array<number>(values.length).fill(0);
    let ties = 0;
    for (let from = 0; from < order.length;) {
        let to = from;
        while (to < order.length && values[order[to] ?? 0] === values[order[from] ?? 0]) to++;
        for (let at = from; at < to; at++) ranks[order[at] ?? 0] = (from + 1 + to) / 2;
        ties += (to - from) ** 3 - (to - from);
        from = to;
    }
    return { ranks, ties };
}

/**
 * The Mann-Whitney rank-sum test with the normal approximation, corrected for ties and continuity. It asks
 * for no particular distribution, which seconds of a benchmark do not have.
 */
export function rankSum(first: readonly number[], second: readonly number[]): RankSum {
    const [n, m] = [first.length, second.length];
    if (n === 0 || m === 0) return { p: 1, superiority: 0.5 };
    const { ranks, ties } = ranked([...first, ...second]);
    const sumOfSecond = ranks.slice(n).reduce((sum, rank) => sum + rank, 0);
    const u = sumOfSecond - (m * (m + 1)) / 2;
    const superiority = u / (n * m);
    const total = n + m;
    const variance = ((n * m) / 12) * (total + 1 - ties / (total * (total - 1)));
    if (variance <= 0) return { p: 1, superiority };
    const distance = Math.max(0, Math.abs(u - (n * m) / 2) - 0.5);
    return { p: 1 - erf(distance / Math.sqrt(2 * variance)), superiority };
}
