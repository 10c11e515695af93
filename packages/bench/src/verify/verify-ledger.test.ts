import { expect } from 'chai';
import type { Block, BlockTransaction } from '@goodput/rwset';
import { verdictText } from '../report/report.js';
import { workloads } from '../workloads/built-in.js';
import type { OutcomeClass } from '../measure/outcome.js';
import type { ReplayOperation, WorkloadOperation } from '../workloads/workload.js';
import { bareName, singleOperation } from './ledger-operations.js';
import { replaySerially } from './replay.js';
import type { Reported } from './reported.js';
import { verifyLedger, type LedgerCheck } from './verify-ledger.js';

const encoder = new TextEncoder();
const MVCC = 11;

interface Planned {
    readonly id: string;
    readonly call: readonly string[];
    readonly writes: Readonly<Record<string, string>>;
    readonly code?: number;
    readonly answer?: string;
}

function transaction(
    { id, call: [name = '', ...args], writes, code = 0, answer }: Planned,
    txNum: number,
) {
    return {
        kind: 'invoke',
        headerType: 3,
        txId: `tx-${id}`,
        channelId: 'c',
        timestampMs: 0,
        creatorMspId: 'Org1MSP',
        creator: new Uint8Array(),
        chaincode: { name: 'bench', version: '1' },
        functionName: name,
        args: [id, ...args].map((each) => encoder.encode(each)),
        rwset: {
            namespaces: [
                {
                    namespace: 'bench',
                    reads: [],
                    rangeQueries: [],
                    metadataWrites: [],
                    collections: [],
                    writes: Object.entries(writes).map(([key, value]) => ({
                        key,
                        isDelete: false,
                        value: encoder.encode(value),
                    })),
                },
            ],
        },
        endorsers: [],
        event: undefined,
        response:
            answer === undefined
                ? undefined
                : { status: 200, message: '', payload: encoder.encode(answer) },
        problem: undefined,
        txNum,
        code,
    } satisfies BlockTransaction;
}

function block(number: number, ...planned: Planned[]): Block {
    const none = new Uint8Array();
    return { number, previousHash: none, dataHash: none, transactions: planned.map(transaction) };
}

const add = (id: string, sum: number, code?: number): Planned => ({
    id: `s/${id}`,
    call: ['add', 'k', '1'],
    writes: { 's:counter:k': String(sum) },
    ...(code !== undefined && { code }),
});

const addOne: WorkloadOperation = { name: 'add', args: ['k', '1'] };

function check(
    blocks: Block[],
    reported: Record<string, OutcomeClass | Omit<Reported, 'operation'>>,
    operation = addOne,
): LedgerCheck {
    const told = (each: OutcomeClass | Omit<Reported, 'operation'>): Reported => ({
        operation,
        ...(typeof each === 'string' ? { class: each } : each),
    });
    return {
        blocks,
        chaincode: 'bench',
        space: 's',
        reported: new Map(Object.entries(reported).map(([id, each]) => [`s/${id}`, told(each)])),
        operationsOf: singleOperation,
        ...(workloads[0]?.replay && { replay: workloads[0].replay }),
    };
}

/** An increase by one, whose row says something else when it is given. */
const increase = (id: string, row: string, writes = '1'): Planned => ({
    id: `s/${id}`,
    call: ['increase', 'c', '1'],
    writes: { [row]: writes },
    answer: '',
});

function checkSum(...planned: Planned[]): ReturnType<typeof verifyLedger> {
    const outcomes: Record<string, OutcomeClass> = {};
    for (const { id } of planned) outcomes[id.slice(2)] = 'committed';
    return verifyLedger({
        ...check([block(1, ...planned)], outcomes, {
            name: 'increase',
            args: ['c', '1'],
        }),
        counterOfRow: (key, run) => (key.startsWith(`delta/${run}/`) ? 'c' : undefined),
    });
}

describe('verifying the ledger', () => {
    it('is satisfied with a right one, and counts its transactions by code', async () => {
        const blocks = [block(1, add('1', 1), add('2', 1, MVCC)), block(2, add('3', 2))];
        const { verdict, transactions } = await verifyLedger(
            check(blocks, { 1: 'committed', 2: 'mvcc-conflict', 3: 'committed' }),
        );
        expect(verdict.problems).to.deep.equal([]);
        expect(verdict.ok).to.equal(true);
        expect(transactions).to.deep.equal({
            valid: 2,
            invalid: 1,
            byCode: { VALID: 2, MVCC_READ_CONFLICT: 1 },
            blocks: 2,
        });
    });

    it('holds the sum of the changes of a counter against the replay', async () => {
        const { verdict } = await checkSum(increase('1', 'delta/s/1'), increase('2', 'delta/s/2'));
        expect(verdict.problems).to.deep.equal([]);
    });

    it('catches a change that is lost to another, is of another amount, or of another run', async () => {
        const overwritten = [increase('1', 'delta/s/1'), increase('2', 'delta/s/1')];
        expect((await checkSum(...overwritten)).verdict.problems).to.include(
            'sum of c: a serial replay gives 2, the ledger has 1',
        );
        expect((await checkSum(increase('1', 'delta/s/1', '2'))).verdict.problems).to.include(
            'sum of c: a serial replay gives 1, the ledger has 2',
        );
        expect((await checkSum(increase('1', 'delta/s/1', '1.5'))).verdict.problems).to.include(
            'sum of c: a serial replay gives 1, the ledger has delta/s/1 with 1.5, no whole number',
        );
        expect((await checkSum(increase('1', 'delta/other/1'))).verdict).to.include({
            ok: false,
            wrongKeys: 2,
        });
    });

    it('does not wait for a replay that never answers, and takes one that forgets to be asynchronous', async () => {
        const calls = ['1', '2'].map((id) => ({ id, ...addOne, accepted: true }));
        const never = (): Promise<never> => new Promise(() => undefined);
        expect((await replaySerially(calls, { add: never }, 5)).disagreements).to.deep.equal([
            '1 (add): the replay never answers, and ends here',
        ]);
        const careless = (() => 'sum') as unknown as ReplayOperation;
        expect((await replaySerially(calls, { add: careless })).disagreements).to.deep.equal([]);
        const throwing = (): never => {
            throw new Error('at once');
        };
        const { disagreements } = await replaySerially(calls, { add: throwing });
        expect(disagreements[0]).to.equal('1 (add): the replay refuses it: at once');
    });

    it('catches a planted loss', async () => {
        const { verdict } = await verifyLedger(
            check([block(1, add('1', 1))], { 1: 'committed', 2: 'committed' }),
        );
        expect(verdict).to.include({ ok: false, lost: 1, duplicated: 0 });
        expect(verdict.problems).to.include('s/2');
    });

    it('catches a planted duplicate', async () => {
        const { verdict } = await verifyLedger(
            check([block(1, add('1', 1)), block(2, add('1', 2))], { 1: 'committed' }),
        );
        expect(verdict).to.include({ ok: false, duplicated: 1, lost: 0 });
    });

    it('catches a planted reorder: a state that no serial run in the order of the ledger gives', async () => {
        // Both are valid and once in the ledger, yet the second was computed before the first.
        const blocks = [block(1, add('1', 2)), block(2, add('2', 1))];
        const { verdict } = await verifyLedger(check(blocks, { 1: 'committed', 2: 'committed' }));
        expect(verdict).to.include({ ok: false, lost: 0, duplicated: 0, wrongKeys: 1 });
        expect(verdict.problems.join()).to.contain('a serial replay gives 2, the ledger has 1');
    });

    it('catches an operation applied and reported as failed, but forgives an honest "unknown"', async () => {
        const blocks = [block(1, add('1', 1), add('2', 2))];
        const { verdict } = await verifyLedger(check(blocks, { 1: 'failed', 2: 'timeout' }));
        expect(verdict).to.include({ ok: false, unreported: 1 });
    });

    it('catches an operation that the contract should have refused', async () => {
        const take = { id: 's/1', call: ['take', 'i', '5'], writes: { 's:stock:i': '-5' } };
        const asked = { name: 'take', args: ['i', '5'] };
        const { verdict } = await verifyLedger(check([block(1, take)], { 1: 'committed' }, asked));
        expect(verdict).to.include({ ok: false, altered: 0 });
        expect(verdict.problems.join()).to.contain('only 0 left, 5 wanted');
    });

    it('catches an operation that was applied with other arguments than were asked for', async () => {
        // Once, valid, and explained by a replay of what the ledger has: only the caller knows better.
        const other = { ...add('1', 7), call: ['add', 'k', '7'] };
        const { verdict } = await verifyLedger(check([block(1, other)], { 1: 'committed' }));
        expect(verdict).to.include({ ok: false, altered: 1, lost: 0, wrongKeys: 0 });
        expect(verdict.problems).to.include('s/1: asked for "add(k, 1)", has "add(k, 7)"');
    });

    it('catches an operation that nobody asked for', async () => {
        const blocks = [block(1, add('1', 1), add('2', 2))];
        const { verdict } = await verifyLedger(check(blocks, { 1: 'committed' }));
        expect(verdict).to.include({ ok: false, unreported: 1 });
        expect(verdict.problems.join()).to.contain('s/2, which nobody asked for');
    });

    it('catches receipts that were swapped, by their transactions and by their answers', async () => {
        const blocks = [
            block(1, { ...add('1', 1), answer: '1' }),
            block(2, { ...add('2', 2), answer: '2' }),
        ];
        const told = (transactionId: string, result: string) =>
            ({ class: 'committed', transactionId, result }) as const;
        const right = { 1: told('tx-s/1', '1'), 2: told('tx-s/2', '2') };
        expect((await verifyLedger(check(blocks, right))).verdict.problems).to.deep.equal([]);
        for (const swapped of [
            { 1: told('tx-s/2', '1'), 2: told('tx-s/1', '2') },
            { 1: told('tx-s/1', '2'), 2: told('tx-s/2', '1') },
        ]) {
            const { verdict } = await verifyLedger(check(blocks, swapped));
            expect(verdict).to.include({ ok: false, misreported: 2, lost: 0, wrongKeys: 0 });
        }
    });

    it('catches an answer that the contract should not have given', async () => {
        const blocks = [block(1, { ...add('1', 1), answer: '41' })];
        const { verdict } = await verifyLedger(check(blocks, { 1: 'committed' }));
        expect(verdict).to.include({ ok: false, wrongKeys: 1 });
        expect(verdict.problems.join()).to.contain('answered "41", the replay answers "1"');
    });

    it('is not content with a check that looks at nothing', async () => {
        const passes = { add: () => Promise.resolve() };
        const elsewhere = { ...add('1', 1), writes: { 'counter:k': '1' } };
        for (const planned of [elsewhere, add('1', 1)]) {
            const always = { ...check([block(1, planned)], { 1: 'committed' }), replay: passes };
            expect((await verifyLedger(always)).verdict).to.include({ ok: false, wrongKeys: 1 });
        }
    });

    it('says when there was no check of the state', async () => {
        const { replay, ...once } = check([block(1, add('1', 5))], { 1: 'committed' });
        expect(replay).to.be.an('object');
        const { verdict } = await verifyLedger(once);
        expect(verdict).to.include({ ok: true, stateChecked: false });
        expect(verdictText(verdict)).to.equal('once each');
    });

    it('leaves the rest of the ledger alone', async () => {
        const other = { ...add('9', 7), id: 'elsewhere/9', writes: { 'elsewhere:counter:k': '7' } };
        const { verdict, transactions } = await verifyLedger(
            check([block(1, other, add('1', 1))], { 1: 'committed' }),
        );
        expect(verdict.ok).to.equal(true);
        expect(transactions.valid).to.equal(1);
    });

    it('knows the function of a contract that is not the default one', () => {
        expect(bareName('opaque:add')).to.equal('add');
        expect(bareName('add')).to.equal('add');
    });
});
