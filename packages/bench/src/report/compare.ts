import { ratioToBaseline, type RunReport, type SystemReport } from './report.js';
import { rankSum } from './statistics.js';
import { columns, readable } from './table.js';

/** How much worse is too much. */
export interface CompareThresholds {
    /** Largest tolerated loss of goodput, as a share. @default 0.1 */
    readonly goodputLoss?: number;
    /** Largest tolerated growth of the 95th percentile of latency, as a share. @default 0.25 */
    readonly p95Growth?: number;
    /** A loss of goodput counts only when chance explains it less often than this. @default 0.05 */
    readonly significance?: number;
}

/** One system in both reports. */
export interface Comparison {
    readonly system: string;
    readonly goodputBefore: number;
    readonly goodputAfter: number;
    readonly p95Before: number;
    readonly p95After: number;
    /** Probability that the seconds of both runs come from one distribution. */
    readonly p: number;
    /** Why this is a regression; empty when it is none. */
    readonly regressions: readonly string[];
}

function committedPerSecond(report: SystemReport): number[] {
    // The last second is rarely a whole one.
    return report.recording.seconds.slice(0, -1).map(({ committed }) => committed);
}

function regressionsOf(
    before: SystemReport,
    after: SystemReport,
    p: number,
    thresholds: Required<CompareThresholds>,
): string[] {
    const found: string[] = [];
    const lost = 1 - after.goodputPerSecond / before.goodputPerSecond;
    if (lost > thresholds.goodputLoss && p < thresholds.significance) {
        found.push(`goodput fell by ${(lost * 100).toFixed(1)}% (p = ${p.toPrecision(2)})`);
    }
    const growth = after.recording.latency.p95Ms / before.recording.latency.p95Ms - 1;
    if (growth > thresholds.p95Growth) found.push(`p95 grew by ${(growth * 100).toFixed(1)}%`);
    if (before.verdict.ok && !after.verdict.ok) found.push('the ledger is no longer right');
    return found;
}

/** Compares the systems that both reports have. */
export function compareReports(
    before: RunReport,
    after: RunReport,
    thresholds: CompareThresholds = {},
): Comparison[] {
    const limits = { goodputLoss: 0.1, p95Growth: 0.25, significance: 0.05, ...thresholds };
    return before.systems.flatMap((old) => {
        const young = after.systems.find(({ system }) => system === old.system);
        if (young === undefined) return [];
        const { p } = rankSum(committedPerSecond(old), committedPerSecond(young));
        return {
            system: old.system,
            goodputBefore: old.goodputPerSecond,
            goodputAfter: young.goodputPerSecond,
            p95Before: old.recording.latency.p95Ms,
            p95After: young.recording.latency.p95Ms,
            p,
            regressions: regressionsOf(old, young, p, limits),
        };
    });
}

const header = ['system', 'valid ops/s', '→', 'change', 'p', 'p95 ms', '→', 'verdict'];

function cells(each: Comparison): string[] {
    const change = (each.goodputAfter / each.goodputBefore - 1) * 100;
    return [
        each.system,
        readable(each.goodputBefore),
        readable(each.goodputAfter),
        `${change >= 0 ? '+' : ''}${change.toFixed(1)}%`,
        each.p.toPrecision(2),
        readable(each.p95Before),
        readable(each.p95After),
        each.regressions.length === 0 ? 'ok' : each.regressions.join('; '),
    ];
}

/** The comparison for the terminal. */
export function comparisonTable(comparisons: readonly Comparison[]): string {
    return columns(header, comparisons.map(cells));
}

/** The comparison as Markdown, for a pull request. */
export function comparisonMarkdown(
    before: RunReport,
    after: RunReport,
    comparisons: readonly Comparison[],
): string {
    const row = (values: readonly string[]): string => `| ${values.join(' | ')} |`;
    const worse = comparisons.filter(({ regressions }) => regressions.length > 0);
    const best = after.systems.reduce(
        (most, each) => Math.max(most, ratioToBaseline(after, each)),
        0,
    );
    return [
        `### ${after.workload}: ${worse.length === 0 ? 'no regression' : `${worse.length} regressed`}`,
        '',
        row(header),
        row(header.map(() => '---')),
        ...comparisons.map((each) => row(cells(each))),
        '',
        `Load: ${after.load}. Before: ${before.machine}. After: ${after.machine}. Best ratio to ${after.systems[0]?.system ?? 'the baseline'}: ${readable(best)}x.`,
    ].join('\n');
}
