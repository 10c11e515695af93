import { expect } from 'chai';
import { common, peer, ledger } from '@hyperledger/fabric-protos';
import { decodeBlock } from './decode-block.js';
import { decodeTxReadWriteSet } from './decode-rwset.js';
import { decodeEnvelope, decodePreparedTransaction } from './decode-transaction.js';
import { encodeTxReadWriteSet } from './encode-rwset.js';
import { RwsetError } from './errors.js';
import type { BlockTransaction, KeyRead, NamespaceReadWriteSet } from './model.js';
import {
    FIXTURE_BLOCKS,
    type FabricBlock,
    type FabricEnvelope,
    type FabricNamespace,
    type FabricRead,
    fixtureJson,
} from './test-support/fixture-blocks.js';

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

describe('Reading blocks of a real peer', () => {
    for (const [number, bytes] of FIXTURE_BLOCKS.entries()) {
        it(`gives what Fabric's own decoder gives, block ${number}`, () => {
            const block = decodeBlock(bytes);
            const json = fixtureJson(number);
            expect({
                number: String(block.number),
                previous_hash: base64(block.previousHash),
                data_hash: base64(block.dataHash),
            }).to.deep.equal({ ...json.header, previous_hash: json.header.previous_hash ?? '' });
            expect(block.transactions.map(ours)).to.deep.equal(
                json.data.data.map((envelope, txNum) => theirs(json, envelope, txNum)),
            );
        });
    }

    it('finds no transaction malformed, and every kind where it is', () => {
        const kinds = FIXTURE_BLOCKS.map((bytes) => decodeBlock(bytes).transactions[0]?.kind);
        expect(kinds[0]).to.equal('config');
        expect(kinds[37]).to.equal('config');
        expect(kinds.slice(1, 4)).to.deep.equal(['lifecycle', 'lifecycle', 'lifecycle']);
        expect(new Set([...kinds.slice(4, 37), ...kinds.slice(38)])).to.deep.equal(
            new Set(['invoke']),
        );
    });
});

describe('Writing read/write sets', () => {
    it('gives the bytes the peer signed, for every transaction of every block', () => {
        let count = 0;
        for (const bytes of FIXTURE_BLOCKS) {
            for (const results of peerResults(bytes)) {
                expect(base64(encodeTxReadWriteSet(decodeTxReadWriteSet(results)))).to.equal(
                    base64(results),
                );
                count++;
            }
        }
        expect(count).to.be.greaterThan(50);
    });
});

describe('Reading broken bytes', () => {
    const envelope = common.Block.deserializeBinary(FIXTURE_BLOCKS[6]!)
        .getData()!
        .getDataList_asU8()[0]!;

    it('answers every cut of an envelope with a typed error or a transaction', () => {
        for (let length = 0; length < envelope.length; length += 7) {
            expectTypedOrFine(() => decodeEnvelope(envelope.slice(0, length)));
        }
    });

    it('answers every flipped byte of a block with a typed error or a block', () => {
        const bytes = Buffer.from(FIXTURE_BLOCKS[19]!);
        for (let at = 0; at < bytes.length; at += 3) {
            const before = bytes[at]!;
            for (const flipped of [0xff, before ^ 0x80, before ^ 0x07]) {
                bytes[at] = flipped;
                expectTypedOrFine(() => decodeBlock(bytes));
            }
            bytes[at] = before;
        }
    });

    it('keeps the other transactions of a block when one is no envelope', () => {
        const block = common.Block.deserializeBinary(FIXTURE_BLOCKS[6]!);
        const list = block.getData()!.getDataList_asU8();
        list[1] = Buffer.from('no envelope at all');
        block.getData()!.setDataList(list);
        const { transactions } = decodeBlock(block.serializeBinary());
        expect(transactions.map(({ kind }) => kind)).to.deep.equal([
            'invoke',
            'malformed',
            'invoke',
            'invoke',
            'invoke',
            'invoke',
        ]);
        expect(transactions[1]?.problem).to.be.instanceOf(RwsetError);
    });

    it('refuses a key that is not UTF-8, as a peer does', () => {
        const bytes = Buffer.from([0x12, 7, 0x12, 5, 0x0a, 3, 0x0a, 1, 0xff]);
        expect(() => decodeTxReadWriteSet(bytes)).to.throw(RwsetError, 'not UTF-8');
    });

    it('accepts a key that holds U+FFFD itself', () => {
        const set = new ledger.rwset.kvrwset.KVRWSet();
        const read = new ledger.rwset.kvrwset.KVRead();
        read.setKey('\ufffd');
        set.addReads(read);
        const ns = new ledger.rwset.NsReadWriteSet();
        ns.setRwset(set.serializeBinary());
        const tx = new ledger.rwset.TxReadWriteSet();
        tx.addNsRwset(ns);
        const [space] = decodeTxReadWriteSet(tx.serializeBinary()).namespaces;
        expect(space?.reads).to.deep.equal([{ key: '\ufffd', version: undefined }]);
    });

    it('refuses a prepared transaction that holds none', () => {
        expect(() => decodePreparedTransaction(new Uint8Array(0)))
            .to.throw(RwsetError)
            .with.property('code', 'RWSET_NOT_A_TRANSACTION');
    });
});

function expectTypedOrFine(decode: () => unknown): void {
    try {
        decode();
    } catch (error) {
        expect(error).to.be.instanceOf(RwsetError);
    }
}

/** The `results` bytes of every endorser transaction, dug out with Fabric's own classes. */
function* peerResults(bytes: Uint8Array): Generator<Uint8Array> {
    for (const data of common.Block.deserializeBinary(bytes).getData()!.getDataList_asU8()) {
        const payload = common.Payload.deserializeBinary(
            common.Envelope.deserializeBinary(data).getPayload_asU8(),
        );
        const header = common.ChannelHeader.deserializeBinary(
            payload.getHeader()!.getChannelHeader_asU8(),
        );
        if (header.getType() !== common.HeaderType.ENDORSER_TRANSACTION) continue;
        const transaction = peer.Transaction.deserializeBinary(payload.getData_asU8());
        const action = peer.ChaincodeActionPayload.deserializeBinary(
            transaction.getActionsList()[0]!.getPayload_asU8(),
        );
        const response = peer.ProposalResponsePayload.deserializeBinary(
            action.getAction()!.getProposalResponsePayload_asU8(),
        );
        yield peer.ChaincodeAction.deserializeBinary(
            response.getExtension_asU8(),
        ).getResults_asU8();
    }
}

function ours(tx: BlockTransaction) {
    return {
        header: [tx.txId, tx.channelId, tx.headerType, Math.floor(tx.timestampMs), tx.creatorMspId],
        code: tx.code,
        chaincode: tx.chaincode,
        input: tx.rwset && [
            Buffer.from(tx.functionName).toString('base64'),
            ...tx.args.map((arg) => base64(arg)),
        ],
        endorsers: tx.endorsers.map(({ identity }) => base64(identity)),
        event: tx.event && { ...tx.event, payload: base64(tx.event.payload) },
        response: tx.response && { ...tx.response, payload: base64(tx.response.payload) },
        rwset: tx.rwset?.namespaces.map(ourNamespace),
    };
}

function theirs(block: FabricBlock, { payload }: FabricEnvelope, txNum: number) {
    const { channel_header: header, signature_header: signature } = payload.header;
    const action = payload.data.actions?.[0]?.payload;
    const extension = action?.action.proposal_response_payload.extension;
    const event = extension?.events;
    return {
        header: [
            header.tx_id,
            header.channel_id,
            header.type,
            Date.parse(header.timestamp),
            signature.creator?.mspid ?? '',
        ],
        code: Buffer.from(block.metadata.metadata[2]!, 'base64')[txNum],
        chaincode: extension && {
            name: extension.chaincode_id.name,
            version: extension.chaincode_id.version,
        },
        input: action?.chaincode_proposal_payload.input.chaincode_spec.input.args,
        endorsers: (action?.action.endorsements ?? []).map(({ endorser }) => endorser),
        event: event
            ? {
                  chaincode: event.chaincode_id,
                  name: event.event_name,
                  txId: event.tx_id,
                  payload: event.payload ?? '',
              }
            : undefined,
        response: extension && {
            ...extension.response,
            payload: extension.response.payload ?? '',
        },
        rwset: extension?.results.ns_rwset.map(theirNamespace),
    };
}

function ourRead({ key, version }: KeyRead): string {
    return `${key} ${version ? `${version.blockNum}:${version.txNum}` : 'absent'}`;
}

function theirRead({ key, version }: FabricRead): string {
    return `${key} ${version ? `${version.block_num}:${version.tx_num}` : 'absent'}`;
}

function ourNamespace(set: NamespaceReadWriteSet) {
    return {
        namespace: set.namespace,
        reads: set.reads.map(ourRead),
        writes: set.writes.map(({ key, isDelete, value }) => [key, isDelete, base64(value)]),
        metadata: set.metadataWrites.map(({ key, entries }) => [
            key,
            entries.map(({ name, value }) => [name, base64(value)]),
        ]),
        ranges: set.rangeQueries.map((query) => ({
            ...query,
            rawReads: query.rawReads?.map(ourRead),
            merkle: query.merkle && {
                ...query.merkle,
                maxLevelHashes: query.merkle.maxLevelHashes.map((hash) => base64(hash)),
            },
        })),
        collections: set.collections.map(
            ({ collection, reads, writes, metadataWrites, pvtRwsetHash }) => ({
                collection,
                reads: reads.map(({ keyHash, version }) => ourRead({ key: keyHash, version })),
                writes: writes.map(({ keyHash, isDelete, valueHash, isPurge }) => [
                    keyHash,
                    isDelete,
                    base64(valueHash),
                    isPurge,
                ]),
                metadata: metadataWrites.length,
                pvtRwsetHash: base64(pvtRwsetHash),
            }),
        ),
    };
}

function theirNamespace(set: FabricNamespace) {
    const hex = (text: string): string => Buffer.from(text, 'base64').toString('hex');
    return {
        namespace: set.namespace,
        reads: (set.rwset?.reads ?? []).map(theirRead),
        writes: (set.rwset?.writes ?? []).map((w) => [w.key, w.is_delete, w.value ?? '']),
        metadata: (set.rwset?.metadata_writes ?? []).map(({ key, entries }) => [
            key,
            entries.map(({ name, value }) => [name, value]),
        ]),
        ranges: (set.rwset?.range_queries_info ?? []).map((query) => ({
            startKey: query.start_key,
            endKey: query.end_key,
            itrExhausted: query.itr_exhausted,
            rawReads: query.raw_reads?.kv_reads.map(theirRead),
            merkle: query.reads_merkle_hashes && {
                maxDegree: query.reads_merkle_hashes.max_degree,
                maxLevel: query.reads_merkle_hashes.max_level,
                maxLevelHashes: query.reads_merkle_hashes.max_level_hashes,
            },
        })),
        collections: set.collection_hashed_rwset.map((collection) => {
            // Fabric's decoder leaves these bytes as they are: read them with Fabric's classes.
            const hashed = ledger.rwset.kvrwset.HashedRWSet.deserializeBinary(
                Buffer.from(collection.hashed_rwset, 'base64'),
            );
            return {
                collection: collection.collection_name,
                reads: hashed.getHashedReadsList().map((read) => {
                    const version = read.getVersion();
                    const at = version
                        ? `${version.getBlockNum()}:${version.getTxNum()}`
                        : 'absent';
                    return `${hex(read.getKeyHash_asB64())} ${at}`;
                }),
                writes: hashed
                    .getHashedWritesList()
                    .map((write) => [
                        hex(write.getKeyHash_asB64()),
                        write.getIsDelete(),
                        write.getValueHash_asB64(),
                        write.getIsPurge(),
                    ]),
                metadata: hashed.getMetadataWritesList().length,
                pvtRwsetHash: collection.pvt_rwset_hash ?? '',
            };
        }),
    };
}
