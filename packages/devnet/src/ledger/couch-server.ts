import { CouchdbError, peerRewrite } from '@goodput/couchdb';
import type { JsonObject } from '@goodput/couchdb';

import { DevnetError } from '../errors.js';
import { isBookkeeping } from './bookkeeping.js';
import type { CouchClient } from './couch-client.js';
import { documentFor, documentId } from './couch-layout.js';
import { metadataDatabase, namespaceDatabase } from './couch-layout.js';
import { checkCouchKey, checkCouchKeyAndValue, couchAccepts } from './couch-rules.js';
import { couchStored, refusedByCouch } from './couch-rules.js';
import { refuse } from './refusals.js';
import { NO_PAGE, ServerRows } from './server-rows.js';
import type { Page } from './server-rows.js';
import type { RowSource } from './result-batches.js';
import type { IndexOutcome, RichQuery, Savepoint, StateDatabase } from './state-database.js';
import type { WorldState } from './state.js';
import type { StateWrite } from './storage.js';

/** How many documents go into one request, as a peer's `maxBatchUpdateSize`. */
const BATCH_SIZE = 1_000;
const SAVEPOINT = 'statedb_savepoint';
const CHANNEL_METADATA = 'channel_metadata';
/** By this document a channel's databases are known to be ours to overwrite. */
const OWNER = 'goodput_devnet';

/** How {@link CouchServer} works. */
export interface CouchServerOptions {
    readonly client: CouchClient;
    readonly channel: string;
    readonly internalQueryLimit: number;
    readonly log: (line: string) => void;
    /** The committed state, to bring CouchDB into step with. */
    readonly state: () => WorldState;
    /** The index files deployed to a namespace so far, oldest first. */
    readonly indexFiles: (namespace: string) => readonly ReadonlyMap<string, string>[];
}

/**
 * The state in a real CouchDB, laid out as a peer lays it out, and rich queries answered by it. The
 * ledger's own copy stays the truth: whenever the two may have come apart (a crash, a failed
 * request, another ledger before), CouchDB's is written anew.
 */
export class CouchServer implements StateDatabase {
    readonly kind = 'couchdb';
    readonly rangeBatchSize: number;
    readonly checkKey = checkCouchKey;
    readonly checkKeyAndValue = checkCouchKeyAndValue;
    readonly accepts = couchAccepts;
    readonly stored = couchStored;
    readonly #options: CouchServerOptions;
    readonly #client: CouchClient;
    readonly #metadata: string;
    /** Databases of this channel, by namespace. */
    readonly #databases = new Map<string, string>();
    #inStep = false;

    constructor(options: CouchServerOptions) {
        this.#options = options;
        this.rangeBatchSize = options.internalQueryLimit;
        this.#client = options.client;
        this.#metadata = metadataDatabase(options.channel);
    }

    async opened(savepoint: Savepoint | undefined): Promise<void> {
        await this.#client.demand('GET', []);
        const owner = await this.#document(this.#metadata, OWNER);
        const known = await this.#document(this.#metadata, CHANNEL_METADATA);
        if (known && !owner) {
            throw new DevnetError(
                'DEVNET_COUCHDB_OCCUPIED',
                `The CouchDB already has a database ${this.#metadata}, of a peer of channel ` +
                    `${this.#options.channel}, and it would be overwritten. Use another CouchDB, ` +
                    "another channel, or delete that channel's databases.",
            );
        }
        const spaces = (known?.['NamespaceDBsInfo'] ?? {}) as Record<string, { DBName: string }>;
        for (const [namespace, { DBName }] of Object.entries(spaces)) {
            this.#databases.set(namespace, DBName);
        }
        const reached = await this.#document(this.#metadata, SAVEPOINT);
        this.#inStep =
            savepoint !== undefined &&
            reached?.['BlockNum'] === savepoint.blockNum &&
            reached['TxNum'] === savepoint.txNum;
        if (!this.#inStep) await this.#writeAnew(savepoint);
    }

    async query(query: RichQuery): Promise<RowSource> {
        if (!this.#inStep) {
            refuse(
                'the CouchDB of this ledger is behind its blocks, and is brought up with the next',
            );
        }
        // A CouchDB has one state, the one there is; who asks for another was refused before.
        if (query.isPast === true) refuse('a CouchDB keeps no earlier state to query');
        if (!query.state) return new ServerRows(query, () => Promise.resolve(NO_PAGE), 1);
        const database = await this.#database(query.namespace);
        const { internalQueryLimit } = this.#options;
        const rows = new ServerRows(
            query,
            (limit, bookmark) => this.#find(database, query.query, limit, bookmark),
            internalQueryLimit,
        );
        await rows.start();
        return rows;
    }

    async apply(writes: readonly StateWrite[], savepoint: Savepoint | undefined): Promise<void> {
        // until everything is through, what CouchDB holds is neither the old state nor the new
        const inStep = this.#inStep;
        this.#inStep = false;
        if (!inStep) await this.#writeAnew(undefined);
        const byNamespace = new Map<string, Map<string, StateWrite>>();
        for (const write of writes) {
            if (isBookkeeping(write.namespace)) continue;
            let space = byNamespace.get(write.namespace);
            if (!space) byNamespace.set(write.namespace, (space = new Map<string, StateWrite>()));
            space.set(documentId(write.namespace, write.key), write);
        }
        for (const [namespace, space] of byNamespace) await this.#write(namespace, space);
        await this.#saveSavepoint(savepoint);
        this.#inStep = true;
    }

    outOfStep(): void {
        this.#inStep = false;
    }

    rewound(writes: readonly StateWrite[], savepoint: Savepoint | undefined): Promise<void> {
        return this.apply(writes, savepoint);
    }

    async deployIndexes(
        namespace: string,
        files: ReadonlyMap<string, string>,
    ): Promise<readonly IndexOutcome[]> {
        const database = await this.#database(namespace);
        const outcomes: IndexOutcome[] = [];
        for (const [file, content] of files) {
            const { status, body } = await this.#client.request(
                'POST',
                [database, '_index'],
                content,
            );
            const refusal = status < 400 ? undefined : String(body['reason'] ?? body['error']);
            outcomes.push({ file, refusal });
        }
        return outcomes;
    }

    /** Deletes what CouchDB has of the channel and writes the ledger's state there. */
    async #writeAnew(savepoint: Savepoint | undefined): Promise<void> {
        this.#inStep = false;
        for (const database of [...this.#databases.values(), this.#metadata]) {
            await this.#client.demand('DELETE', [database], undefined, [404]);
        }
        this.#databases.clear();
        await this.#create(this.#metadata);
        await this.#save(OWNER, { purpose: 'state of an embedded network: may be overwritten' });
        await this.#saveChannelMetadata();
        const state = this.#options.state();
        for (const namespace of state.namespaces()) {
            if (isBookkeeping(namespace)) continue;
            for (const files of this.#options.indexFiles(namespace)) {
                await this.deployIndexes(namespace, files);
            }
            let some = new Map<string, StateWrite>();
            for (const entry of state.range(namespace, '', '')) {
                const { key } = entry;
                some.set(documentId(namespace, key), { namespace, key, value: entry });
                if (some.size < BATCH_SIZE) continue;
                await this.#write(namespace, some);
                some = new Map();
            }
            await this.#write(namespace, some);
        }
        await this.#saveSavepoint(savepoint);
        this.#inStep = true;
    }

    async #write(namespace: string, writes: ReadonlyMap<string, StateWrite>): Promise<void> {
        const database = await this.#database(namespace);
        const ids = [...writes.keys()];
        for (let at = 0; at < ids.length; at += BATCH_SIZE) {
            const some = ids.slice(at, at + BATCH_SIZE);
            const revisions = await this.#revisions(database, some);
            const docs = some.flatMap((id): JsonObject[] => {
                const value = writes.get(id)?.value;
                const revision = revisions.get(id);
                if (value) return [documentFor(id, value, revision)];
                return revision === undefined ? [] : [{ _id: id, _rev: revision, _deleted: true }];
            });
            if (docs.length === 0) continue;
            const { body } = await this.#client.demand('POST', [database, '_bulk_docs'], { docs });
            const failed = (
                body as unknown as { id: string; error?: string; reason?: string }[]
            ).find(({ error }) => error !== undefined);
            if (!failed) continue;
            throw new DevnetError(
                'DEVNET_COUCHDB_FAILED',
                `CouchDB did not save document ${failed.id} of ${database}: ${failed.error}: ` +
                    `${failed.reason}. Leave the channel's databases to this ledger alone.`,
            );
        }
    }

    async #revisions(database: string, ids: readonly string[]): Promise<Map<string, string>> {
        const { body } = await this.#client.demand('POST', [database, '_all_docs'], { keys: ids });
        const rows = (body['rows'] ?? []) as {
            id?: string;
            value?: { rev: string; deleted?: boolean } | null;
        }[];
        return new Map(
            rows.flatMap(({ id, value }): [string, string][] =>
                id !== undefined && value && !value.deleted ? [[id, value.rev]] : [],
            ),
        );
    }

    async #find(database: string, query: string, limit: number, bookmark: string): Promise<Page> {
        let request: JsonObject;
        try {
            request = peerRewrite(query, limit, bookmark);
        } catch (error) {
            if (error instanceof CouchdbError) refuse(error.message);
            throw error;
        }
        const { status, body } = await this.#client.request('POST', [database, '_find'], request);
        if (status >= 400) refusedByCouch(status, String(body['error']), String(body['reason']));
        const { warning } = body;
        if (typeof warning === 'string' && warning !== '') {
            const text = JSON.stringify(request);
            this.#options.log(`The query [${text}] caused the following warning: [${warning}]`);
        }
        return {
            docs: body['docs'] as readonly JsonObject[],
            bookmark: typeof body['bookmark'] === 'string' ? body['bookmark'] : '',
        };
    }

    /** The database of a namespace, made and made known if it is new. */
    async #database(namespace: string): Promise<string> {
        const known = this.#databases.get(namespace);
        if (known !== undefined) return known;
        const database = namespaceDatabase(this.#options.channel, namespace);
        await this.#create(database);
        this.#databases.set(namespace, database);
        await this.#saveChannelMetadata();
        return database;
    }

    async #create(database: string): Promise<void> {
        await this.#client.demand('PUT', [database], undefined, [412]);
        const { user } = this.#client;
        if (user === undefined) return;
        const only = { names: [user], roles: [] };
        await this.#client.demand('PUT', [database, '_security'], { admins: only, members: only });
    }

    async #document(database: string, id: string): Promise<CouchDocument | undefined> {
        const { status, body } = await this.#client.demand('GET', [database, id], undefined, [404]);
        return status === 404 ? undefined : body;
    }

    /** Saves a document of the channel's metadata database. */
    async #save(id: string, document: CouchDocument): Promise<void> {
        const before = await this.#document(this.#metadata, id);
        await this.#client.demand('PUT', [this.#metadata, id], {
            ...document,
            ...(before ? { _rev: before['_rev'] } : {}),
        });
    }

    async #saveSavepoint(savepoint: Savepoint | undefined): Promise<void> {
        if (!savepoint) return;
        const { blockNum, txNum } = savepoint;
        await this.#save(SAVEPOINT, { BlockNum: blockNum, TxNum: txNum });
    }

    async #saveChannelMetadata(): Promise<void> {
        const spaces = [...this.#databases].map(([Namespace, DBName]) => [
            Namespace,
            { Namespace, DBName },
        ]);
        await this.#save(CHANNEL_METADATA, {
            ChannelName: this.#options.channel,
            NamespaceDBsInfo: Object.fromEntries(spaces) as unknown,
        });
    }
}

type CouchDocument = Readonly<Record<string, unknown>>;
