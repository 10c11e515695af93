import { expect } from 'chai';
import fc from 'fast-check';
import { type Conflict, ConflictAttributor } from './attribute.js';
import { decodeBlock } from './decode-block.js';
import { RwsetError } from './errors.js';
import { compareKeys } from './key-order.js';
import { LedgerReplay } from './ledger-replay.js';
import { MemoryState } from './memory-state.js';
import { summarizeRange } from './merkle.js';
import type { Block, BlockTransaction, RangeQuery, TxReadWriteSet } from './model.js';
import { ReadWriteSetBuilder } from './read-write-set-builder.js';
import { chain, copy, endorse } from './test-support/chains.js';
import { FIXTURE_BLOCKS, scenarios } from './test-support/fixture-blocks.js';
import type { Failure } from './validate.js';
import { VALIDATION_CODES, validationCodeName } from './validation-code.js';

const describeConflict = ({ victim, key, blocker, class: kind, ageInBlocks }: Conflict): string =>
    `${victim.blockNum}:${victim.txNum} ${kind} ${key ?? '?'} by ` +
    `${blocker ? `${blocker.blockNum}:${blocker.txNum} ${blocker.functionName}` : '?'}, age ${ageInBlocks ?? '?'}`;

/** What the recorded scenarios imply, one line per victim. */
const EXPECTED = [
    '6:1 intra-block hot by 6:0 inc, age 0',
    '6:2 intra-block hot by 6:0 inc, age 0',
    '6:3 intra-block hot by 6:0 inc, age 0',
    '6:4 intra-block hot by 6:0 inc, age 0',
    '6:5 intra-block hot by 6:0 inc, age 0',
    '8:0 stale hot by 7:0 inc, age 1',
    '9:1 intra-block fresh by 9:0 inc, age 0',
    '12:1 intra-block w3 by 12:0 del, age 0',
    '16:1 phantom-insert r00002x by 16:0 put, age 0',
    '18:0 phantom-update r00001 by 17:0 put, age 1',
    '19:1 phantom-delete r00003 by 19:0 del, age 0',
];

describe('Attributing the conflicts of a real peer', () => {
    it('names every victim, key and blocker that the recorded scenarios imply', () => {
        const attributor = new ConflictAttributor();
        const conflicts = FIXTURE_BLOCKS.flatMap((bytes) => attributor.add(decodeBlock(bytes)));
        expect(conflicts.map(describeConflict)).to.deep.equal(EXPECTED);
    });

    it('misses no victim of the scenarios and names the transactions by their ids', () => {
        const attributor = new ConflictAttributor();
        const conflicts = FIXTURE_BLOCKS.flatMap((bytes) => attributor.add(decodeBlock(bytes)));
        const victims = scenarios()
            .flatMap(({ txs }) => txs)
            .filter(({ code }) => /MVCC|PHANTOM/.test(code));
        expect(
            conflicts.map(({ victim, code }) => [victim.txId, validationCodeName(code)]),
        ).to.deep.equal(victims.map(({ tx, code }) => [tx, code]));
        const first = scenarios().find(({ scenario }) => scenario.includes('6 x inc'))?.txs[0]?.tx;
        expect(new Set(conflicts.slice(0, 5).map(({ blocker }) => blocker?.txId))).to.deep.equal(
            new Set([first]),
        );
    });

    it('comes to the same when it validates the blocks itself', () => {
        const replay = new LedgerReplay();
        const replayed = FIXTURE_BLOCKS.map((bytes) => replay.add(decodeBlock(bytes)));
        expect(replayed.flatMap(({ conflicts }) => conflicts).map(describeConflict)).to.deep.equal(
            EXPECTED,
        );
        expect(replayed.flatMap(({ disagreements }) => disagreements)).to.deep.equal([]);
    });

    it('starts in the middle of a channel without guessing', () => {
        const attributor = new ConflictAttributor();
        const [conflict] = attributor.add(decodeBlock(FIXTURE_BLOCKS[8]!));
        expect(conflict && describeConflict(conflict)).to.equal('8:0 stale hot by ?, age ?');
        expect(conflict?.readVersion).to.deep.equal({ blockNum: 6, txNum: 0 });
    });

    it('does not guess over blocks that were left out, and refuses blocks out of order', () => {
        const attributor = new ConflictAttributor();
        for (const number of [4, 5, 6]) attributor.add(decodeBlock(FIXTURE_BLOCKS[number]!));
        const [conflict] = attributor.add(decodeBlock(FIXTURE_BLOCKS[8]!));
        expect(conflict && describeConflict(conflict)).to.equal('8:0 stale hot by ?, age ?');
        expect(() => attributor.add(decodeBlock(FIXTURE_BLOCKS[8]!)))
            .to.throw(RwsetError)
            .with.property('code', 'RWSET_BLOCK_OUT_OF_ORDER');
        const replay = new LedgerReplay();
        replay.add(decodeBlock(FIXTURE_BLOCKS[0]!));
        expect(() => replay.add(decodeBlock(FIXTURE_BLOCKS[2]!))).to.throw(
            RwsetError,
            'every block',
        );
    });

    it('forgets writers older than it is told to keep', () => {
        const attributor = new ConflictAttributor({ keepBlocks: 0 });
        const conflicts = FIXTURE_BLOCKS.flatMap((bytes) => attributor.add(decodeBlock(bytes)));
        expect(conflicts.map(describeConflict)[5]).to.equal('8:0 stale hot by ?, age ?');
        expect(conflicts.map(describeConflict)[0]).to.equal(EXPECTED[0]);
    });
});

describe('Attributing conflicts that the recording does not have', () => {
    it('names what failed and who wrote it last, as a walk back over the chain does', () => {
        let checked = 0;
        fc.assert(
            fc.property(chain, (generated) => {
                const ledger = new LedgerReplay();
                const past = [new MemoryState()];
                const chronicle = new Chronicle();
                for (const [number, txs] of generated.entries()) {
                    const transactions = txs.map(({ lag, steps }, txNum) => ({
                        ...tx(`${number}:${txNum}`, () => undefined),
                        rwset: endorse(steps, past.at(-1 - Math.min(lag, past.length - 1))!),
                        txNum,
                    }));
                    const { codes, failures, conflicts } = ledger.add({
                        ...EMPTY,
                        number,
                        transactions,
                    });
                    const found = new Map(conflicts.map((each) => [each.victim.txNum, each]));
                    expect([...found.keys()]).to.deep.equal([...failures.keys()]);
                    for (const { txNum, rwset } of transactions) {
                        const failure = failures.get(txNum);
                        const conflict = found.get(txNum);
                        if (failure !== undefined && conflict !== undefined) {
                            expect(conflict.blocker?.txId).to.equal(
                                chronicle.culprit(failure, number),
                            );
                            expect(conflict.namespace).to.equal(failure.namespace);
                            checked++;
                        }
                        if (codes[txNum] !== VALIDATION_CODES.VALID) continue;
                        chronicle.note(rwset, number, txNum);
                    }
                    past.push(copy(ledger.state));
                }
            }),
            { numRuns: 1500, includeErrorInReport: true },
        );
        expect(checked).to.be.greaterThan(500);
    });

    it('finds the writer of a private key by its hash', () => {
        const [conflict] = replay([
            [
                tx('w', (b) => {
                    b.addPrivateWrite('cc', 'deals', 'p', Buffer.from('1'));
                }),
            ],
            [
                tx('r', (b) => {
                    b.addPrivateRead('cc', 'deals', 'p', undefined);
                    b.addWrite('cc', 'out', Buffer.from('x'));
                }),
            ],
        ]);
        expect(conflict?.class).to.equal('private-hash');
        expect(conflict?.collection).to.equal('deals');
        expect(conflict?.blocker?.txId).to.equal('w');
    });

    it('finds the writer inside a range that was summarised', () => {
        const keys = Array.from({ length: 200 }, (_, i) => `k${String(i).padStart(3, '0')}`);
        const reads = keys.map((key) => ({ key, version: { blockNum: 0, txNum: 0 } }));
        const query: RangeQuery = {
            startKey: 'k',
            endKey: 'l',
            itrExhausted: true,
            ...summarizeRange(reads),
        };
        const fill = tx('fill', (b) => {
            for (const key of keys) b.addWrite('cc', key, Buffer.from('1'));
        });
        const scan = tx('scan', (b) => {
            b.addRangeQuery('cc', query);
        });
        const conflicts = replay([
            [fill],
            [scan],
            [
                tx('put', (b) => {
                    b.addWrite('cc', 'k0505', Buffer.from('1'));
                }),
                scan,
            ],
            [
                tx('del', (b) => {
                    b.addWrite('cc', 'k0505', undefined);
                }),
            ],
            [scan],
        ]);
        expect(conflicts.map(describeConflict)).to.deep.equal([
            '2:1 phantom-insert k0505 by 2:0 put, age 0',
        ]);
    });

    it('lets a metadata write on a key count, and one on an absent key not', () => {
        const policy = [{ name: 'VALIDATION_PARAMETER', value: Buffer.from('p') }];
        const conflicts = replay([
            [
                tx('put', (b) => {
                    b.addWrite('cc', 'a', Buffer.from('1'));
                }),
            ],
            [
                tx('absent', (b) => {
                    b.addMetadataWrite('cc', 'nowhere', policy);
                }),
                tx('readsAbsent', (b) => {
                    b.addRead('cc', 'nowhere', undefined);
                }),
                tx('policy', (b) => {
                    b.addMetadataWrite('cc', 'a', policy);
                }),
                tx('reads', (b) => {
                    b.addRead('cc', 'a', { blockNum: 0, txNum: 0 });
                }),
            ],
        ]);
        expect(conflicts.map(describeConflict)).to.deep.equal([
            '1:3 intra-block a by 1:2 policy, age 0',
        ]);
    });
});

const EMPTY = { previousHash: new Uint8Array(0), dataHash: new Uint8Array(0) };

interface Entry {
    readonly name: string;
    readonly blockNum: number;
    readonly at: string;
    readonly isDelete: boolean;
    /** Whether the key was there before, or is now. */
    readonly hasChanged: boolean;
}

/** Everything that was ever written, in order, to be searched from the end. */
class Chronicle {
    readonly #entries: Entry[] = [];
    readonly #live = new Set<string>();

    note(rwset: TxReadWriteSet, blockNum: number, txNum: number): void {
        const put = (name: string, isDelete: boolean): void => {
            const hasChanged = !isDelete || this.#live.has(name);
            const at = `${blockNum}:${txNum}`;
            this.#entries.push({ name, blockNum, at, isDelete, hasChanged });
            if (isDelete) this.#live.delete(name);
            else this.#live.add(name);
        };
        for (const { writes, metadataWrites, collections } of rwset.namespaces) {
            for (const { key, isDelete } of writes) put(`open ${key}`, isDelete);
            for (const { key } of metadataWrites) {
                if (this.#live.has(`open ${key}`)) put(`open ${key}`, false);
            }
            for (const set of collections) {
                for (const { keyHash, isDelete } of set.writes) put(`private ${keyHash}`, isDelete);
            }
        }
    }

    culprit(failure: Failure, blockNum: number): string | undefined {
        if (failure.kind !== 'range') {
            const name =
                failure.kind === 'read'
                    ? `open ${failure.read.key}`
                    : `private ${failure.read.keyHash}`;
            return this.#entries.findLast(
                (entry) => entry.name === name && (entry.hasChanged || entry.blockNum === blockNum),
            )?.at;
        }
        const { startKey, endKey, itrExhausted, rawReads, merkle } = failure.query;
        return this.#entries.findLast((entry) => {
            if (!entry.hasChanged || !entry.name.startsWith('open ')) return false;
            const key = entry.name.slice(5);
            const order = endKey === '' ? -1 : compareKeys(key, endKey);
            if (compareKeys(key, startKey) < 0 || order > 0) return false;
            if (order === 0 && itrExhausted) return false;
            if (merkle !== undefined) return true;
            // What the key is now has to differ from what was recorded.
            const read = rawReads?.find((each) => each.key === key)?.version;
            const then = read && `${read.blockNum}:${read.txNum}`;
            const last = this.#entries.findLast(
                (each) => each.name === entry.name && each.hasChanged,
            );
            return then !== (last?.isDelete === true ? undefined : last?.at);
        })?.at;
    }
}

function replay(blocks: readonly (readonly BlockTransaction[])[]): readonly Conflict[] {
    const ledger = new LedgerReplay();
    return blocks.flatMap((transactions, number) => {
        const block: Block = {
            number,
            previousHash: new Uint8Array(0),
            dataHash: new Uint8Array(0),
            transactions: transactions.map((each, txNum) => ({ ...each, txNum })),
        };
        return ledger.add(block).conflicts;
    });
}

function tx(name: string, fill: (builder: ReadWriteSetBuilder) => void): BlockTransaction {
    const builder = new ReadWriteSetBuilder();
    fill(builder);
    return {
        kind: 'invoke',
        headerType: 3,
        txId: name,
        channelId: 'mychannel',
        timestampMs: 0,
        creatorMspId: 'Org1MSP',
        creator: new Uint8Array(0),
        chaincode: { name: 'cc', version: '1' },
        functionName: name,
        args: [],
        rwset: builder.build().rwset,
        endorsers: [],
        event: undefined,
        response: undefined,
        bytes: 3500,
        problem: undefined,
        txNum: 0,
        code: VALIDATION_CODES.NOT_VALIDATED,
    };
}
