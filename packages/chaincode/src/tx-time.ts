import type { Stub } from './stub.js';

/** The transaction's own time: the same on every endorser, and set by the client. */
export interface TxTime {
    /** Whole milliseconds since 1970. */
    readonly ms: number;
    /** Nanoseconds since 1970. */
    readonly ns: bigint;
    /** As ISO 8601 text with milliseconds, in UTC. */
    readonly iso: string;
}

/** Reads the timestamp of the transaction. */
export function txTime(stub: Pick<Stub, 'getTxTimestamp'>): TxTime {
    const { seconds, nanos } = stub.getTxTimestamp();
    const ns = BigInt(seconds.toString()) * 1_000_000_000n + BigInt(nanos);
    const ms = Number(ns / 1_000_000n);
    return { ms, ns, iso: new Date(ms).toISOString() };
}
