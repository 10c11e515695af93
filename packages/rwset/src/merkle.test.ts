import { createHash } from 'node:crypto';
import { ledger } from '@hyperledger/fabric-protos';
import { expect } from 'chai';
import fc from 'fast-check';
import { decodeBlock } from './decode-block.js';
import { RwsetError } from './errors.js';
import { LedgerReplay } from './ledger-replay.js';
import { RangeSummary, summarizeRange } from './merkle.js';
import type { KeyRead } from './model.js';
import { FIXTURE_BLOCKS } from './test-support/fixture-blocks.js';

const reads = (count: number): KeyRead[] =>
    Array.from({ length: count }, (_, i) => {
        return { key: `k${i}`, version: { blockNum: i, txNum: i % 3 } };
    });

/** The tree as Fabric's comments describe it, level by level, with Fabric's own messages. */
function byTheBook(all: readonly KeyRead[], degree: number): { level: number; hashes: string[] } {
    const sha = (data: Uint8Array): Buffer => createHash('sha256').update(data).digest();
    const chunks = <T>(list: readonly T[]): T[][] =>
        Array.from({ length: Math.ceil(list.length / (degree + 1)) }, (_, i) =>
            list.slice(i * (degree + 1), (i + 1) * (degree + 1)),
        );
    const leaves = chunks(all).map((chunk) => {
        const message = new ledger.rwset.kvrwset.QueryReads();
        for (const { key, version } of chunk) {
            const read = new ledger.rwset.kvrwset.KVRead();
            read.setKey(key);
            const at = new ledger.rwset.kvrwset.Version();
            at.setBlockNum(version!.blockNum);
            at.setTxNum(version!.txNum);
            read.setVersion(at);
            message.addKvReads(read);
        }
        return sha(message.serializeBinary());
    });
    let level = 1;
    let hashes = leaves;
    while (hashes.length > degree) {
        hashes = chunks(hashes).map((chunk) =>
            chunk.length === 1 ? chunk[0]! : sha(Buffer.concat(chunk)),
        );
        level++;
    }
    return { level, hashes: hashes.map((hash) => hash.toString('hex')) };
}

describe('Summarising ranges', () => {
    it('builds the tree that Fabric describes, for any number of results', () => {
        fc.assert(
            fc.property(
                fc.integer({ min: 0, max: 400 }),
                fc.integer({ min: 2, max: 9 }),
                (n, d) => {
                    const { rawReads, merkle } = summarizeRange(reads(n), d);
                    if (n <= d) {
                        expect(merkle).to.equal(undefined);
                        expect(rawReads ?? []).to.deep.equal(reads(n));
                        return;
                    }
                    const book = byTheBook(reads(n), d);
                    expect(merkle?.maxLevel).to.equal(book.level);
                    expect(
                        merkle?.maxLevelHashes.map((hash) => Buffer.from(hash).toString('hex')),
                    ).to.deep.equal(book.hashes);
                },
            ),
            { numRuns: 500 },
        );
    });

    it('gives the hashes a real peer gave', () => {
        const replay = new LedgerReplay();
        for (const bytes of FIXTURE_BLOCKS.slice(0, 22)) replay.add(decodeBlock(bytes));
        const [tx] = decodeBlock(FIXTURE_BLOCKS[22]!).transactions;
        const query = tx?.rwset?.namespaces.flatMap((set) => set.rangeQueries)[0];
        const now = Array.from(replay.state.range('lab', 'm', 'n'), ({ key, version }) => {
            return { key, version };
        });
        const ours = summarizeRange(now).merkle!.maxLevelHashes.map((h) => Buffer.from(h));
        expect(ours).to.deep.equal(query!.merkle!.maxLevelHashes.map((h) => Buffer.from(h)));
    });

    it('refuses a degree that makes no tree', () => {
        expect(() => new RangeSummary(1))
            .to.throw(RwsetError)
            .with.property('code', 'RWSET_MERKLE_DEGREE');
    });
});
