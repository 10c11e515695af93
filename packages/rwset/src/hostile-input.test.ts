import { common, peer } from '@hyperledger/fabric-protos';
import { expect } from 'chai';
import { decodeBlock } from './decode-block.js';
import { decodeTxReadWriteSet } from './decode-rwset.js';
import { decodeEnvelope } from './decode-transaction.js';
import { encodeTxReadWriteSet } from './encode-rwset.js';
import { RwsetError } from './errors.js';
import { MemoryState } from './memory-state.js';
import type { Block } from './model.js';
import { orderAccesses } from './order.js';
import { ReadWriteSetBuilder } from './read-write-set-builder.js';
import { redactBlocks } from './redact.js';
import { simulate } from './simulate.js';
import { FIXTURE_BLOCKS } from './test-support/fixture-blocks.js';
import { validateBlock } from './validate.js';
import { VALIDATION_CODES } from './validation-code.js';

const envelope = common.Block.deserializeBinary(FIXTURE_BLOCKS[15]!)
    .getData()!
    .getDataList_asU8()[0]!;

/** The envelope again, with its one action's payload changed by somebody. */
function withAction(change: (action: peer.ChaincodeActionPayload) => void): Uint8Array {
    const outer = common.Envelope.deserializeBinary(envelope);
    const payload = common.Payload.deserializeBinary(outer.getPayload_asU8());
    const transaction = peer.Transaction.deserializeBinary(payload.getData_asU8());
    const [first] = transaction.getActionsList();
    const action = peer.ChaincodeActionPayload.deserializeBinary(first!.getPayload_asU8());
    change(action);
    first!.setPayload(action.serializeBinary());
    payload.setData(transaction.serializeBinary());
    outer.setPayload(payload.serializeBinary());
    return outer.serializeBinary();
}

/** A read/write set of one namespace that writes one key, as bytes. */
function writing(key: string): Buffer {
    const builder = new ReadWriteSetBuilder();
    builder.addWrite('cc', key, Buffer.from('1'));
    return Buffer.from(encodeTxReadWriteSet(builder.build().rwset));
}

describe('Bytes that a client has tampered with and a peer still accepts', () => {
    it('are read past unknown groups, nested ones too', () => {
        // Fields 15 and 14 as groups, with a number and some bytes in them.
        const groups = Buffer.from([0x7b, 0x08, 0x01, 0x73, 0x12, 0x01, 0x00, 0x74, 0x7c]);
        const plain = decodeEnvelope(envelope);
        const read = decodeEnvelope(Buffer.concat([groups, envelope, groups]));
        expect({ ...read, bytes: 0 }).to.deep.equal({ ...plain, bytes: 0 });
    });

    it('are refused when a group ends as another, never, or is nested without end', () => {
        for (const bytes of [
            Buffer.from([0x7b, 0x74]),
            Buffer.from([0x7b, 0x08, 0x01]),
            Buffer.alloc(20_000, 0x7b),
            Buffer.from([0x7c]),
        ]) {
            expect(() => decodeEnvelope(bytes))
                .to.throw(RwsetError)
                .with.property('code', 'RWSET_BYTES_MALFORMED');
        }
    });

    it('are read although one endorsement is of nobody', () => {
        const read = decodeEnvelope(
            withAction((action) => {
                const endorsement = new peer.Endorsement();
                endorsement.setEndorser(Buffer.from('nobody at all'));
                action.getAction()!.addEndorsements(endorsement);
            }),
        );
        const plain = decodeEnvelope(envelope);
        expect(read.rwset).to.deep.equal(plain.rwset);
        expect(read.endorsers.map(({ mspId }) => mspId)).to.deep.equal([
            ...plain.endorsers.map(({ mspId }) => mspId),
            '',
        ]);
    });

    it('count once where a field occurs twice: the last one', () => {
        const twice = decodeEnvelope(Buffer.concat([envelope, envelope]));
        const once = decodeEnvelope(envelope);
        expect({ ...twice, bytes: 0 }).to.deep.equal({ ...once, bytes: 0 });
        const [first, second] = [writing('a'), writing('b')];
        // The second one's KVRWSet put behind the first one's, in one namespace.
        const inner = Buffer.concat([first.subarray(2), second.subarray(2 + 4)]);
        const bytes = Buffer.concat([Buffer.from([0x12, inner.length]), inner]);
        expect(
            decodeTxReadWriteSet(bytes).namespaces.map(({ namespace, writes }) => [
                namespace,
                writes.map(({ key }) => key),
            ]),
        ).to.deep.equal([['cc', ['b']]]);
    });

    it('have the header type that is left of a longer number', () => {
        const outer = common.Envelope.deserializeBinary(envelope);
        const payload = common.Payload.deserializeBinary(outer.getPayload_asU8());
        const header = Buffer.from(payload.getHeader()!.getChannelHeader_asU8());
        expect([...header.subarray(0, 2)]).to.deep.equal([0x08, 0x03]);
        // 3 + 2^32, of which an int32 keeps the 3.
        const long = Buffer.from([0x08, 0x83, 0x80, 0x80, 0x80, 0x10]);
        payload.getHeader()!.setChannelHeader(Buffer.concat([long, header.subarray(2)]));
        outer.setPayload(payload.serializeBinary());
        const read = decodeEnvelope(outer.serializeBinary());
        expect([read.headerType, read.kind]).to.deep.equal([3, 'invoke']);
    });
});

describe('A transaction that could not be read', () => {
    it('is not valid, whatever stands beside it', () => {
        const block = common.Block.deserializeBinary(FIXTURE_BLOCKS[6]!);
        const list = block.getData()!.getDataList_asU8();
        list[0] = Buffer.from('no envelope at all');
        block.getData()!.setDataList(list);
        const decoded = decodeBlock(block.serializeBinary());
        expect([decoded.transactions[0]!.kind, decoded.transactions[0]!.code]).to.deep.equal([
            'malformed',
            VALIDATION_CODES.VALID,
        ]);
        const { codes } = validateBlock(new MemoryState(), decoded);
        expect(codes[0]).to.equal(VALIDATION_CODES.INVALID_OTHER_REASON);
    });
});

describe('Options that cannot be', () => {
    const refuses = (run: () => unknown, text: string): void => {
        expect(run).to.throw(RwsetError, text).with.property('code', 'RWSET_OPTION_INVALID');
    };
    const trace = [0, 5, 9].map((atMs) => {
        return { atMs, functionName: 'f', reads: ['hot'], writes: ['hot'] };
    });

    it('are refused as weights, which otherwise no victim could be chosen by', () => {
        const ring = Array.from({ length: 40 }, (_, i) => {
            return { reads: [`k${i % 5}`], writes: [`k${(i * 3 + 1) % 5}`] };
        });
        for (const weight of [NaN, -1, Infinity]) {
            refuses(() => orderAccesses(ring, { weights: [1, weight] }), 'weights[1]');
        }
    });

    it('are refused by the simulator, each by its name', () => {
        const naive = { name: 'naive' } as const;
        for (const network of [
            { batchTimeoutMs: Infinity },
            { endorseJitter: 1.5 },
            { commitMsPerTx: NaN },
            { endorseMs: '6' as unknown as number },
        ]) {
            refuses(() => simulate(trace, { strategy: naive, network }), Object.keys(network)[0]!);
        }
        refuses(() => simulate([{ ...trace[0]!, atMs: Infinity }], { strategy: naive }), 'atMs');
        refuses(() => simulate(trace, { strategy: naive, untilMs: NaN }), 'untilMs');
        refuses(() => simulate(trace, { strategy: { name: 'sharded', shards: 2.5 } }), 'shards');
        const wrong = { name: 'orderd' } as unknown as typeof naive;
        refuses(() => simulate(trace, { strategy: wrong }), 'orderd');
    });

    it('are the defaults when given as undefined', () => {
        const network = { endorseMs: undefined } as unknown as { endorseMs: number };
        const strategy = { name: 'retry' } as const;
        expect(simulate(trace, { strategy, network })).to.deep.equal(simulate(trace, { strategy }));
    });
});

describe('A redacted log', () => {
    it('keeps no hash that was made of real keys, of ranges that no longer held either', () => {
        const blocks: Block[] = FIXTURE_BLOCKS.map((bytes) => decodeBlock(bytes));
        const hashesOf = (list: readonly Block[]): string[] =>
            list.flatMap(({ transactions }) =>
                transactions.flatMap(({ rwset }) =>
                    (rwset?.namespaces ?? []).flatMap(({ rangeQueries }) =>
                        rangeQueries.flatMap(({ merkle }) =>
                            (merkle?.maxLevelHashes ?? []).map((hash) =>
                                Buffer.from(hash).toString('hex'),
                            ),
                        ),
                    ),
                ),
            );
        const before = hashesOf(blocks);
        const after = hashesOf(redactBlocks(blocks));
        expect(before).to.have.length.greaterThan(1);
        expect(after).to.have.lengthOf(before.length);
        expect(after.filter((hash) => before.includes(hash))).to.deep.equal([]);
    });
});
