import { BenchError } from '../errors.js';
import type { SecondOfRun } from '../measure/recorder.js';
import type { RunReport, SystemReport } from './report.js';
import { rankSum } from './statistics.js';

/** How much worse is too much. */
export interface CompareThresholds {
    /** Largest tolerated loss of goodput, as a share. @default 0.1 */
    readonly goodputLoss?: number;
    /** Largest tolerated growth of the 95th percentile of latency, as a share. @default 0.25 */
    readonly p95Growth?: number;
    /** A change counts only when chance explains it less often than this. @default 0.05 */
    readonly significance?: number;
}

/** One system in both reports, or in one of them. */
export interface Comparison {
    readonly workload: string;
    readonly load: string;
    readonly system: string;
    readonly goodputBefore: number;
    readonly goodputAfter: number;
    readonly p95Before: number;
    readonly p95After: number;
    /** Probability of such a difference in goodput were both runs' seconds of one distribution. */
    readonly p: number;
    /** The same of the seconds' 95th percentiles. */
    readonly latencyP: number;
    /** Why this is a regression; empty when it is none. */
    readonly regressions: readonly string[];
    /** What else should be known, such as a change that chance may explain. */
    readonly notes: readonly string[];
}

/** Fewest whole seconds of load: with fewer in each run no difference could be told from chance. */
export const FEWEST_SECONDS = 4;

/** The whole seconds during which load was offered: neither the last part of one, nor the draining after it. */
function loadedSeconds(report: SystemReport): readonly SecondOfRun[] {
    const whole = Math.floor(report.load.elapsedMs / 1000 + 0.05);
    return report.recording.seconds.slice(0, whole);
}

function percent(share: number): string {
    return `${(share * 100).toFixed(1)}%`;
}

/** A probability for people; the smallest are not said to be nothing. */
export function probability(p: number): string {
    return p < 0.001 ? '<0.001' : p.toPrecision(2);
}

interface Change {
    readonly what: string;
    /** How much worse, as a share. */
    readonly worse: number;
    readonly tolerated: number;
    readonly p: number;
}

/** A change beyond what is tolerated is a regression, or, when chance may explain it, a note. */
function judge(
    { what, worse, tolerated, p }: Change,
    significance: number,
    into: { regressions: string[]; notes: string[] },
): void {
    if (!(worse > tolerated)) return;
    const text = `${what} by ${percent(worse)} (p ${p < 0.001 ? '' : '= '}${probability(p)})`;
    if (p < significance) into.regressions.push(text);
    else into.notes.push(`${text}, which chance may explain: run longer`);
}

function compareSystem(
    of: Pick<RunReport, 'workload' | 'load'>,
    before: SystemReport,
    after: SystemReport,
    limits: Required<CompareThresholds>,
): Comparison {
    const seconds = [loadedSeconds(before), loadedSeconds(after)] as const;
    const short = seconds.find(({ length }) => length < FEWEST_SECONDS);
    if (short !== undefined) {
        throw new BenchError(
            'BENCH_REPORTS_DIFFER',
            `${of.workload}, ${before.system}: ${short.length} whole seconds of load are too few to tell a change from chance; at least ${FEWEST_SECONDS} are needed. Measure again with --seconds 20.`,
        );
    }
    const [old, young] = seconds;
    const committed = (each: readonly SecondOfRun[]) => each.map((second) => second.committed);
    const slowness = (each: readonly SecondOfRun[]) =>
        each.filter((second) => second.committed > 0).map(({ p95Ms }) => p95Ms);
    const { p } = rankSum(committed(old), committed(young));
    const { p: latencyP } = rankSum(slowness(old), slowness(young));
    const [p95Before, p95After] = [before.recording.latency.p95Ms, after.recording.latency.p95Ms];
    const found = { regressions: [] as string[], notes: [] as string[] };
    const lost = 1 - after.goodputPerSecond / before.goodputPerSecond;
    judge(
        { what: 'goodput fell', worse: lost, tolerated: limits.goodputLoss, p },
        limits.significance,
        found,
    );
    const grown = p95Before > 0 ? p95After / p95Before - 1 : 0;
    judge(
        { what: 'p95 grew', worse: grown, tolerated: limits.p95Growth, p: latencyP },
        limits.significance,
        found,
    );
    if (!after.verdict.ok) {
        if (before.verdict.ok) found.regressions.push('the ledger is no longer right');
        else found.notes.push('the ledger was wrong before, and is');
    }
    return {
        workload: of.workload,
        load: of.load,
        system: before.system,
        goodputBefore: before.goodputPerSecond,
        goodputAfter: after.goodputPerSecond,
        p95Before,
        p95After,
        p,
        latencyP,
        ...found,
    };
}

/** A system that stands in one of the reports only. To have lost one is a regression; a new one is not. */
function lonely(
    of: Pick<RunReport, 'workload' | 'load'>,
    system: SystemReport,
    where: 'before' | 'after',
): Comparison {
    const gone = where === 'before';
    return {
        workload: of.workload,
        load: of.load,
        system: system.system,
        goodputBefore: gone ? system.goodputPerSecond : Number.NaN,
        goodputAfter: gone ? Number.NaN : system.goodputPerSecond,
        p95Before: gone ? system.recording.latency.p95Ms : Number.NaN,
        p95After: gone ? Number.NaN : system.recording.latency.p95Ms,
        p: Number.NaN,
        latencyP: Number.NaN,
        regressions: gone ? ['not in the second report'] : [],
        notes: gone ? [] : ['not in the first report'],
    };
}

function partnerOf(report: RunReport, others: readonly RunReport[]): RunReport {
    const found = others.find(
        ({ workload, load }) => workload === report.workload && load === report.load,
    );
    if (found !== undefined) return found;
    const there = others.map(({ workload, load }) => `${workload}, ${load}`).join('; ');
    throw new BenchError(
        'BENCH_REPORTS_DIFFER',
        `The second report has no run of ${report.workload} under ${report.load}; it has ${there || 'none'}. Only the same workload under the same load can be compared.`,
    );
}

/**
 * Compares reports system by system. A change is a regression when it is beyond what is tolerated and a
 * rank-sum test over the seconds of both runs says that chance seldom explains it.
 *
 * Throws `BENCH_REPORTS_DIFFER` when the reports are not of the same workload and load, or too short.
 */
export function compareReports(
    before: readonly RunReport[],
    after: readonly RunReport[],
    thresholds: CompareThresholds = {},
): Comparison[] {
    const limits = { goodputLoss: 0.1, p95Growth: 0.25, significance: 0.05, ...thresholds };
    const comparisons = before.flatMap((old) => {
        const young = partnerOf(old, after);
        const common = old.systems.map((system) => {
            const partner = young.systems.find((each) => each.system === system.system);
            return partner === undefined
                ? lonely(old, system, 'before')
                : compareSystem(old, system, partner, limits);
        });
        const added = young.systems
            .filter(({ system }) => !old.systems.some((each) => each.system === system))
            .map((system) => lonely(young, system, 'after'));
        return [...common, ...added];
    });
    const known = before.map((old) => partnerOf(old, after));
    const unknown = after.filter((report) => !known.includes(report));
    return [
        ...comparisons,
        ...unknown.flatMap((report) =>
            report.systems.map((system) => lonely(report, system, 'after')),
        ),
    ];
}
