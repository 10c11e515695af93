import { peer } from '@hyperledger/fabric-protos';

/** One open iterator of a chaincode; batches are what a QUERY_STATE_NEXT is answered with. */
export interface ResultPages {
    /** Serialized `KV` or `KeyModification` messages, whether more follow, and paging metadata. */
    next(): Promise<ResultBatch>;
    close(): void;
}

export interface ResultBatch {
    readonly results: readonly Uint8Array[];
    readonly hasMore: boolean;
    /** A serialized `QueryResponseMetadata`: only of a paginated query, with its one batch. */
    readonly metadata?: Uint8Array;
}

/** What a batch is filled from. */
export interface RowSource {
    next(): Promise<Uint8Array | undefined>;
    /** Where the next page starts. */
    bookmark(): string;
    close(): void;
}

/** How many results a peer puts into one message to a chaincode. */
export const BATCH_SIZE = 100;

/**
 * Hands rows out the way a peer does: it fetches one row more than it sends to know whether another
 * batch follows, and that row too ends up in the read set. A paginated query is one batch.
 */
export class ResultBatches implements ResultPages {
    readonly #source: RowSource;
    readonly #limit: number;
    readonly #paginated: boolean;
    #pending: Uint8Array[] = [];
    #count = 0;
    #open = true;

    constructor(
        source: RowSource,
        options: { readonly limit: number; readonly paginated: boolean },
    ) {
        this.#source = source;
        this.#limit = options.limit;
        this.#paginated = options.paginated;
    }

    async next(): Promise<ResultBatch> {
        while (this.#open) {
            // at the limit a peer stops silently: no error, no mark of what was left out
            const row = this.#count >= this.#limit ? undefined : await this.#source.next();
            if (!row) return this.#last();
            this.#count++;
            if (!this.#paginated && this.#pending.length === BATCH_SIZE) {
                const results = this.#pending;
                this.#pending = [row];
                return { results, hasMore: true };
            }
            this.#pending.push(row);
        }
        return { results: [], hasMore: false };
    }

    close(): void {
        if (!this.#open) return;
        this.#open = false;
        this.#source.close();
    }

    #last(): ResultBatch {
        const results = this.#pending;
        this.#pending = [];
        if (!this.#paginated) {
            this.close();
            return { results, hasMore: false };
        }
        const metadata = new peer.QueryResponseMetadata();
        metadata.setFetchedRecordsCount(this.#count);
        metadata.setBookmark(this.#source.bookmark());
        this.close();
        return { results, hasMore: false, metadata: metadata.serializeBinary() };
    }
}
