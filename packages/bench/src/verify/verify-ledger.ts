import { createHash } from 'node:crypto';
import { compareKeys, validationCodeName, VALIDATION_CODES, type Block } from '@goodput/rwset';
import type { OutcomeClass } from '../measure/outcome.js';
import type { TransactionCounts, Verdict } from '../report/report.js';
import type { ReplayOperation } from '../workloads/workload.js';
import type { LedgerOperation, OperationsOf } from './ledger-operations.js';
import { replaySerially } from './replay.js';

/** What is held against the ledger. */
export interface LedgerCheck {
    /** Every block from before the run's first operation to after its last. */
    readonly blocks: readonly Block[];
    readonly chaincode: string;
    /** The run's own part of the state: ids are `space/number`, keys `space:key`. */
    readonly space: string;
    /** What the system reported of each measured operation. */
    readonly reported: ReadonlyMap<string, OutcomeClass>;
    readonly operationsOf: OperationsOf;
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
const VALID = VALIDATION_CODES.VALID;
const decoder = new TextDecoder();

interface Seen {
    readonly ledger: LedgerOperation[];
    readonly state: Map<string, string>;
    readonly transactions: TransactionCounts;
}

function readBlocks(check: LedgerCheck): Seen {
    const ledger: LedgerOperation[] = [];
    const state = new Map<string, string>();
    const byCode: Record<string, number> = {};
    const blocksWithOurs = new Set<number>();
    let [valid, invalid] = [0, 0];
    for (const block of check.blocks) {
        for (const transaction of block.transactions) {
            if (transaction.chaincode?.name !== check.chaincode) continue;
            const operations = check
                .operationsOf(transaction)
                .filter(({ id }) => id.startsWith(`${check.space}/`));
            if (operations.length === 0) continue;
            blocksWithOurs.add(block.number);
            const name = validationCodeName(transaction.code);
            byCode[name] = (byCode[name] ?? 0) + 1;
            if (transaction.code !== VALID) {
                invalid++;
                continue;
            }
            valid++;
            for (const operation of operations) ledger.push(operation);
            const writes = transaction.rwset?.namespaces
                .filter(({ namespace }) => namespace === check.chaincode)
                .flatMap((each) => each.writes);
            for (const { key, value, isDelete } of writes ?? []) {
                if (!key.startsWith(`${check.space}:`)) continue;
                const ours = key.slice(check.space.length + 1);
                if (isDelete) state.delete(ours);
                else state.set(ours, decoder.decode(value));
            }
        }
    }
    return { ledger, state, transactions: { valid, invalid, byCode, blocks: blocksWithOurs.size } };
}

interface Counted {
    readonly lost: string[];
    readonly duplicated: string[];
    readonly unreported: string[];
}

function countApplied(check: LedgerCheck, ledger: readonly LedgerOperation[]): Counted {
    const applied = new Map<string, number>();
    for (const { id, accepted } of ledger) {
        if (accepted) applied.set(id, (applied.get(id) ?? 0) + 1);
    }
    const counted: Counted = { lost: [], duplicated: [], unreported: [] };
    for (const [id, times] of applied) if (times > 1) counted.duplicated.push(id);
    for (const [id, outcome] of check.reported) {
        const times = applied.get(id) ?? 0;
        if (outcome === 'committed' && times === 0) counted.lost.push(id);
        // An operation whose outcome the system honestly does not know may be in the ledger.
        if (outcome !== 'committed' && outcome !== 'timeout' && times > 0) {
            counted.unreported.push(id);
        }
    }
    return counted;
}

async function differingKeys(check: LedgerCheck, seen: Seen): Promise<string[]> {
    if (check.replay === undefined) return [];
    const { state, disagreements } = await replaySerially(seen.ledger, check.replay);
    const keys = new Set([...state.keys(), ...seen.state.keys()]);
    const differing = [...keys]
        .filter((key) => state.get(key) !== seen.state.get(key))
        .map(
            (key) =>
                `${key}: a serial replay gives ${state.get(key) ?? 'nothing'}, the ledger has ${seen.state.get(key) ?? 'nothing'}`,
        );
    return [...disagreements, ...differing];
}

function hashOf(state: ReadonlyMap<string, string>): string {
    const hash = createHash('sha256');
    const entries = [...state].sort(([a], [b]) => compareKeys(a, b));
    for (const entry of entries) hash.update(`${JSON.stringify(entry)}\n`);
    return hash.digest('hex');
}

/**
 * Holds what a system reported against what the ledger has: every operation exactly once, and the state that
 * a serial replay in the order of the ledger gives.
 */
export async function verifyLedger(check: LedgerCheck): Promise<LedgerResult> {
    const seen = readBlocks(check);
    const { lost, duplicated, unreported } = countApplied(check, seen.ledger);
    const wrong = await differingKeys(check, seen);
    const kinds: [readonly string[], string][] = [
        [lost, 'reported as committed and not in the ledger'],
        [duplicated, 'applied more than once'],
        [unreported, 'in the ledger and reported as failed'],
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
            wrongKeys: wrong.length,
            problems: problems.slice(0, MAX_PROBLEMS),
        },
    };
}
