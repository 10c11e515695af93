import { ledger } from '@hyperledger/fabric-protos';
import { goJson } from '@goodput/couchdb';
import { RangeSummary } from '@goodput/rwset';
import type { RangeQuery, StateEntry } from '@goodput/rwset';

import { promised } from './promised.js';
import type { RowSource } from './result-batches.js';
import type { WorldState } from './state.js';

/** A range to walk. */
export interface RangeRowsOptions {
    /** Where the keys are. */
    readonly namespace: string;
    /** What the rows name as their namespace, if that is another. */
    readonly rowNamespace?: string;
    readonly start: string;
    readonly end: string;
    /** After so many rows the iterator says it has no more; 0 or less for no such limit. */
    readonly pageSize: number;
    /**
     * How many rows the database is asked for at once. Given for CouchDB: a page's bookmark is then
     * where the last request ended, and at the end of the range the range's own end.
     */
    readonly batchSize?: number | undefined;
    /** Absent when the peer does not hold the data: the range is then empty. */
    readonly state: WorldState | undefined;
}

/**
 * Walks a range and notes what it handed out: the range ends at the last key fetched, unless the
 * caller was told that there are no more.
 */
export class RangeRows implements RowSource {
    readonly #options: RangeRowsOptions;
    readonly #entries: Iterator<StateEntry>;
    readonly #summary = new RangeSummary();
    #fetched = 0;
    #requested: number;
    #lastKey = '';
    #exhausted = false;

    constructor(options: RangeRowsOptions) {
        this.#options = options;
        const { state, namespace, start, end } = options;
        this.#requested = this.#nextRequest();
        this.#entries = (state?.range(namespace, start, end) ?? [])[Symbol.iterator]();
    }

    get namespace(): string {
        return this.#options.namespace;
    }

    next(): Promise<Uint8Array | undefined> {
        return promised(() => {
            const { pageSize, rowNamespace, namespace } = this.#options;
            const full = pageSize > 0 && this.#fetched >= pageSize;
            const entry = full ? undefined : this.#take();
            if (!entry) {
                this.#exhausted = true;
                return undefined;
            }
            if (this.#fetched >= this.#requested) this.#requested += this.#nextRequest();
            this.#fetched++;
            this.#lastKey = entry.key;
            this.#summary.add({ key: entry.key, version: entry.version });
            return encodeRow(rowNamespace ?? namespace, entry.key, entry.value);
        });
    }

    /** The key that the next page starts with. */
    bookmark(): string {
        const { batchSize, end } = this.#options;
        if (batchSize === undefined) return this.#take()?.key ?? '';
        let next = this.#take();
        // rows that were requested and not handed out are passed over, as on a peer
        for (let at = this.#fetched; next && at < this.#requested; at++) next = this.#take();
        return next?.key ?? goJson(end).slice(1, -1);
    }

    close(): void {
        this.#entries.return?.();
    }

    /** What a transaction that walked this range has to record. */
    recorded(): RangeQuery {
        const { start, end } = this.#options;
        return {
            startKey: start,
            endKey: this.#exhausted ? end : this.#lastKey,
            itrExhausted: this.#exhausted,
            ...this.#summary.finish(),
        };
    }

    /** How many rows the next request asks for. */
    #nextRequest(): number {
        const { batchSize = Infinity, pageSize } = this.#options;
        return pageSize > 0 ? Math.min(batchSize, pageSize - this.#fetched) : batchSize;
    }

    #take(): StateEntry | undefined {
        const step = this.#entries.next();
        return step.done ? undefined : step.value;
    }
}

/** A result as a chaincode gets it. */
export function encodeRow(namespace: string, key: string, value: Uint8Array): Uint8Array {
    const row = new ledger.queryresult.KV();
    row.setNamespace(namespace);
    row.setKey(key);
    row.setValue(value);
    return row.serializeBinary();
}
