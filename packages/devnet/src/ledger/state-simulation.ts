import { ledger } from '@hyperledger/fabric-protos';
import { encodeTxReadWriteSet, hashKey, isSameVersion, ReadWriteSetBuilder } from '@goodput/rwset';
import type { StateEntry, Version } from '@goodput/rwset';

import { CollectionAccess } from './collection-access.js';
import { privateNamespace } from './namespaces.js';
import { promised } from './promised.js';
import { RangeRows } from './range-rows.js';
import { refuse } from './refusals.js';
import { ResultBatches } from './result-batches.js';
import type { ResultPages, RowSource } from './result-batches.js';
import type { StateDatabase } from './state-database.js';
import type { WorldState } from './state.js';
import type { CollectionName, Paging, SimulateOptions, Simulation } from './simulation.js';
import type { SimulationResult, WrittenPolicy } from './simulation.js';

/** What a simulation works on. */
export interface SimulationContext {
    readonly channel: string;
    readonly state: WorldState;
    /** Whether that is the state as it was once. */
    readonly isPast?: boolean;
    readonly database: StateDatabase;
    readonly organizations: readonly string[];
    readonly totalQueryLimit: number;
    readonly history: (namespace: string, key: string) => RowSource;
    readonly release: () => void;
}

/** The simulation behind {@link Simulation}: reads of one state, recorded as a peer records them. */
export class StateSimulation implements Simulation {
    readonly txId: string;
    readonly #context: SimulationContext;
    readonly #recorder: ReadWriteSetBuilder | undefined;
    readonly #access: CollectionAccess;
    readonly #ranges: RangeRows[] = [];
    readonly #open: ResultPages[] = [];
    readonly #writtenPolicies = new Map<string, WrittenPolicy>();
    readonly #privateReads = new Map<string, CollectionName>();
    #written = false;
    #queriedPrivate = false;
    #paginated = false;
    #ended: SimulationResult | undefined;

    constructor(txId: string, context: SimulationContext, options: SimulateOptions = {}) {
        this.txId = txId;
        this.#context = context;
        this.#recorder = options.readOnly ? undefined : new ReadWriteSetBuilder();
        this.#access = new CollectionAccess({
            channel: context.channel,
            organizations: context.organizations,
            read: (namespace, key) => this.#read(namespace, key)?.value,
            creatorIsMember: options.creatorIsMember,
            peerIsMember: options.peerIsMember,
        });
    }

    getState(namespace: string, key: string): Promise<Uint8Array | undefined> {
        return promised(() => {
            this.#checkOpen(key);
            this.#context.database.checkKey(key);
            return this.#read(namespace, key)?.value;
        });
    }

    getMetadata(namespace: string, key: string): Promise<ReadonlyMap<string, Uint8Array>> {
        return promised(() => {
            this.#checkOpen(key);
            this.#context.database.checkKey(key);
            return metadataOf(this.#read(namespace, key));
        });
    }

    putState(namespace: string, key: string, value: Uint8Array): void {
        const recorder = this.#beforeWrite(key, value);
        recorder.addWrite(namespace, key, value);
        this.#notePolicy(namespace, '', key);
    }

    deleteState(namespace: string, key: string): void {
        this.putState(namespace, key, new Uint8Array());
    }

    putMetadata(namespace: string, key: string, name: string, value: Uint8Array): void {
        const recorder = this.#beforeWrite(key);
        recorder.addMetadataWrite(namespace, key, [{ name, value }]);
        this.#notePolicy(namespace, '', key);
    }

    getStateByRange(
        namespace: string,
        start: string,
        end: string,
        paging?: Paging,
    ): Promise<ResultPages> {
        return promised(() => {
            const paginated = isPaginated(paging);
            if (paginated) this.#beforePaginated();
            this.#checkOpen(start, end, paging?.bookmark ?? '');
            const rows = new RangeRows({
                namespace,
                start: paginated && paging.bookmark !== '' ? paging.bookmark : start,
                end,
                pageSize: paginated ? paging.pageSize : 0,
                batchSize: this.#context.database.rangeBatchSize,
                state: this.#context.state,
            });
            this.#ranges.push(rows);
            return this.#pages(rows, paging);
        });
    }

    async getQueryResult(namespace: string, query: string, paging?: Paging): Promise<ResultPages> {
        const paginated = isPaginated(paging);
        if (paginated) this.#beforePaginated();
        this.#checkOpen();
        const rows = await this.#context.database.query({
            namespace,
            rowNamespace: namespace,
            query,
            state: this.#context.state,
            isPast: this.#context.isPast === true,
            ...(paginated ? { paging } : {}),
            onRow: ({ key, version }) => this.#recorder?.addRead(namespace, key, version),
        });
        return this.#pages(rows, paging);
    }

    getHistory(namespace: string, key: string): Promise<ResultPages> {
        return promised(() => {
            this.#checkOpen();
            return this.#pages(this.#context.history(namespace, key));
        });
    }

    getPrivate(
        namespace: string,
        collection: string,
        key: string,
    ): Promise<Uint8Array | undefined> {
        return promised(() => {
            this.#access.checkRead(namespace, collection);
            this.#access.checkDefined(namespace, collection);
            this.#checkOpen(key);
            this.#context.database.checkKey(key);
            const { state } = this.#context;
            const held = this.#access.peerHolds(namespace, collection);
            const entry = held
                ? state.get(privateNamespace(namespace, collection), key)
                : undefined;
            const hashed = this.#hashed(namespace, collection, key);
            if (!isSameVersion(hashed?.version, entry?.version)) {
                refuse(
                    'private data matching public hash version is not available. Public hash version = ' +
                        `${describeVersion(hashed?.version)}, Private data version = ` +
                        describeVersion(entry?.version),
                );
            }
            this.#recorder?.addPrivateRead(namespace, collection, key, entry?.version);
            if (this.#recorder) {
                this.#privateReads.set(`${namespace}\0${collection}`, { namespace, collection });
            }
            return entry?.value;
        });
    }

    getPrivateHash(
        namespace: string,
        collection: string,
        key: string,
    ): Promise<Uint8Array | undefined> {
        return promised(() => {
            this.#access.checkDefined(namespace, collection);
            this.#checkOpen(key);
            return this.#readHash(namespace, collection, key)?.value;
        });
    }

    getPrivateMetadata(
        namespace: string,
        collection: string,
        key: string,
    ): Promise<ReadonlyMap<string, Uint8Array>> {
        return promised(() => {
            this.#access.checkRead(namespace, collection);
            this.#access.checkDefined(namespace, collection);
            this.#checkOpen(key);
            return metadataOf(this.#readHash(namespace, collection, key));
        });
    }

    putPrivate(namespace: string, collection: string, key: string, value: Uint8Array): void {
        this.#access.checkWrite(namespace, collection);
        this.#access.checkDefined(namespace, collection);
        const recorder = this.#beforeWrite(key, value);
        recorder.addPrivateWrite(namespace, collection, key, value);
        this.#notePolicy(namespace, collection, key);
    }

    deletePrivate(namespace: string, collection: string, key: string): void {
        this.putPrivate(namespace, collection, key, new Uint8Array());
    }

    purgePrivate(namespace: string, collection: string, key: string): void {
        this.#access.checkWrite(namespace, collection);
        this.#access.checkDefined(namespace, collection);
        const recorder = this.#beforeWrite(key);
        recorder.addPrivatePurge(namespace, collection, key);
        this.#notePolicy(namespace, collection, key);
    }

    putPrivateMetadata(
        namespace: string,
        collection: string,
        key: string,
        name: string,
        value: Uint8Array,
    ): void {
        this.#access.checkWrite(namespace, collection);
        this.#access.checkDefined(namespace, collection);
        const recorder = this.#beforeWrite(key);
        recorder.addPrivateMetadataWrite(namespace, collection, key, [{ name, value }]);
        this.#notePolicy(namespace, collection, key);
    }

    getPrivateByRange(
        namespace: string,
        collection: string,
        start: string,
        end: string,
    ): Promise<ResultPages> {
        return promised(() => {
            this.#access.checkRead(namespace, collection);
            this.#beforePrivateQuery();
            this.#access.checkDefined(namespace, collection);
            this.#checkOpen(start, end);
            const rows = new RangeRows({
                namespace: privateNamespace(namespace, collection),
                rowNamespace: namespace,
                start,
                end,
                pageSize: 0,
                state: this.#access.peerHolds(namespace, collection)
                    ? this.#context.state
                    : undefined,
            });
            return this.#pages(rows);
        });
    }

    async getPrivateQueryResult(
        namespace: string,
        collection: string,
        query: string,
    ): Promise<ResultPages> {
        this.#access.checkRead(namespace, collection);
        this.#beforePrivateQuery();
        this.#access.checkDefined(namespace, collection);
        this.#checkOpen();
        const rows = await this.#context.database.query({
            namespace: privateNamespace(namespace, collection),
            rowNamespace: namespace,
            query,
            state: this.#access.peerHolds(namespace, collection) ? this.#context.state : undefined,
            isPast: this.#context.isPast === true,
        });
        return this.#pages(rows);
    }

    done(): SimulationResult {
        if (this.#ended) return this.#ended;
        try {
            this.#ended = this.#build();
            return this.#ended;
        } finally {
            for (const pages of this.#open) pages.close();
            this.#context.release();
        }
    }

    #build(): SimulationResult {
        const recorder = this.#recorder ?? new ReadWriteSetBuilder();
        if (this.#recorder) {
            for (const range of this.#ranges) {
                recorder.addRangeQuery(range.namespace, range.recorded());
            }
        }
        const { rwset, privateWriteSets } = recorder.build();
        return {
            publicBytes: encodeTxReadWriteSet(rwset),
            model: rwset,
            privateWrites: privateWriteSets.map(({ namespace, collection, bytes }) => {
                const message = new ledger.rwset.CollectionPvtReadWriteSet();
                message.setCollectionName(collection);
                message.setRwset(bytes);
                return { namespace, collection, bytes: message.serializeBinary() };
            }),
            writtenPolicies: [...this.#writtenPolicies.values()],
            privateReads: [...this.#privateReads.values()],
        };
    }

    #read(namespace: string, key: string): StateEntry | undefined {
        const entry = this.#context.state.get(namespace, key);
        this.#recorder?.addRead(namespace, key, entry?.version);
        return entry;
    }

    #hashed(namespace: string, collection: string, key: string): StateEntry | undefined {
        return this.#context.state.getHashed(namespace, collection, hashKey(key));
    }

    #readHash(namespace: string, collection: string, key: string): StateEntry | undefined {
        const entry = this.#hashed(namespace, collection, key);
        this.#recorder?.addPrivateRead(namespace, collection, key, entry?.version);
        return entry;
    }

    #pages(rows: RowSource, paging?: Paging): ResultPages {
        const { totalQueryLimit } = this.#context;
        const pageSize = paging?.pageSize ?? 0;
        const pages = new ResultBatches(rows, {
            limit: pageSize > 0 ? Math.min(pageSize, totalQueryLimit) : totalQueryLimit,
            paginated: isPaginated(paging),
        });
        this.#open.push(pages);
        return pages;
    }

    #checkOpen(...texts: readonly string[]): void {
        if (this.#ended) refuse('this instance should not be used after calling Done()');
        // half a surrogate pair has no UTF-8 form: on the wire it would be another key, or none
        if (!texts.some((text) => /\p{Surrogate}/u.test(text))) return;
        refuse('unmarshal failed: string field contains invalid UTF-8');
    }

    /** A peer's checks before any write, in its order. */
    #beforeWrite(key: string, value?: Uint8Array): ReadWriteSetBuilder {
        this.#checkOpen(key);
        if (this.#queriedPrivate) {
            this.#unsupported(
                'Transaction has already performed queries on pvt data. Writes are not allowed',
            );
        }
        if (this.#paginated) {
            this.#unsupported(
                'Transaction has already performed a paginated query. Writes are not allowed',
            );
        }
        if (!this.#recorder) refuse(`txid [${this.txId}]: this simulation is read-only`);
        this.#written = true;
        this.#context.database.checkKeyAndValue(key, value);
        return this.#recorder;
    }

    #beforePrivateQuery(): void {
        if (this.#written) {
            this.#unsupported('Queries on pvt data is supported only in a read-only transaction');
        }
        this.#queriedPrivate = true;
    }

    #beforePaginated(): void {
        if (this.#written) {
            this.#unsupported('Paginated queries are supported only in a read-only transaction');
        }
        this.#paginated = true;
    }

    #unsupported(why: string): never {
        // "unsuppored" is how every peer spells it
        refuse(`txid [${this.txId}]: unsuppored transaction. ${why}`);
    }

    #notePolicy(namespace: string, collection: string, key: string): void {
        const { state } = this.#context;
        const entry = collection
            ? this.#hashed(namespace, collection, key)
            : state.get(namespace, key);
        if (!entry?.metadata) return;
        this.#writtenPolicies.set(`${namespace}\0${collection}\0${key}`, {
            namespace,
            collection,
            key,
            metadata: metadataOf(entry),
        });
    }
}

function isPaginated(paging: Paging | undefined): paging is Paging {
    return paging !== undefined && (paging.pageSize !== 0 || paging.bookmark !== '');
}

/** The metadata of a key by name; empty if it has none. */
export function metadataOf(entry: StateEntry | undefined): ReadonlyMap<string, Uint8Array> {
    return new Map((entry?.metadata ?? []).map(({ name, value }) => [name, value]));
}

/** A version as a peer prints it. */
function describeVersion(version: Version | undefined): string {
    if (!version) return '<nil>';
    return `{BlockNum: ${version.blockNum}, TxNum: ${version.txNum}}`;
}
