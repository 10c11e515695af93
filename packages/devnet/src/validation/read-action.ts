import { peer } from '@hyperledger/fabric-protos';
import { decodeTxReadWriteSet, type NamespaceReadWriteSet } from '@goodput/rwset';
import type { SoundTransaction } from './check-structure.js';
import { readOr, reject } from './rejection.js';

/** What a transaction called and what came of it, consistent in itself. */
export interface CalledChaincode {
    readonly chaincode: string;
    readonly namespaces: readonly NamespaceReadWriteSet[];
}

function chaincodeOf(extension: Uint8Array, action: peer.ChaincodeAction): string {
    const header = readOr('BAD_HEADER_EXTENSION', 'header extension', () =>
        peer.ChaincodeHeaderExtension.deserializeBinary(extension),
    );
    const called =
        header.getChaincodeId() ??
        reject('INVALID_OTHER_REASON', 'nil ChaincodeId in header extension');
    const answered =
        action.getChaincodeId() ??
        reject('INVALID_OTHER_REASON', 'nil ChaincodeId in ChaincodeAction');
    const name = called.getName();
    if (name === '') reject('INVALID_CHAINCODE', 'invalid chaincode ID');
    if (name !== answered.getName()) {
        reject('INVALID_CHAINCODE', `inconsistent ccid info (${name}/${answered.getName()})`);
    }
    if (answered.getVersion() === '') reject('INVALID_CHAINCODE', 'invalid chaincode version');
    return name;
}

function checkEvent(bytes: Uint8Array, chaincode: string): void {
    if (bytes.length === 0) return;
    const event = readOr('INVALID_OTHER_REASON', 'invalid chaincode event', () =>
        peer.ChaincodeEvent.deserializeBinary(bytes),
    );
    if (event.getChaincodeId() === chaincode) return;
    reject(
        'INVALID_OTHER_REASON',
        'chaincode event chaincode id does not match chaincode action chaincode id',
    );
}

/** Reads the result that was endorsed, and checks that it is of the chaincode that was called. */
export function readCalledChaincode(transaction: SoundTransaction): CalledChaincode {
    const bytes = transaction.endorsed?.proposalResponsePayload ?? Buffer.alloc(0);
    const action = readOr('BAD_RESPONSE_PAYLOAD', 'GetActionFromEnvelope failed', () => {
        const payload = peer.ProposalResponsePayload.deserializeBinary(bytes);
        const extension = payload.getExtension_asU8();
        if (extension.length === 0) {
            reject('BAD_RESPONSE_PAYLOAD', 'response payload is missing extension');
        }
        return peer.ChaincodeAction.deserializeBinary(extension);
    });
    const { namespaces } = readOr('BAD_RWSET', 'txRWSet.FromProtoBytes failed', () =>
        decodeTxReadWriteSet(action.getResults_asU8()),
    );
    const chaincode = chaincodeOf(transaction.channelHeader.getExtension_asU8(), action);
    checkEvent(action.getEvents_asU8(), chaincode);
    const names = new Set<string>();
    for (const { namespace } of namespaces) {
        if (names.has(namespace)) {
            reject('ILLEGAL_WRITESET', `duplicate namespace '${namespace}' in txRWSet`);
        }
        names.add(namespace);
    }
    return { chaincode, namespaces };
}

/** Whether the transaction writes anything in the namespace: values, private values or metadata. */
export function writesTo(namespace: NamespaceReadWriteSet): boolean {
    return (
        namespace.writes.length > 0 ||
        namespace.metadataWrites.length > 0 ||
        namespace.collections.some(
            ({ writes, metadataWrites }) => writes.length > 0 || metadataWrites.length > 0,
        )
    );
}
