import {
    type ChaincodeAction,
    readChaincodeId,
    readProposalResponsePayload,
} from './decode-action.js';
import { RwsetError } from './errors.js';
import type { ChaincodeName, Endorser, Transaction, TransactionKind } from './model.js';
import { WireReader } from './wire-reader.js';

const NO_BYTES: Uint8Array = new Uint8Array(0);
const NONE: readonly never[] = [];

/** Header types that carry a channel's configuration. */
const CONFIG = 1;
const CONFIG_UPDATE = 2;
const ENDORSER_TRANSACTION = 3;

const LIFECYCLE = new Set(['_lifecycle', 'lscc']);
const SYSTEM = new Set(['qscc', 'cscc', 'escc', 'vscc']);

interface Header {
    headerType: number;
    txId: string;
    channelId: string;
    timestampMs: number;
    creatorMspId: string;
    creator: Uint8Array;
    bytes: number;
}

interface Call {
    chaincode: ChaincodeName | undefined;
    functionName: string;
    args: Uint8Array[];
}

/**
 * Reads a transaction's envelope, endorsed or committed. Configuration envelopes and header types
 * unknown here are read as far as their header.
 *
 * @throws RwsetError when the bytes are not an envelope.
 */
export function decodeEnvelope(bytes: Uint8Array): Transaction {
    const reader = new WireReader(bytes, 'transaction envelope');
    return readEnvelope(reader, reader.end);
}

/**
 * Reads a transaction that was endorsed and is not yet submitted: the bytes of the gateway's
 * `PreparedTransaction`, which is what `transaction.getBytes()` of `fabric-gateway` gives.
 *
 * @throws RwsetError when the bytes are not one, or hold no endorsed transaction.
 */
export function decodePreparedTransaction(bytes: Uint8Array): Transaction {
    const r = new WireReader(bytes, 'prepared transaction');
    let transaction: Transaction | undefined;
    while (r.pos < r.end) {
        const tag = r.tag();
        if (tag === 18) transaction = readEnvelope(r, r.messageEnd());
        else r.skip(tag);
    }
    if (transaction?.rwset === undefined) {
        throw new RwsetError(
            'RWSET_NOT_A_TRANSACTION',
            `The prepared transaction holds ${transaction === undefined ? 'no envelope' : `an envelope of header type ${transaction.headerType}`}, ` +
                `not an endorsed transaction. Pass what endorsing returned.`,
        );
    }
    return transaction;
}

/** Reads an envelope that ends at `end`. */
export function readEnvelope(r: WireReader, end: number): Transaction {
    const header: Header = {
        headerType: 0,
        txId: '',
        channelId: '',
        timestampMs: 0,
        creatorMspId: '',
        creator: NO_BYTES,
        bytes: end - r.pos,
    };
    let dataAt = -1;
    let dataEnd = -1;
    while (r.pos < end) {
        const tag = r.tag();
        if (tag !== 10) {
            r.skip(tag);
            continue;
        }
        const payloadEnd = r.messageEnd();
        forgetHeader(header);
        dataAt = -1;
        while (r.pos < payloadEnd) {
            const field = r.tag();
            if (field === 10) readHeader(r, r.messageEnd(), header);
            else if (field === 18) {
                dataEnd = r.messageEnd();
                dataAt = r.pos;
                r.pos = dataEnd;
            } else r.skip(field);
        }
        r.close(payloadEnd);
    }
    r.close(end);
    if (header.headerType !== ENDORSER_TRANSACTION) return withoutAction(header);
    if (dataAt < 0) throw r.malformed('an endorser transaction without data');
    r.pos = dataAt;
    const transaction = readAction(r, dataEnd, header);
    r.pos = end;
    return transaction;
}

/** The transaction that stands for bytes which are none. */
export function malformedTransaction(bytes: number, problem: Error): Transaction {
    return {
        kind: 'malformed',
        headerType: -1,
        txId: '',
        channelId: '',
        timestampMs: 0,
        creatorMspId: '',
        creator: NO_BYTES,
        chaincode: undefined,
        functionName: '',
        args: NONE,
        rwset: undefined,
        endorsers: NONE,
        event: undefined,
        response: undefined,
        bytes,
        problem,
    };
}

function withoutAction(header: Header): Transaction {
    const { headerType } = header;
    return {
        kind: headerType === CONFIG || headerType === CONFIG_UPDATE ? 'config' : 'unknown',
        ...header,
        chaincode: undefined,
        functionName: '',
        args: NONE,
        rwset: undefined,
        endorsers: NONE,
        event: undefined,
        response: undefined,
        problem: undefined,
    };
}

function forgetChannelHeader(header: Header): void {
    header.headerType = 0;
    header.txId = '';
    header.channelId = '';
    header.timestampMs = 0;
}

function forgetHeader(header: Header): void {
    forgetChannelHeader(header);
    header.creatorMspId = '';
    header.creator = NO_BYTES;
}

function readHeader(r: WireReader, end: number, header: Header): void {
    while (r.pos < end) {
        const tag = r.tag();
        if (tag === 10) {
            const inner = r.messageEnd();
            forgetChannelHeader(header);
            while (r.pos < inner) {
                const field = r.tag();
                if (field === 8) header.headerType = r.int32();
                else if (field === 26) header.timestampMs = readTimestamp(r, r.messageEnd());
                else if (field === 34) header.channelId = r.text();
                else if (field === 42) header.txId = r.text();
                else r.skip(field);
            }
            r.close(inner);
        } else if (tag === 18) {
            const inner = r.messageEnd();
            while (r.pos < inner) {
                const field = r.tag();
                if (field === 10) {
                    header.creator = r.view();
                    header.creatorMspId = mspIdOf(header.creator);
                } else r.skip(field);
            }
            r.close(inner);
        } else r.skip(tag);
    }
    r.close(end);
}

function readTimestamp(r: WireReader, end: number): number {
    let seconds = 0;
    let nanos = 0;
    while (r.pos < end) {
        const tag = r.tag();
        if (tag === 8) seconds = r.signed();
        else if (tag === 16) nanos = r.signed();
        else r.skip(tag);
    }
    r.close(end);
    return seconds * 1000 + nanos / 1e6;
}

/**
 * The MSP of a serialised identity; none when the bytes are not one. A peer passes over endorsements
 * it cannot read, so that a valid transaction may have some beside those it needs.
 */
function mspIdOf(identity: Uint8Array): string {
    const r = new WireReader(identity, 'serialised identity');
    let mspId = '';
    try {
        while (r.pos < r.end) {
            const tag = r.tag();
            if (tag === 10) mspId = r.text();
            else r.skip(tag);
        }
    } catch (error) {
        if (error instanceof RwsetError) return '';
        throw error;
    }
    return mspId;
}

/** Reads a `peer.Transaction`: as a peer does, its first action and no other. */
function readAction(r: WireReader, end: number, header: Header): Transaction {
    const call: Call = { chaincode: undefined, functionName: '', args: [] };
    const endorsers: Endorser[] = [];
    let action: ChaincodeAction | undefined;
    let actions = 0;
    while (r.pos < end) {
        const tag = r.tag();
        if (tag !== 10 || actions++ > 0) {
            r.skip(tag);
            continue;
        }
        const actionEnd = r.messageEnd();
        while (r.pos < actionEnd) {
            const field = r.tag();
            if (field !== 18) {
                r.skip(field);
                continue;
            }
            const payloadEnd = r.messageEnd();
            // A field that should occur once and does not: the last one counts, as it does to a peer.
            forget(call);
            endorsers.length = 0;
            action = undefined;
            while (r.pos < payloadEnd) {
                const part = r.tag();
                if (part === 10) readCall(r, r.messageEnd(), call);
                else if (part === 18) action = readEndorsedAction(r, r.messageEnd(), endorsers);
                else r.skip(part);
            }
            r.close(payloadEnd);
        }
        r.close(actionEnd);
    }
    r.close(end);
    if (action === undefined) throw r.malformed('an endorser transaction without an action');
    const chaincode = action.chaincode ?? call.chaincode;
    return {
        kind: kindOf(chaincode),
        headerType: header.headerType,
        txId: header.txId,
        channelId: header.channelId,
        timestampMs: header.timestampMs,
        creatorMspId: header.creatorMspId,
        creator: header.creator,
        chaincode,
        functionName: call.functionName,
        args: call.args,
        rwset: action.rwset,
        endorsers,
        event: action.event,
        response: action.response,
        bytes: header.bytes,
        problem: undefined,
    };
}

function kindOf(chaincode: ChaincodeName | undefined): TransactionKind {
    if (chaincode === undefined) return 'invoke';
    if (LIFECYCLE.has(chaincode.name)) return 'lifecycle';
    return SYSTEM.has(chaincode.name) ? 'system' : 'invoke';
}

function readEndorsedAction(
    r: WireReader,
    end: number,
    endorsers: Endorser[],
): ChaincodeAction | undefined {
    let action: ChaincodeAction | undefined;
    while (r.pos < end) {
        const tag = r.tag();
        if (tag === 10) action = readProposalResponsePayload(r, r.messageEnd());
        else if (tag === 18) {
            const inner = r.messageEnd();
            while (r.pos < inner) {
                const field = r.tag();
                if (field === 10) {
                    const identity = r.view();
                    endorsers.push({ mspId: mspIdOf(identity), identity });
                } else r.skip(field);
            }
            r.close(inner);
        } else r.skip(tag);
    }
    r.close(end);
    return action;
}

function forget(call: Call): void {
    call.chaincode = undefined;
    call.functionName = '';
    call.args = [];
}

/** Reads a `ChaincodeProposalPayload`: what the client asked for. */
function readCall(r: WireReader, end: number, call: Call): void {
    forget(call);
    while (r.pos < end) {
        const tag = r.tag();
        if (tag !== 10) {
            r.skip(tag);
            continue;
        }
        forget(call);
        const specAt = r.messageEnd();
        while (r.pos < specAt) {
            const field = r.tag();
            if (field === 10) readSpec(r, r.messageEnd(), call);
            else r.skip(field);
        }
        r.close(specAt);
    }
    r.close(end);
}

function readSpec(r: WireReader, end: number, call: Call): void {
    while (r.pos < end) {
        const tag = r.tag();
        if (tag === 18) call.chaincode = readChaincodeId(r, r.messageEnd());
        else if (tag === 26) {
            const inner = r.messageEnd();
            let count = 0;
            while (r.pos < inner) {
                const field = r.tag();
                if (field !== 10) r.skip(field);
                else if (count++ === 0) {
                    // A function's name is text by convention only, so bad UTF-8 is no error here.
                    const nameEnd = r.messageEnd();
                    call.functionName = r.bytes.toString('utf8', r.pos, nameEnd);
                    r.pos = nameEnd;
                } else call.args.push(r.view());
            }
            r.close(inner);
        } else r.skip(tag);
    }
    r.close(end);
}
