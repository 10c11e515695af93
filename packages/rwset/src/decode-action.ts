import { readTxReadWriteSet } from './decode-rwset.js';
import type { ChaincodeEvent, ChaincodeName, ChaincodeResponse, TxReadWriteSet } from './model.js';
import { WireReader } from './wire-reader.js';

const NO_BYTES: Uint8Array = new Uint8Array(0);

/** What an endorser signed: the outcome of simulating a transaction. */
export interface ChaincodeAction {
    readonly proposalHash: Uint8Array;
    readonly chaincode: ChaincodeName | undefined;
    readonly rwset: TxReadWriteSet;
    readonly event: ChaincodeEvent | undefined;
    readonly response: ChaincodeResponse | undefined;
}

/**
 * Reads the payload of a proposal response, which is what an endorser answers and signs.
 *
 * @throws RwsetError when the bytes are not one.
 */
export function decodeProposalResponsePayload(bytes: Uint8Array): ChaincodeAction {
    const reader = new WireReader(bytes, 'proposal response payload');
    return readProposalResponsePayload(reader, reader.end);
}

/** Reads a proposal response payload that ends at `end`. */
export function readProposalResponsePayload(r: WireReader, end: number): ChaincodeAction {
    let proposalHash = NO_BYTES;
    let chaincode: ChaincodeName | undefined;
    let rwset: TxReadWriteSet | undefined;
    let event: ChaincodeEvent | undefined;
    let response: ChaincodeResponse | undefined;
    while (r.pos < end) {
        const tag = r.tag();
        if (tag === 10) proposalHash = r.view();
        else if (tag === 18) {
            const inner = r.messageEnd();
            while (r.pos < inner) {
                const field = r.tag();
                if (field === 10) rwset = readTxReadWriteSet(r, r.messageEnd());
                else if (field === 18) event = readEvent(r, r.messageEnd());
                else if (field === 26) response = readResponse(r, r.messageEnd());
                else if (field === 34) chaincode = readChaincodeId(r, r.messageEnd());
                else r.skip(field);
            }
            r.close(inner);
        } else r.skip(tag);
    }
    r.close(end);
    return { proposalHash, chaincode, rwset: rwset ?? { namespaces: [] }, event, response };
}

/** Reads a chaincode's id that ends at `end`. */
export function readChaincodeId(r: WireReader, end: number): ChaincodeName {
    let name = '';
    let version = '';
    while (r.pos < end) {
        const tag = r.tag();
        if (tag === 18) name = r.text();
        else if (tag === 26) version = r.text();
        else r.skip(tag);
    }
    r.close(end);
    return { name, version };
}

function readEvent(r: WireReader, end: number): ChaincodeEvent | undefined {
    let chaincode = '';
    let txId = '';
    let name = '';
    let payload = NO_BYTES;
    const start = r.pos;
    while (r.pos < end) {
        const tag = r.tag();
        if (tag === 10) chaincode = r.text();
        else if (tag === 18) txId = r.text();
        else if (tag === 26) name = r.text();
        else if (tag === 34) payload = r.view();
        else r.skip(tag);
    }
    r.close(end);
    return end === start ? undefined : { chaincode, name, txId, payload };
}

function readResponse(r: WireReader, end: number): ChaincodeResponse {
    let status = 0;
    let message = '';
    let payload = NO_BYTES;
    while (r.pos < end) {
        const tag = r.tag();
        if (tag === 8) status = r.signed();
        else if (tag === 18) message = r.text();
        else if (tag === 26) payload = r.view();
        else r.skip(tag);
    }
    r.close(end);
    return { status, message, payload };
}
