import { common, peer } from '@hyperledger/fabric-protos';
import { accessDenied, refusal } from '../channel/access.js';
import type { Ledger } from '../ledger/ledger.js';
import { blockHeaderHash } from '../ledger/block-hash.js';
import { failure, success, type SystemCall, type SystemChaincode } from './system-chaincode.js';

type Query = (ledger: Ledger, argument: Uint8Array) => peer.Response;

function text(bytes: Uint8Array): string {
    return Buffer.from(bytes).toString();
}

function chainInfo(ledger: Ledger): peer.Response {
    const info = new common.BlockchainInfo();
    info.setHeight(ledger.height);
    const header = ledger.blockByNumber(ledger.height - 1)?.getHeader();
    if (header !== undefined) {
        info.setCurrentblockhash(blockHeaderHash(header));
        info.setPreviousblockhash(header.getPreviousHash_asU8());
    }
    return success(info.serializeBinary());
}

function blockByNumber(ledger: Ledger, argument: Uint8Array): peer.Response {
    const given = text(argument);
    if (!/^\d{1,20}$/.test(given)) {
        return failure(
            `Failed to parse block number with error strconv.ParseUint: parsing ${JSON.stringify(given)}: invalid syntax`,
        );
    }
    // The largest number means the newest block.
    const number = given === '18446744073709551615' ? ledger.height - 1 : Number(given);
    const block = ledger.blockByNumber(number);
    if (block !== undefined) return success(block.serializeBinary());
    return failure(
        `Failed to get block number ${given}, error no such block number [${given}] in index`,
    );
}

function blockByHash(ledger: Ledger, hash: Uint8Array): peer.Response {
    const block = ledger.blockByHash(hash);
    if (block !== undefined) return success(block.serializeBinary());
    const hex = Buffer.from(hash).toString('hex');
    return failure(
        `Failed to get block hash ${text(hash)}, error no such block hash [${hex}] in index`,
    );
}

function noSuchTransaction(txId: string): string {
    return `no such transaction ID [${txId}] in index`;
}

function blockByTxId(ledger: Ledger, argument: Uint8Array): peer.Response {
    const txId = text(argument);
    const block = ledger.blockByTxId(txId);
    if (block !== undefined) return success(block.serializeBinary());
    return failure(`Failed to get block for txID ${txId}, error ${noSuchTransaction(txId)}`);
}

function transactionById(ledger: Ledger, argument: Uint8Array): peer.Response {
    const txId = text(argument);
    const found = ledger.transaction(txId);
    const block = found && ledger.blockByNumber(found.blockNumber);
    const bytes = block?.getData()?.getDataList_asU8()[found?.index ?? 0];
    if (found === undefined || bytes === undefined) {
        return failure(
            `Failed to get transaction with id ${txId}, error ${noSuchTransaction(txId)}`,
        );
    }
    const processed = new peer.ProcessedTransaction();
    processed.setTransactionenvelope(common.Envelope.deserializeBinary(bytes));
    processed.setValidationcode(found.code);
    return success(processed.serializeBinary());
}

const queries: Readonly<Record<string, Query>> = {
    GetChainInfo: chainInfo,
    GetBlockByNumber: blockByNumber,
    GetBlockByHash: blockByHash,
    GetBlockByTxID: blockByTxId,
    GetTransactionByID: transactionById,
};

function invoke({ args, channels, creator, proposal }: SystemCall): peer.Response {
    if (args.length < 2) return failure(`Incorrect number of arguments, ${args.length}`);
    const [name = '', channelId = ''] = args.map(text);
    if (proposal.chaincodeName !== 'qscc') {
        return failure(
            `Rejecting invoke of QSCC from another chaincode because of potential for deadlocks, original invocation for '${proposal.chaincodeName}'`,
        );
    }
    const argument = args[2];
    if (name !== 'GetChainInfo' && argument === undefined) {
        return failure(`missing 3rd argument for ${name}`);
    }
    const channel = channels.get(channelId);
    // Unlike cscc, which looks at access first.
    if (channel === undefined) return failure(`Invalid chain ID, ${channelId}`);
    const why = refusal(channel, 'Readers', [creator]);
    if (why !== undefined) {
        const denied = accessDenied(channelId, 'Readers', why);
        return failure(`access denied for [${name}][${channelId}]: [${denied}]`);
    }
    const query = Object.hasOwn(queries, name) ? queries[name] : undefined;
    if (query === undefined) return failure(`Requested function ${name} not found.`);
    return query(channel.ledger, argument ?? new Uint8Array());
}

/** The chaincode that answers questions about the chain of blocks. */
export const qscc: SystemChaincode = {
    simulates: false,
    invoke: (call) => Promise.resolve(invoke(call)),
};
