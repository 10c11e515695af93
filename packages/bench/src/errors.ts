/** Every code a {@link BenchError} can carry, with what it means. */
export const ERROR_CODES = {
    BENCH_SCHEDULE_INVALID: 'A load schedule has a rate, duration or count that cannot be driven.',
    BENCH_WORKLOAD_UNKNOWN: 'There is no built-in workload of that name, nor a file at that path.',
    BENCH_WORKLOAD_INVALID:
        'A workload file exports no workload, or what it gives is no operation.',
    BENCH_SYSTEM_UNKNOWN: 'There is no system under comparison of that name.',
    BENCH_REPORT_UNREADABLE: 'A report file cannot be read or is not a report.',
    BENCH_REPORTS_DIFFER:
        'Two reports cannot be compared: other workloads or loads, or too short a run.',
    BENCH_NETWORK_FAILED: 'The embedded network of a run did not start.',
    BENCH_PREPARATION_FAILED: 'The initial state of a workload could not be written.',
} as const;

/** A stable error code of this package. */
export type BenchErrorCode = keyof typeof ERROR_CODES;

/** What went wrong before, around or after a benchmark run; never a failed operation within one. */
export class BenchError extends Error {
    override readonly name = 'BenchError';
    readonly code: BenchErrorCode;

    constructor(code: BenchErrorCode, message: string, options?: { readonly cause?: unknown }) {
        super(message, options);
        this.code = code;
    }
}
