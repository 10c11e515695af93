import { createHash } from 'node:crypto';
import { compareKeys } from '@goodput/rwset';
import type { TransactionCounts, Verdict } from '../report/report.js';
import type { ReplayOperation, WorkloadOperation } from '../workloads/workload.js';
import { readRun, type LedgerOfRun, type PlacedOperation, type RunInLedger } from './read-run.js';
import { replaySerially, short } from './replay.js';
import type { Reported } from './reported.js';

/** What is held against the ledger. */
export interface LedgerCheck extends RunInLedger {
    /** Every operation that was submitted: of set-up, warm-up, load and closing. */
    readonly reported: ReadonlyMap<string, Reported>;
    /** Without it only the exactly-once check is made. */
    readonly replay?: Readonly<Record<string, ReplayOperation>>;
}

/** What the check comes to. */
export interface LedgerResult {
    readonly verdict: Verdict;
    /** SHA-256 over the final state, key by key in ledger order. */
    readonly stateHash: string;
    readonly transactions: TransactionCounts;
}

/** Problems listed in a verdict; their number is not limited by it. */
const MAX_PROBLEMS = 10;

interface Counted {
    readonly lost: string[];
    readonly duplicated: string[];
    readonly unreported: string[];
}

function countApplied({ reported }: LedgerCheck, ledger: readonly PlacedOperation[]): Counted {
    const applied = new Map<string, number>();
    for (const { id, accepted } of ledger) {
        if (accepted) applied.set(id, (applied.get(id) ?? 0) + 1);
    }
    const counted: Counted = { lost: [], duplicated: [], unreported: [] };
    for (const [id, times] of applied) {
        if (times > 1) counted.duplicated.push(id);
        if (!reported.has(id)) counted.unreported.push(`${id}, which nobody asked for`);
    }
    for (const [id, { class: outcome }] of reported) {
        const times = applied.get(id) ?? 0;
        if (outcome === 'committed' && times === 0) counted.lost.push(id);
        // An operation whose outcome the system honestly does not know may be in the ledger.
        if (outcome !== 'committed' && outcome !== 'timeout' && times > 0) {
            counted.unreported.push(id);
        }
    }
    return counted;
}

function call({ name, args }: WorkloadOperation): string {
    return `${name}(${args.join(', ')})`;
}

/** Operations that the ledger has otherwise than they were asked for. */
function alteredOnes({ reported }: LedgerCheck, ledger: readonly PlacedOperation[]): string[] {
    return ledger.flatMap((placed) => {
        const asked = reported.get(placed.id)?.operation;
        if (asked === undefined) return [];
        const same =
            asked.name === placed.name &&
            asked.args.length === placed.args.length &&
            asked.args.every((each, index) => each === placed.args[index]);
        return same
            ? []
            : [`${placed.id}: asked for ${short(call(asked))}, has ${short(call(placed))}`];
    });
}

/** Operations whose caller was told another transaction or another answer than the ledger has of them. */
function misreported({ reported }: LedgerCheck, ledger: readonly PlacedOperation[]): string[] {
    // One that was sent again is answered again, from another transaction than applied it.
    const places = new Set(ledger.map(({ id, transactionId }) => `${id} ${transactionId}`));
    return ledger.flatMap(({ id, accepted, transactionId, result }) => {
        const told = reported.get(id);
        if (!accepted || told?.class !== 'committed') return [];
        if (told.transactionId !== undefined && !places.has(`${id} ${told.transactionId}`)) {
            return [`${id}: is in ${transactionId}, its caller was told ${told.transactionId}`];
        }
        return told.result === undefined || result === undefined || told.result === result
            ? []
            : [`${id}: answered ${short(result)}, its caller was told ${short(told.result)}`];
    });
}

async function differingKeys({ replay }: LedgerCheck, seen: LedgerOfRun): Promise<string[]> {
    if (replay === undefined) return [];
    const { state, disagreements } = await replaySerially(seen.operations, replay);
    const keys = new Set([...state.keys(), ...seen.state.keys()]);
    const differing = [...keys]
        .filter((key) => state.get(key) !== seen.state.get(key))
        .map(
            (key) =>
                `${key}: a serial replay gives ${state.get(key) ?? 'nothing'}, the ledger has ${seen.state.get(key) ?? 'nothing'}`,
        );
    // A replay is held against the run's own keys; one that passes although others were written checks nothing.
    const outside = [...seen.keysOutside].map(
        (key) => `${key}: written outside of the run's own part of the state`,
    );
    return [...disagreements, ...differing, ...outside];
}

function hashOf(state: ReadonlyMap<string, string>): string {
    const hash = createHash('sha256');
    const entries = [...state].sort(([a], [b]) => compareKeys(a, b));
    for (const entry of entries) hash.update(`${JSON.stringify(entry)}\n`);
    return hash.digest('hex');
}

/**
 * Holds what a system reported against what the ledger has: every operation exactly once and as it was asked
 * for, its caller told what the ledger has of it, and the state and the answers that a serial replay in the
 * order of the ledger gives.
 */
export async function verifyLedger(check: LedgerCheck): Promise<LedgerResult> {
    const seen = readRun(check);
    const { lost, duplicated, unreported } = countApplied(check, seen.operations);
    const altered = alteredOnes(check, seen.operations);
    const wrongReceipts = misreported(check, seen.operations);
    const wrong = await differingKeys(check, seen);
    const kinds: [readonly string[], string][] = [
        [lost, 'reported as committed and not in the ledger'],
        [duplicated, 'applied more than once'],
        [unreported, 'in the ledger and not reported as committed'],
        [altered, 'in the ledger as another call than was asked for'],
        [wrongReceipts, 'whose caller was told what the ledger does not have'],
        [wrong, 'keys or answers that a serial replay does not give'],
    ];
    const problems = kinds
        .filter(([found]) => found.length > 0)
        .flatMap(([found, what]) => [`${found.length} ${what}`, ...found.slice(0, 2)]);
    return {
        transactions: seen.transactions,
        stateHash: hashOf(seen.state),
        verdict: {
            ok: problems.length === 0,
            lost: lost.length,
            duplicated: duplicated.length,
            unreported: unreported.length,
            altered: altered.length,
            misreported: wrongReceipts.length,
            wrongKeys: wrong.length,
            stateChecked: check.replay !== undefined,
            problems: problems.slice(0, MAX_PROBLEMS),
        },
    };
}
