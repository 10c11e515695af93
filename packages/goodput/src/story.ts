import { ratioToBaseline, readable, type RunReport, type SystemReport } from '@goodput/bench';

/** What cost a plain client operations, in words. What the contract refused is not lost. */
const LOSSES = [
    [['mvcc-conflict', 'phantom-conflict'], 'because another one had changed what they read'],
    [['endorsement-failed'], 'because they could not be endorsed'],
    [['overload', 'timeout'], 'because the network could not keep up'],
    [['invalid', 'failed'], 'otherwise'],
] as const;

function listed(parts: readonly string[]): string {
    return parts.length < 2
        ? parts.join('')
        : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}

function whatWasLost({ success, recording }: SystemReport): string {
    const losses = LOSSES.map(([classes, why]) => ({
        why,
        count: classes.reduce((sum, each) => sum + recording.counts[each], 0),
    })).filter(({ count }) => count > 0);
    if (losses.length === 0) return 'The plain client lost no operation.';
    const reasons = listed(losses.map(({ count, why }) => `${count} ${why}`));
    return `The plain client lost ${(100 * (1 - success)).toFixed(0)}% of its operations: ${reasons}.`;
}

/** What happened in a side-by-side run, in two sentences. */
export function tellStory(report: RunReport): string {
    const [baseline, ours] = report.systems;
    if (baseline === undefined || ours === undefined || report.interrupted === true)
        return 'The run was ended before both clients were measured.';
    const ratio = ratioToBaseline(report, ours);
    const times = Number.isFinite(ratio)
        ? `${readable(ratio)} times as many a second`
        : 'of which the plain client committed none';
    const perTransaction = ours.recording.counts.committed / Math.max(1, ours.transactions.valid);
    const checked = ours.verdict.ok
        ? 'and the ledger was checked to hold every one of them exactly once'
        : 'but the ledger does not hold what it reported';
    return [
        whatWasLost(baseline),
        `Goodput committed ${(ours.success * 100).toFixed(1)}% of the same operations, ${times}, in ${ours.transactions.valid} transactions of ${readable(perTransaction)} operations each, ${checked}.`,
    ].join('\n');
}
