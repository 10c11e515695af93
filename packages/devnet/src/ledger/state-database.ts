import { promised } from './promised.js';
import { refuse } from './refusals.js';
import type { RowSource } from './result-batches.js';
import type { Version } from '@goodput/rwset';
import type { Paging } from './simulation.js';
import type { WorldState } from './state.js';
import type { StateWrite } from './storage.js';

/** A rich query over one namespace of the state. */
export interface RichQuery {
    /** Where the documents are. */
    readonly namespace: string;
    /** What the rows name as their namespace. */
    readonly rowNamespace: string;
    readonly query: string;
    readonly paging?: Paging;
    /** Absent when the peer does not hold the data. */
    readonly state: WorldState | undefined;
    /** Whether that is the state as it was once. */
    readonly isPast?: boolean;
    /** Told of every row handed out. */
    readonly onRow?: (row: { readonly key: string; readonly version: Version }) => void;
}

/** What a peer's choice of state database changes for chaincodes. */
export interface StateDatabase {
    readonly kind: 'leveldb' | 'couchdb';
    /** How many rows of a range are requested at once; undefined when rows come one by one. */
    readonly rangeBatchSize: number | undefined;
    /** Refuses keys that the database cannot look up. */
    checkKey(key: string): void;
    /** Refuses what the database cannot hold. */
    checkKeyAndValue(key: string, value?: Uint8Array): void;
    /** Whether the database can hold a value under a key. */
    readonly accepts: (key: string, value: Uint8Array) => boolean;
    /** The bytes that later reads of a written value return. */
    stored(value: Uint8Array): Uint8Array;
    query(query: RichQuery): Promise<RowSource>;
    /** Gets ready for a ledger that has come as far as the savepoint; none if it has no blocks. */
    opened(savepoint: Savepoint | undefined): Promise<void>;
    /** Follows a block. What fails here fails the commit before anything else is written. */
    apply(writes: readonly StateWrite[], savepoint: Savepoint): Promise<void>;
    /** Told that the state may not have become what was applied. */
    outOfStep(): void;
    /** Follows the state back to an earlier one. */
    rewound(writes: readonly StateWrite[], savepoint: Savepoint | undefined): Promise<void>;
    /** Makes the indexes that a chaincode's package brings for one namespace. */
    deployIndexes(
        namespace: string,
        files: ReadonlyMap<string, string>,
    ): Promise<readonly IndexOutcome[]>;
}

/** The last transaction of the last block. */
export interface Savepoint {
    readonly blockNum: number;
    readonly txNum: number;
}

/** What became of one index file. */
export interface IndexOutcome {
    readonly file: string;
    /** Why CouchDB refused it; a peer writes that to its log only, and goes on. */
    readonly refusal: string | undefined;
}

/** The peer's default database: any key, any value, no rich queries. */
export const LEVEL_DATABASE: StateDatabase = {
    kind: 'leveldb',
    rangeBatchSize: undefined,
    checkKey: () => undefined,
    checkKeyAndValue: () => undefined,
    accepts: () => true,
    stored: (value) => value,
    query: ({ paging }) =>
        promised(() =>
            refuse(
                paging
                    ? 'ExecuteQueryWithMetadata not supported for leveldb'
                    : 'ExecuteQuery not supported for leveldb',
            ),
        ),
    opened: () => Promise.resolve(),
    apply: () => Promise.resolve(),
    outOfStep: () => undefined,
    rewound: () => Promise.resolve(),
    deployIndexes: () => Promise.resolve([]),
};
