import { ratioToBaseline, readable, type RunReport } from '@goodput/bench';

/** What happened in a side-by-side run, in two sentences. */
export function tellStory(report: RunReport): string {
    const [baseline, ours] = report.systems;
    if (baseline === undefined || ours === undefined || report.interrupted === true)
        return 'The run was ended before both clients were measured.';
    const lostShare = 100 * (1 - baseline.success);
    const { valid, invalid } = baseline.transactions;
    const first =
        invalid === 0
            ? `Nothing met on a key: the plain client had no transaction invalidated.`
            : `The plain client lost ${lostShare.toFixed(0)}% of its operations, ${invalid} of its ${valid + invalid} transactions invalidated because another one had changed what they read.`;
    const ratio = ratioToBaseline(report, ours);
    const opsPerTransaction =
        ours.recording.counts.committed / Math.max(1, ours.transactions.valid);
    const second = `Goodput committed ${(ours.success * 100).toFixed(1)}% of the same operations, ${readable(ratio)} times as many a second, in ${ours.transactions.valid} transactions of ${readable(opsPerTransaction)} operations each, and the ledger was checked to hold every one of them exactly once.`;
    return `${first}\n${second}`;
}
