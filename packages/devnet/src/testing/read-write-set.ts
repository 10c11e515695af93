import { deepStrictEqual } from 'node:assert';
import { decodePreparedTransaction, type NamespaceReadWriteSet } from '@goodput/rwset';
import type { Transaction } from '@hyperledger/fabric-gateway';
import { DevnetError } from '../errors.js';

/** What a transaction read and wrote in one chaincode, for people and assertions. */
export interface ReadWriteSetView {
    /** Keys read, with the version seen as `block:transaction`; `absent` if there was none. */
    readonly reads: Readonly<Record<string, string>>;
    /** Keys written, with the value as text; `null` for a deletion. */
    readonly writes: Readonly<Record<string, string | null>>;
    /** Ranges read, as `[start, end]`; the end is empty when open. */
    readonly ranges: readonly (readonly [string, string])[];
    /** Private collections: hashes of the keys read and written. */
    readonly collections: Readonly<
        Record<string, { readonly reads: readonly string[]; readonly writes: readonly string[] }>
    >;
}

const NOTHING: ReadWriteSetView = { reads: {}, writes: {}, ranges: [], collections: {} };

function view(set: NamespaceReadWriteSet): ReadWriteSetView {
    return {
        reads: Object.fromEntries(
            set.reads.map(({ key, version }) => [
                key,
                version ? `${version.blockNum}:${version.txNum}` : 'absent',
            ]),
        ),
        writes: Object.fromEntries(
            set.writes.map(({ key, isDelete, value }) => [
                key,
                isDelete ? null : Buffer.from(value).toString(),
            ]),
        ),
        ranges: set.rangeQueries.map(({ startKey, endKey }) => [startKey, endKey] as const),
        collections: Object.fromEntries(
            set.collections.map(({ collection, reads, writes }) => [
                collection,
                {
                    reads: reads.map(({ keyHash }) => keyHash),
                    writes: writes.map(({ keyHash }) => keyHash),
                },
            ]),
        ),
    };
}

/**
 * What an endorsed transaction read and wrote.
 *
 * @param chaincode - whose part of it; that of the chaincode that was called by default
 */
export function readWriteSet(transaction: Transaction, chaincode?: string): ReadWriteSetView {
    const decoded = decodePreparedTransaction(transaction.getBytes());
    const name = chaincode ?? decoded.chaincode?.name ?? '';
    const found = decoded.rwset?.namespaces.find(({ namespace }) => namespace === name);
    return found === undefined ? NOTHING : view(found);
}

/** What is expected of a read/write set; what is left out may be anything. */
export interface ExpectedReadWriteSet {
    /** Whose part; that of the chaincode that was called by default. */
    readonly chaincode?: string;
    /** Exactly these keys are read, in any order. */
    readonly reads?: readonly string[];
    /** Exactly these keys are written, with these values; `null` for a deletion. */
    readonly writes?: Readonly<Record<string, string | null>>;
    /** Exactly these ranges are read. */
    readonly ranges?: readonly (readonly [string, string])[];
}

const KNOWN = ['chaincode', 'reads', 'writes', 'ranges'];

/** Of a chaincode that a transaction does not touch, whose name may be misspelt, nothing can be expected. */
function checkTouched(transaction: Transaction, chaincode: string | undefined): void {
    if (chaincode === undefined) return;
    const { rwset, chaincode: called } = decodePreparedTransaction(transaction.getBytes());
    const touched = new Set(rwset?.namespaces.map(({ namespace }) => namespace));
    if (called !== undefined) touched.add(called.name);
    if (touched.has(chaincode)) return;
    throw new DevnetError(
        'DEVNET_OPTION_INVALID',
        `The transaction touches no chaincode ${JSON.stringify(chaincode)}; it touches ${[...touched].join(', ')}.`,
    );
}

/**
 * Fails unless the transaction read and wrote what is expected.
 *
 * @example
 * ```ts
 * const transaction = await assets.endorse('transfer', 'a', 'b', '10');
 * expectReadWriteSet(transaction, { reads: ['a', 'b'], writes: { a: '90', b: '110' } });
 * ```
 */
export function expectReadWriteSet(transaction: Transaction, expected: ExpectedReadWriteSet): void {
    const unknown = Object.keys(expected).find((name) => !KNOWN.includes(name));
    if (unknown !== undefined) {
        throw new DevnetError(
            'DEVNET_OPTION_INVALID',
            `A read/write set has no "${unknown}" to expect; it has ${KNOWN.join(', ')}.`,
        );
    }
    checkTouched(transaction, expected.chaincode);
    const found = readWriteSet(transaction, expected.chaincode);
    const actual: Record<string, unknown> = {};
    const wanted: Record<string, unknown> = {};
    if (expected.reads !== undefined) {
        actual['reads'] = Object.keys(found.reads).sort();
        wanted['reads'] = expected.reads.toSorted();
    }
    if (expected.writes !== undefined) {
        actual['writes'] = found.writes;
        wanted['writes'] = expected.writes;
    }
    if (expected.ranges !== undefined) {
        actual['ranges'] = found.ranges;
        wanted['ranges'] = expected.ranges;
    }
    deepStrictEqual(actual, wanted);
}
