import { ledger as protos } from '@hyperledger/fabric-protos';
import { VALIDATION_CODES } from '@goodput/rwset';
import { expect } from 'chai';
import * as fc from 'fast-check';

import { openLedger } from './ledger.js';
import type { CommittedBlock, Ledger } from './ledger.js';
import { commitPuts, commitTogether, envelopeOf } from './test-support/build-block.js';
import { nextBlock, work } from './test-support/build-block.js';
import { collect, compositeKey } from './test-support/lab-contract.js';

const { VALID, DUPLICATE_TXID, ENDORSEMENT_POLICY_FAILURE, BAD_CREATOR_SIGNATURE } =
    VALIDATION_CODES;

describe('a ledger', () => {
    let ledger: Ledger;
    beforeEach(async () => {
        ledger = await openLedger({ channel: 'c' });
    });
    afterEach(async () => {
        await ledger.close();
    });

    const put = async (txId: string, key: string, value: string): Promise<Uint8Array> => {
        const simulation = await ledger.simulate(txId);
        simulation.putState('cc', key, Buffer.from(value));
        return envelopeOf(txId, simulation.done().publicBytes);
    };
    const value = async (key: string): Promise<string> => {
        const simulation = await ledger.simulate('read');
        const found = await simulation.getState('cc', key);
        simulation.done();
        return Buffer.from(found ?? []).toString();
    };

    it('applies what is valid and keeps what is not', async () => {
        const envelopes = [await put('t1', 'a', '1'), await put('t2', 'b', '2')];
        const committed = await ledger.commit(nextBlock(ledger, envelopes), [
            VALID,
            ENDORSEMENT_POLICY_FAILURE,
        ]);
        expect(committed.codes).to.deep.equal([VALID, ENDORSEMENT_POLICY_FAILURE]);
        expect([await value('a'), await value('b')]).to.deep.equal(['1', '']);
        expect(ledger.transaction('t2')).to.deep.equal({
            txId: 't2',
            code: ENDORSEMENT_POLICY_FAILURE,
            blockNumber: 0,
            index: 1,
        });
        expect(ledger.blockByTxId('t2')?.getHeader()?.getNumber()).to.equal(0);
        expect(ledger.transaction('t3')).to.equal(undefined);
    });

    it('commits bytes that are no transaction as what the checks before it called them', async () => {
        const block = nextBlock(ledger, [Buffer.from('garbage'), await put('t', 'a', '1')]);
        const { codes } = await ledger.commit(block, [VALIDATION_CODES.BAD_PAYLOAD, VALID]);
        expect(codes).to.deep.equal([VALIDATION_CODES.BAD_PAYLOAD, VALID]);
        expect(await value('a')).to.equal('1');
        const again = nextBlock(ledger, [Buffer.from('garbage')]);
        const { codes: second } = await ledger.commit(again, [VALID]);
        expect(second).to.deep.equal([VALIDATION_CODES.INVALID_OTHER_REASON]);
    });

    it('survives every mutation of a transaction, and takes broken ones for invalid', async function () {
        this.timeout(180_000);
        const original = Buffer.from(await put('original', 'a', '1'));
        const mutation = fc.tuple(fc.nat(original.length - 1), fc.nat(255), fc.nat(3));
        const mutations = fc.array(mutation, { minLength: 1, maxLength: 4 });
        await fc.assert(
            fc.asyncProperty(fc.array(mutations, { minLength: 1, maxLength: 5 }), async (all) => {
                const envelopes = all.map((changes) => {
                    let bytes: Buffer = Buffer.from(original);
                    for (const [at, byte, how] of changes) {
                        if (how === 0) bytes = bytes.subarray(0, at);
                        else if (how === 1) {
                            bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]);
                        } else if (at < bytes.length) bytes[at] = byte;
                    }
                    return bytes;
                });
                const { height } = ledger;
                const block = nextBlock(ledger, envelopes);
                const { codes } = await ledger.commit(
                    block,
                    envelopes.map(() => VALID),
                );
                expect(codes).to.have.length(envelopes.length);
                expect(ledger.height).to.equal(height + 1);
                const simulation = await ledger.simulate('check');
                await collect(await simulation.getStateByRange('cc', '', ''));
                simulation.done();
            }),
            { numRuns: 1_000 },
        );
    });

    it('marks a second transaction with one id as a duplicate, in a block and later', async () => {
        const first = await put('same', 'a', '1');
        const second = await put('same', 'a', '2');
        const together = await ledger.commit(nextBlock(ledger, [first, second]), [VALID, VALID]);
        expect(together.codes).to.deep.equal([VALID, DUPLICATE_TXID]);
        const later = await ledger.commit(nextBlock(ledger, [second, second, second]), [
            VALID,
            ENDORSEMENT_POLICY_FAILURE,
            BAD_CREATOR_SIGNATURE,
        ]);
        expect(later.codes).to.deep.equal([DUPLICATE_TXID, DUPLICATE_TXID, BAD_CREATOR_SIGNATURE]);
        expect(await value('a')).to.equal('1');
        expect(ledger.transaction('same')).to.include({ code: VALID, blockNumber: 0, index: 0 });
    });

    it('does not take a failed transaction of the same block for the first of two', async () => {
        const envelope = await put('same', 'a', '1');
        const { codes } = await ledger.commit(nextBlock(ledger, [envelope, envelope]), [
            ENDORSEMENT_POLICY_FAILURE,
            VALID,
        ]);
        expect(codes).to.deep.equal([ENDORSEMENT_POLICY_FAILURE, VALID]);
    });

    it('refuses a block that does not continue the chain, and stays as it was', async () => {
        await commitPuts(ledger, 'cc', { a: '1' });
        const envelope = await put('t', 'a', '2');
        const spoilt: [string, (block: ReturnType<typeof nextBlock>) => void][] = [
            ['has number 7, but the next is 1', (block) => block.getHeader()?.setNumber(7)],
            [
                'does not refer to the last block',
                (block) => block.getHeader()?.setPreviousHash(Buffer.from('x')),
            ],
            [
                'has a data hash that is not of its transactions',
                (block) => block.getHeader()?.setDataHash(Buffer.from('x')),
            ],
        ];
        for (const [problem, spoil] of spoilt) {
            const block = nextBlock(ledger, [envelope]);
            spoil(block);
            const error: unknown = await ledger.commit(block, [0]).catch((e: unknown) => e);
            expect(error).to.have.property('code', 'DEVNET_BLOCK_REFUSED');
            expect(error).to.have.property('message').that.includes(problem);
        }
        const few: unknown = await ledger
            .commit(nextBlock(ledger, [envelope]), [])
            .catch((e: unknown) => e);
        expect(few).to.have.property('code', 'DEVNET_BLOCK_REFUSED');
        expect([ledger.height, await value('a')]).to.deep.equal([1, '1']);
        await ledger.commit(nextBlock(ledger, [envelope]), [0]);
        expect(await value('a')).to.equal('2');
    });

    it('tells listeners of every block, in order, until they leave', async () => {
        const heard: number[] = [];
        const leave = ledger.onCommit(({ number }: CommittedBlock) => heard.push(number));
        await commitPuts(ledger, 'cc', { a: '1' });
        await commitPuts(ledger, 'cc', { a: '2' });
        leave();
        await commitPuts(ledger, 'cc', { a: '3' });
        expect(heard).to.deep.equal([0, 1]);
    });

    it('commits blocks that were handed over at once one after the other', async () => {
        const first = nextBlock(ledger, [await put('t1', 'a', '1')]);
        const wrong = nextBlock(ledger, [await put('t2', 'a', '2')]);
        const results = await Promise.allSettled([
            ledger.commit(first, [0]),
            ledger.commit(wrong, [0]),
        ]);
        expect(results.map(({ status }) => status)).to.deep.equal(['fulfilled', 'rejected']);
        expect(ledger.height).to.equal(1);
    });

    it('gives the history of a key newest first, deletes included', async () => {
        await commitPuts(ledger, 'cc', { a: 'one', ab: 'other', [compositeKey('a', ['1'])]: 'c' });
        await commitPuts(ledger, 'cc', { a: '' });
        await commitPuts(ledger, 'cc', { a: 'two' });
        const failed = await put('failed', 'a', 'never');
        await ledger.commit(nextBlock(ledger, [failed]), [ENDORSEMENT_POLICY_FAILURE]);
        const simulation = await ledger.simulate('t');
        const { results, hasMore } = await (await simulation.getHistory('cc', 'a')).next();
        const entries = results.map((bytes) =>
            protos.queryresult.KeyModification.deserializeBinary(bytes),
        );
        expect(hasMore).to.equal(false);
        expect(
            entries.map((entry) => [
                Buffer.from(entry.getValue_asU8()).toString(),
                entry.getIsDelete(),
            ]),
        ).to.deep.equal([
            ['two', false],
            ['', true],
            ['one', false],
        ]);
        const [newest] = entries;
        expect(newest?.getTimestamp()?.getNanos()).to.equal(123_456_789);
        expect(ledger.transaction(newest?.getTxId() ?? '')?.blockNumber).to.equal(2);
        expect(simulation.done().model.namespaces, 'not part of the read set').to.deep.equal([]);
    });

    it('goes back to snapshots, again and again', async () => {
        await commitPuts(ledger, 'cc', { a: '1' });
        const early = ledger.snapshot();
        await commitPuts(ledger, 'cc', { a: '2', b: '2' });
        const late = ledger.snapshot();
        for (let round = 0; round < 3; round++) {
            await commitTogether(
                ledger,
                work((simulation) => {
                    simulation.putState('cc', 'a', Buffer.from('3'));
                }, 'the-same-id-each-time'),
            );
            await ledger.restore(late);
            expect([await value('a'), await value('b'), ledger.height]).to.deep.equal([
                '2',
                '2',
                2,
            ]);
        }
        await ledger.restore(early);
        expect([await value('a'), await value('b'), ledger.height]).to.deep.equal(['1', '', 1]);
        const gone: unknown = await ledger.restore(late).catch((e: unknown) => e);
        expect(gone).to.have.property('code', 'DEVNET_SNAPSHOT_STALE');
        const other = await openLedger({ channel: 'c' });
        const foreign: unknown = await other.restore(early).catch((e: unknown) => e);
        expect(foreign).to.have.property('code', 'DEVNET_SNAPSHOT_STALE');
        await other.close();
    });

    it('does not take a snapshot of forgotten blocks for one of the blocks in their place', async () => {
        await commitPuts(ledger, 'cc', { a: '1' });
        const early = ledger.snapshot();
        await commitPuts(ledger, 'cc', { a: '2' });
        const late = ledger.snapshot();
        await ledger.restore(early);
        await commitPuts(ledger, 'cc', { a: 'else' });
        const error: unknown = await ledger.restore(late).catch((e: unknown) => e);
        expect(error).to.have.property('code', 'DEVNET_SNAPSHOT_STALE');
        expect(await value('a')).to.equal('else');
    });

    it('closes although a simulation is never ended, and fails the commit that waits for it', async () => {
        const simulation = await ledger.simulate('forgotten');
        simulation.putState('cc', 'a', Buffer.from('1'));
        const commit = ledger.commit(nextBlock(ledger, []), []).catch((e: unknown) => e);
        await new Promise(setImmediate);
        await ledger.close();
        expect(await commit).to.have.property('code', 'DEVNET_LEDGER_CLOSED');
    });

    it('refuses everything once it is closed', async () => {
        const block = nextBlock(ledger, []);
        await ledger.close();
        const results = await Promise.allSettled([ledger.simulate('t'), ledger.commit(block, [])]);
        for (const result of results) {
            expect(result).to.have.nested.property('reason.code', 'DEVNET_LEDGER_CLOSED');
        }
        await ledger.close();
    });

    it('holds what a plain map of the same writes holds, in every range', async function () {
        this.timeout(180_000);
        const key = fc.constantFrom('a', 'b', 'ba', 'c', '\ue000', '\u{1f600}', 'z', '\0n\0');
        const block = fc.array(fc.tuple(key, fc.constantFrom('', 'x', 'y')), { maxLength: 6 });
        await fc.assert(
            fc.asyncProperty(
                fc.array(block, { maxLength: 8 }),
                key,
                key,
                async (blocks, from, to) => {
                    const subject = await openLedger({ channel: 'c' });
                    const oracle = new Map<string, string>();
                    for (const writes of blocks) {
                        const last = new Map(writes);
                        await commitPuts(subject, 'cc', Object.fromEntries(last));
                        for (const [name, content] of last) {
                            if (content === '') oracle.delete(name);
                            else oracle.set(name, content);
                        }
                    }
                    const simulation = await subject.simulate('t');
                    const rows = await collect(await simulation.getStateByRange('cc', from, to));
                    const inBytes = (text: string) => Buffer.from(text);
                    const expected = [...oracle]
                        .filter(
                            ([name]) =>
                                Buffer.compare(inBytes(name), inBytes(from)) >= 0 &&
                                Buffer.compare(inBytes(name), inBytes(to)) < 0,
                        )
                        .sort(([x], [y]) => Buffer.compare(inBytes(x), inBytes(y)));
                    expect(rows.map((row) => [row.key, row.value])).to.deep.equal(expected);
                    simulation.done();
                    await subject.close();
                },
            ),
            { numRuns: 300 },
        );
    });
});
