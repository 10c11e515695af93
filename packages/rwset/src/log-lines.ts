import { decodeTxReadWriteSet } from './decode-rwset.js';
import { encodeTxReadWriteSet } from './encode-rwset.js';
import { RwsetError } from './errors.js';
import type { BlockTransaction, TransactionKind, TxReadWriteSet, Version } from './model.js';

type Members = Record<string, unknown>;
type Fail = (why: string) => RwsetError;

const KINDS: readonly TransactionKind[] = [
    'invoke',
    'lifecycle',
    'system',
    'config',
    'unknown',
    'malformed',
];

/** A transaction as a line of the log. What is empty is left out. */
export function transactionLine(tx: BlockTransaction): Members {
    return compact({
        tx: tx.txId,
        code: tx.code,
        kind: tx.kind,
        type: tx.headerType,
        channel: tx.channelId,
        at: tx.timestampMs,
        msp: tx.creatorMspId,
        creator: base64(tx.creator),
        chaincode: tx.chaincode?.name,
        chaincodeVersion: tx.chaincode?.version,
        function: tx.functionName,
        args: tx.args.map(base64),
        endorsers: tx.endorsers.map(({ mspId, identity }) => ({
            mspId,
            identity: base64(identity),
        })),
        event: tx.event && { ...tx.event, payload: base64(tx.event.payload) },
        response: tx.response && { ...tx.response, payload: base64(tx.response.payload) },
        bytes: tx.bytes,
        problem: tx.problem?.message,
        rwset: tx.rwset && readable(tx.rwset),
        // The exact set, which the readable one leaves out values, metadata and hashes of.
        rwsetBytes: tx.rwset && base64(encodeTxReadWriteSet(tx.rwset)),
    });
}

/** The line that begins a block. */
export function parseBlockLine(
    value: Members,
    fail: Fail,
): { number: number; previousHash: Uint8Array; dataHash: Uint8Array; missing: number } {
    const read = new MemberReader(value, fail);
    return {
        number: read.count('block'),
        previousHash: read.bytes('previousHash'),
        dataHash: read.bytes('dataHash'),
        missing: read.count('transactions'),
    };
}

/** Reads what {@link transactionLine} wrote. */
export function parseTransactionLine(value: Members, txNum: number, fail: Fail): BlockTransaction {
    const read = new MemberReader(value, fail);
    const kind = KINDS.find((each) => each === value['kind']);
    if (kind === undefined) throw fail(`"kind" is not one of ${KINDS.join(', ')}`);
    const problem = read.optionalText('problem');
    return {
        txNum,
        kind,
        code: read.count('code'),
        headerType: read.number('type'),
        txId: read.text('tx'),
        channelId: read.text('channel'),
        timestampMs: read.number('at'),
        creatorMspId: read.text('msp'),
        creator: read.bytes('creator'),
        chaincode:
            value['chaincode'] === undefined && value['chaincodeVersion'] === undefined
                ? undefined
                : { name: read.text('chaincode'), version: read.text('chaincodeVersion') },
        functionName: read.text('function'),
        args: read.list('args').map((arg) => bytesOf(arg, 'args', fail)),
        endorsers: read.list('endorsers').map((each) => {
            const endorser = new MemberReader(membersOf(each, 'endorsers', fail), fail);
            return { mspId: endorser.text('mspId'), identity: endorser.bytes('identity') };
        }),
        event: read.optional('event', (event) => ({
            chaincode: event.text('chaincode'),
            name: event.text('name'),
            txId: event.text('txId'),
            payload: event.bytes('payload'),
        })),
        response: read.optional('response', (response) => ({
            status: response.number('status'),
            message: response.text('message'),
            payload: response.bytes('payload'),
        })),
        ...(value['bytes'] !== undefined && { bytes: read.count('bytes') }),
        problem:
            problem === undefined ? undefined : new RwsetError('RWSET_BYTES_MALFORMED', problem),
        rwset: parseSet(read, value, fail),
    };
}

function parseSet(read: MemberReader, value: Members, fail: Fail): TxReadWriteSet | undefined {
    if (value['rwset'] === undefined && value['rwsetBytes'] === undefined) return undefined;
    try {
        return decodeTxReadWriteSet(read.bytes('rwsetBytes'));
    } catch (error) {
        if (error instanceof RwsetError) throw fail(`"rwsetBytes": ${error.message}`);
        throw error;
    }
}

/** Keys and versions for people and their tools, who search logs with other means than ours. */
function readable({ namespaces }: TxReadWriteSet): unknown {
    return namespaces.map((set) =>
        compact({
            namespace: set.namespace,
            reads: set.reads.map(({ key, version }) => [key, versionText(version)]),
            writes: set.writes.map(({ key }) => key),
            metadataWrites: set.metadataWrites.map(({ key }) => key),
            ranges: set.rangeQueries.map(({ startKey, endKey }) => [startKey, endKey]),
            collections: set.collections.map(({ collection, reads, writes }) =>
                compact({
                    collection,
                    reads: reads.map(({ keyHash, version }) => [keyHash, versionText(version)]),
                    writes: writes.map(({ keyHash }) => keyHash),
                }),
            ),
        }),
    );
}

function versionText(version: Version | undefined): string | null {
    return version === undefined ? null : `${version.blockNum}:${version.txNum}`;
}

function compact(members: Members): Members {
    return Object.fromEntries(
        Object.entries(members).filter(
            ([, value]) =>
                value !== undefined &&
                value !== '' &&
                !(Array.isArray(value) && value.length === 0),
        ),
    );
}

function base64(bytes: Uint8Array): string {
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

function bytesOf(value: unknown, name: string, fail: Fail): Uint8Array {
    if (typeof value !== 'string' || !/^[A-Za-z0-9+/]*={0,2}$/.test(value)) {
        throw fail(`"${name}" is not base64`);
    }
    return Buffer.from(value, 'base64');
}

function membersOf(value: unknown, name: string, fail: Fail): Members {
    if (typeof value !== 'object' || value === null) throw fail(`"${name}" is not an object`);
    return value as Members;
}

/** Takes members out of a line, of the kind they should be; what is absent is empty. */
class MemberReader {
    readonly #value: Members;
    readonly #fail: Fail;

    constructor(value: Members, fail: Fail) {
        this.#value = value;
        this.#fail = fail;
    }

    text(name: string): string {
        return this.optionalText(name) ?? '';
    }

    optionalText(name: string): string | undefined {
        const value = this.#value[name];
        if (value === undefined || typeof value === 'string') return value;
        throw this.#fail(`"${name}" is not text`);
    }

    number(name: string): number {
        const value = this.#value[name];
        if (typeof value === 'number' && Number.isFinite(value)) return value;
        throw this.#fail(`"${name}" is not a number`);
    }

    count(name: string): number {
        const value = this.number(name);
        if (Number.isSafeInteger(value) && value >= 0) return value;
        throw this.#fail(`"${name}" is not a whole number of at least 0`);
    }

    bytes(name: string): Uint8Array {
        return bytesOf(this.#value[name] ?? '', name, this.#fail);
    }

    list(name: string): readonly unknown[] {
        const value = this.#value[name];
        if (value === undefined) return [];
        if (Array.isArray(value)) return value;
        throw this.#fail(`"${name}" is not a list`);
    }

    optional<T>(name: string, read: (members: MemberReader) => T): T | undefined {
        const value = this.#value[name];
        if (value === undefined) return undefined;
        return read(new MemberReader(membersOf(value, name, this.#fail), this.#fail));
    }
}
