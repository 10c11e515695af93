import { expect } from 'chai';
import fc from 'fast-check';
import { MemoryLedger } from './memory-ledger.test.fixture.js';
import { Machine, operation, program } from './program.test.fixture.js';
import {
    decodeReceipts,
    encodeBatch,
    parseContractError,
    type BatchCall,
    type Receipt,
} from './wire.js';

/** What a client sees of a direct call, in the form of a receipt. */
async function direct(ledger: MemoryLedger, { fn, args }: BatchCall): Promise<Receipt> {
    const recorded = await ledger.endorse(fn, args);
    const { status, message = '', payload } = recorded.response ?? { status: 0 };
    if (status === 200) {
        expect(ledger.commit(recorded)).to.equal(true);
        return { ok: true, result: Buffer.from(payload ?? []).toString(), replayed: false };
    }
    const { code = 'CHAINCODE_OP_FAILED', text, details } = parseContractError(message);
    return { ok: false, code, message: text, details };
}

// On the wire of a direct call no payload and an empty one are the same.
function asDirect(receipt: Receipt): Receipt {
    return receipt.ok ? { ...receipt, result: receipt.result ?? '' } : receipt;
}

async function serially(ledger: MemoryLedger, calls: readonly BatchCall[]): Promise<Receipt[]> {
    const receipts: Receipt[] = [];
    for (const call of calls) receipts.push(await direct(ledger, call));
    return receipts;
}

const stateOf = (ledger: MemoryLedger) => [ledger.entries(), ledger.entries('secrets')];

describe('a batch against a serial ledger', () => {
    it('gives the same receipts and the same state as one transaction for each operation', async function () {
        this.timeout(120_000);
        await fc.assert(
            fc.asyncProperty(program, async ({ before, calls }) => {
                const [one, other] = [new MemoryLedger([Machine]), new MemoryLedger([Machine])];
                await serially(one, before);
                await serially(other, before);
                const batch = await one.endorse('executeBatch', [encodeBatch(calls)]);
                const receipts = decodeReceipts(batch.response?.payload ?? '');
                expect(one.commit(batch)).to.equal(true);
                expect(receipts.map(asDirect)).to.deep.equal(await serially(other, calls));
                expect(stateOf(one)).to.deep.equal(stateOf(other));
                expect(batch.writeLog, 'each key is written once').to.have.length(
                    batch.writes.size,
                );
            }),
            { numRuns: 500 },
        );
    });

    it('lets groups stand or fall as if they were transactions', async function () {
        this.timeout(120_000);
        const groups = fc.array(fc.array(operation, { minLength: 1, maxLength: 4 }), {
            minLength: 1,
            maxLength: 5,
        });
        await fc.assert(
            fc.asyncProperty(groups, async (all) => {
                const [one, other] = [new MemoryLedger([Machine]), new MemoryLedger([Machine])];
                let first = 0;
                const atomic = all.map((calls): [number, number] => {
                    first += calls.length;
                    return [first - calls.length, calls.length];
                });
                const batch = await one.endorse('executeBatch', [encodeBatch(all.flat(), atomic)]);
                expect(one.commit(batch)).to.equal(true);
                const receipts = decodeReceipts(batch.response?.payload ?? '');
                for (const [index, calls] of all.entries()) {
                    // A group is one transaction of its own; a failure anywhere in it means nothing of it.
                    const alone = await other.endorse('executeBatch', [encodeBatch(calls)]);
                    const fails = decodeReceipts(alone.response?.payload ?? '').some(
                        ({ ok }) => !ok,
                    );
                    if (!fails) expect(other.commit(alone)).to.equal(true);
                    const [begin, count] = atomic[index] ?? [0, 0];
                    const mine = receipts.slice(begin, begin + count);
                    expect(mine.every(({ ok }) => ok !== fails)).to.equal(true);
                }
                expect(stateOf(one)).to.deep.equal(stateOf(other));
            }),
            { numRuns: 200 },
        );
    });

    it('behaves, with one operation, exactly as the direct call', async function () {
        this.timeout(120_000);
        const before = fc.array(operation, { maxLength: 6 });
        await fc.assert(
            fc.asyncProperty(before, operation, async (setup, call) => {
                const ledger = new MemoryLedger([Machine]);
                await serially(ledger, setup);
                const alone = await ledger.endorse(call.fn, call.args);
                const batch = await ledger.endorse('executeBatch', [encodeBatch([call])]);
                const [receipt] = decodeReceipts(batch.response?.payload ?? '');
                expect(batch.reads).to.deep.equal(alone.reads);
                expect(batch.ranges).to.deep.equal(alone.ranges);
                expect(batch.writeLog).to.deep.equal(alone.writeLog);
                expect(batch.event).to.deep.equal(alone.event);
                if (alone.response?.status === 200) {
                    const text = Buffer.from(alone.response.payload ?? []).toString();
                    expect(receipt?.ok === true && (receipt.result ?? '')).to.equal(text);
                } else {
                    const told = parseContractError(alone.response?.message ?? '');
                    expect(receipt).to.deep.equal({
                        ok: false,
                        code: told.code ?? 'CHAINCODE_OP_FAILED',
                        message: told.text,
                        details: told.details,
                    });
                }
            }),
            { numRuns: 500 },
        );
    });

    it('records the reads it made, none twice, none of its own writes, and none that were not made', async function () {
        this.timeout(120_000);
        const key = fc.constantFrom('a', 'b', 'c');
        const simple = fc.oneof(
            fc.tuple(fc.constant('get'), key),
            fc.tuple(fc.constant('put'), key, fc.constant('1')),
            fc.tuple(fc.constant('risky'), key, fc.constantFrom('yes', 'no')),
            fc.tuple(fc.constant('scan'), key, fc.constant('z')),
        );
        await fc.assert(
            fc.asyncProperty(fc.array(simple, { maxLength: 10 }), async (steps) => {
                const ledger = new MemoryLedger([Machine]);
                await serially(ledger, [{ fn: 'put', args: ['b', '0'] }]);
                const calls = steps.map(([fn, ...args]): BatchCall => ({ fn, args }));
                const recorded = await ledger.endorse('executeBatch', [encodeBatch(calls)]);
                const pending = new Set<string>();
                const known = new Set<string>();
                const reads: string[] = [];
                const scans = new Set<string>();
                for (const [fn, at, more] of steps) {
                    if ((fn === 'get' || fn === 'risky') && !pending.has(at) && !known.has(at)) {
                        reads.push(at);
                        known.add(at);
                    }
                    if (fn === 'put') pending.add(at);
                    if (fn === 'risky' && more === 'no')
                        for (const each of ['', '2', '3']) pending.add(at + each);
                    if (fn === 'scan') {
                        scans.add(at);
                        if (at <= 'b') known.add('b');
                    }
                }
                expect([...recorded.reads.keys()].map((each) => each.slice(1))).to.deep.equal(
                    reads,
                );
                expect(recorded.ranges.map(({ start }) => start)).to.deep.equal([...scans]);
                expect(new Set(recorded.writeLog.map(([each]) => each))).to.deep.equal(pending);
            }),
            { numRuns: 300 },
        );
    });
});
