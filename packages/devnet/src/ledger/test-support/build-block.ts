import { common, peer } from '@hyperledger/fabric-protos';
import { Timestamp } from 'google-protobuf/google/protobuf/timestamp_pb.js';

import { blockDataHash } from '../block-hash.js';
import type { Ledger } from '../ledger.js';
import type { Simulation, SimulationResult } from '../simulation.js';

/** An endorsed transaction, unsigned: all that the ledger looks at. */
export function envelopeOf(
    txId: string,
    results: Uint8Array,
    options: { readonly channel?: string; readonly seconds?: number } = {},
): Uint8Array {
    const timestamp = new Timestamp();
    timestamp.setSeconds(options.seconds ?? 1_700_000_000);
    timestamp.setNanos(123_456_789);
    const channelHeader = new common.ChannelHeader();
    channelHeader.setType(common.HeaderType.ENDORSER_TRANSACTION);
    channelHeader.setTxId(txId);
    channelHeader.setChannelId(options.channel ?? 'mychannel');
    channelHeader.setTimestamp(timestamp);
    const header = new common.Header();
    header.setChannelHeader(channelHeader.serializeBinary());
    header.setSignatureHeader(new common.SignatureHeader().serializeBinary());
    const payload = new common.Payload();
    payload.setHeader(header);
    payload.setData(transactionOf(results).serializeBinary());
    const envelope = new common.Envelope();
    envelope.setPayload(payload.serializeBinary());
    return envelope.serializeBinary();
}

function transactionOf(results: Uint8Array): peer.Transaction {
    const chaincode = new peer.ChaincodeID();
    chaincode.setName('test');
    const chaincodeAction = new peer.ChaincodeAction();
    chaincodeAction.setResults(results);
    chaincodeAction.setChaincodeId(chaincode);
    const response = new peer.ProposalResponsePayload();
    response.setExtension$(chaincodeAction.serializeBinary());
    const endorsed = new peer.ChaincodeEndorsedAction();
    endorsed.setProposalResponsePayload(response.serializeBinary());
    const actionPayload = new peer.ChaincodeActionPayload();
    actionPayload.setAction(endorsed);
    const action = new peer.TransactionAction();
    action.setPayload(actionPayload.serializeBinary());
    const transaction = new peer.Transaction();
    transaction.setActionsList([action]);
    return transaction;
}

/** The next block of a ledger, as an orderer would cut it. */
export function nextBlock(ledger: Ledger, envelopes: readonly Uint8Array[]): common.Block {
    const header = new common.BlockHeader();
    header.setNumber(ledger.height);
    header.setPreviousHash(ledger.lastHash);
    header.setDataHash(blockDataHash(envelopes));
    const data = new common.BlockData();
    data.setDataList([...envelopes]);
    const metadata = new common.BlockMetadata();
    metadata.setMetadataList(['', '', '', '', '']);
    const block = new common.Block();
    block.setHeader(header);
    block.setData(data);
    block.setMetadata(metadata);
    return block;
}

/** A transaction to be simulated. */
export interface Work {
    readonly txId: string;
    readonly run: (simulation: Simulation) => Promise<void> | void;
}

let counter = 0;

/** A transaction with an id of its own. */
export function work(run: Work['run'], txId?: string): Work {
    return { txId: txId ?? `tx${++counter}`, run };
}

/** Simulates all transactions on one state, then commits them in one block; gives the verdicts. */
export async function commitTogether(ledger: Ledger, ...works: readonly Work[]): Promise<number[]> {
    const results: SimulationResult[] = [];
    for (const { txId, run } of works) {
        const simulation = await ledger.simulate(txId);
        try {
            await run(simulation);
        } finally {
            results.push(simulation.done());
        }
    }
    const envelopes = works.map(({ txId }, index) =>
        envelopeOf(txId, results[index]?.publicBytes ?? new Uint8Array()),
    );
    const privateData = new Map(
        works.map(({ txId }, index) => [txId, results[index]?.privateWrites ?? []]),
    );
    const block = nextBlock(ledger, envelopes);
    const { codes } = await ledger.commit(
        block,
        works.map(() => 0),
        privateData,
    );
    return [...codes];
}

/** Commits puts to one namespace, one block. */
export async function commitPuts(
    ledger: Ledger,
    namespace: string,
    values: Readonly<Record<string, string>>,
): Promise<void> {
    await commitTogether(
        ledger,
        work((simulation) => {
            for (const [key, value] of Object.entries(values)) {
                simulation.putState(namespace, key, Buffer.from(value));
            }
        }),
    );
}
