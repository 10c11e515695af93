import { readFileSync } from 'node:fs';
import { whyUnreadable } from '@goodput/network';
import { BenchError } from '../errors.js';
import { damageOf } from './damage.js';
import type { LoadReport } from '../load/open-loop.js';
import type { Recording } from '../measure/recorder.js';

/** What the ledger says of a run, after it: the verdict that no speed can outweigh. */
export interface Verdict {
    /** Every accepted operation is in the ledger exactly once, and the state is what a serial replay gives. */
    readonly ok: boolean;
    /** Reported as committed, and in no valid transaction. */
    readonly lost: number;
    /** In more than one valid transaction. */
    readonly duplicated: number;
    /** In a valid transaction, and reported as anything but committed, or never asked for. */
    readonly unreported: number;
    /** In the ledger as another call than was asked for. */
    readonly altered: number;
    /** Told another transaction or another answer than the ledger has. */
    readonly misreported: number;
    /** Keys and answers that differ from the serial replay in ledger order. */
    readonly wrongKeys: number;
    /** Whether there was a replay to hold the state against; without one only the operations were. */
    readonly stateChecked?: boolean;
    /** Some of what is wrong, for people. */
    readonly problems: readonly string[];
}

/**
 * Transactions, as opposed to logical operations, that carried operations of the load, counted in the blocks:
 * those of set-up, warm-up and closing are not among them.
 */
export interface TransactionCounts {
    readonly valid: number;
    readonly invalid: number;
    readonly byCode: Readonly<Record<string, number>>;
    readonly blocks: number;
}

/** One system under one workload. */
export interface SystemReport {
    readonly system: string;
    readonly workload: string;
    readonly load: LoadReport;
    readonly recording: Recording;
    /** Committed logical operations a second, over the time from the first offered to the last ended. */
    readonly goodputPerSecond: number;
    /** Committed share of the offered operations that the contract did not refuse. */
    readonly success: number;
    readonly transactions: TransactionCounts;
    /** SHA-256 of the final state of the run: its keys in ledger order with their values. */
    readonly stateHash: string;
    readonly verdict: Verdict;
}

/** A whole run: one workload, several systems, one network. */
export interface RunReport {
    readonly form: 'goodput-bench-1';
    readonly startedAt: string;
    readonly machine: string;
    readonly network: string;
    readonly workload: string;
    readonly seed: string;
    /** For people, e.g. `300/s for 20 s`. */
    readonly load: string;
    readonly systems: readonly SystemReport[];
    /** Set when the run was ended before its time. */
    readonly interrupted?: boolean;
}

/** What the ledger came to, in a word or a sentence. */
export function verdictText({ ok, problems, stateChecked }: Verdict): string {
    if (!ok) return `FAILED: ${problems[0] ?? 'see the report'}`;
    // A report of an older version does not say; all of its workloads were replayed.
    return stateChecked === false ? 'once each' : 'verified';
}

/** How many times the first system's goodput another one's is; no number when neither committed anything. */
export function ratioToBaseline(report: RunReport, system: SystemReport): number {
    const baseline = report.systems[0]?.goodputPerSecond ?? 0;
    return system.goodputPerSecond / baseline;
}

const FORM = 'goodput-bench-1';

/** What is wrong with a value as a report, in words; nothing when it is one. */
function wrongWithReport(value: unknown): string | undefined {
    const { form } = (value ?? {}) as { form?: unknown };
    if (typeof value === 'object' && value !== null && form === FORM) return damageOf(value);
    return `its "form" is not ${FORM}`;
}

/** Reads the reports that a run wrote: one, or one for each load. Throws `BENCH_REPORT_UNREADABLE`. */
export function readReports(file: string): readonly RunReport[] {
    let value: unknown;
    try {
        value = JSON.parse(readFileSync(file, 'utf8'));
    } catch (cause) {
        const why = cause instanceof SyntaxError ? 'it is not JSON' : whyUnreadable(cause);
        throw new BenchError('BENCH_REPORT_UNREADABLE', `Cannot read the report ${file}: ${why}.`, {
            cause,
        });
    }
    const reports: unknown[] = Array.isArray(value) ? value : [value];
    const wrong = reports.length === 0 ? 'it is empty' : reports.map(wrongWithReport).find(Boolean);
    if (wrong === undefined) return reports as RunReport[];
    throw new BenchError(
        'BENCH_REPORT_UNREADABLE',
        `${file} is not a whole report of "goodput bench run --json": ${wrong}.`,
    );
}
