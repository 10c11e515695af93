import { createHash } from 'node:crypto';
import { ChaincodeError } from './errors.js';
import { pendingEvent } from './events.js';
import { flushOverlay } from './flush.js';
import { Overlay, type UnitOfWorkOptions } from './overlay.js';
import type { TransactionCounts } from './metrics.js';
import type { Space } from './space.js';
import { checkCompositeParts } from './state-rules.js';
import { asScan, type RowIterator, type Scan, type Stub } from './stub.js';

const DONE = Promise.resolve();
const LOWEST_SIMPLE_KEY = '\u0001';
// Fabric's types do not say that there may be none.
const NO_POLICY = undefined as unknown as Uint8Array;
const HIGHEST = '\u{10ffff}';

/** What a transaction was called with. */
interface Invocation {
    readonly fcn: string;
    readonly params: readonly string[];
}

/** A point a {@link UnitOfWork} can go back to. */
export interface Savepoint {
    /** Takes back every write and event since. */
    rollback(): void;
    /** Keeps them. */
    release(): void;
}

/** Committed state, without the pending writes. Reads through it are recorded like any other. */
export interface CommittedState {
    getState(key: string): Promise<Buffer>;
    getPrivateData(collection: string, key: string): Promise<Buffer>;
}

function asError(thrown: unknown): Error {
    return thrown instanceof Error ? thrown : new Error(String(thrown));
}

function nonEmpty(what: string, value: unknown): void {
    if (typeof value !== 'string' || value === '')
        throw new Error(`${what} must be a valid string`);
}

const BRAND = Symbol.for('goodput.UnitOfWork');

/** Whether a stub is a unit of work, of this copy of the package or of another one. */
export function isUnitOfWork(stub: unknown): stub is UnitOfWork {
    return typeof stub === 'object' && stub !== null && BRAND in stub;
}

/** The unit of work a context carries. */
export function unitOf(ctx: { readonly stub: unknown }): UnitOfWork {
    if (isUnitOfWork(ctx.stub)) return ctx.stub;
    throw new ChaincodeError(
        'CHAINCODE_SETUP_INVALID',
        'the context carries no unit of work; extend GoodputContract or mix in withBatching',
    );
}

/**
 * Fabric's stub with read-your-writes.
 *
 * Reads see the transaction's own writes; writes wait, and reach the peer once, sorted, in one
 * {@link UnitOfWork.flush}: however often a key is written, the peer sees one read and one write of it.
 * It has the methods of `ChaincodeStub` and can be used wherever that is asked for.
 *
 * @example
 * ```ts no-run
 * import { UnitOfWork } from '@goodput/chaincode';
 * import type { ChaincodeStub } from 'fabric-shim';
 *
 * export async function twice(stub: ChaincodeStub): Promise<void> {
 *   const unit = new UnitOfWork(stub);
 *   for (let round = 0; round < 2; round++) {
 *     const count = Number((await unit.getState('count')).toString() || '0');
 *     await unit.putState('count', String(count + 1));
 *   }
 *   await unit.flush(); // count has grown by 2
 * }
 * ```
 */
export class UnitOfWork implements Stub {
    /** @internal */
    readonly [BRAND] = true;
    readonly #overlay: Overlay;
    readonly #stub: Stub;
    readonly #invocation: Invocation | undefined;
    #closed = false;

    constructor(stub: Stub, options?: UnitOfWorkOptions);
    /** @internal */
    constructor(overlay: Overlay, options: undefined, invocation: Invocation);
    constructor(source: Stub | Overlay, options?: UnitOfWorkOptions, invocation?: Invocation) {
        this.#overlay = source instanceof Overlay ? source : new Overlay(source, options);
        this.#stub = this.#overlay.stub;
        this.#invocation = invocation;
    }

    /** @internal The shared state below this view. */
    get overlay(): Overlay {
        return this.#overlay;
    }

    /** What this transaction has done so far. */
    get counts(): Readonly<TransactionCounts> {
        return this.#overlay.counts;
    }

    /** Whether anything would be written by a flush now. */
    get hasPendingWrites(): boolean {
        return this.#overlay.hasPendingWrites;
    }

    /** Committed state, as Fabric's own stub shows it. */
    get committed(): CommittedState {
        const read = async (collection: string, key: string): Promise<Buffer> => {
            const overlay = this.#open();
            return Buffer.from(await overlay.readCommitted(overlay.space(collection), key));
        };
        return {
            getState: (key) => read('', key),
            getPrivateData: (collection, key) => read(collection, key),
        };
    }

    /** @internal A view of the same transaction for one operation of a batch. */
    forOperation(fcn: string, params: readonly string[]): UnitOfWork {
        return new UnitOfWork(this.#overlay, undefined, { fcn, params });
    }

    /** @internal Refuses all further use, so that a forgotten `await` cannot reach into what follows. */
    close(): void {
        this.#closed = true;
    }

    #open(): Overlay {
        if (this.#closed || this.#overlay.flushed) {
            throw new ChaincodeError(
                'CHAINCODE_UNIT_CLOSED',
                'the stub was used after its transaction or operation had ended; is an await missing?',
            );
        }
        return this.#overlay;
    }

    /**
     * Marks a point to go back to. Savepoints nest; ending one ends those inside it.
     */
    savepoint(): Savepoint {
        const overlay = this.#open();
        const mark = overlay.mark();
        let ended = false;
        const end = (how: 'rollback' | 'release'): void => {
            if (ended) {
                throw new ChaincodeError(
                    'CHAINCODE_SAVEPOINT_INVALID',
                    'this savepoint has ended already',
                );
            }
            ended = true;
            overlay[how](mark);
        };
        return {
            rollback: () => {
                end('rollback');
            },
            release: () => {
                end('release');
            },
        };
    }

    /**
     * Runs `work` and, when it throws, takes back what it wrote before passing the error on.
     */
    async attempt<T>(work: () => Promise<T>): Promise<T> {
        const savepoint = this.savepoint();
        let result: T;
        try {
            result = await work();
        } catch (error) {
            savepoint.rollback();
            throw error;
        }
        savepoint.release();
        return result;
    }

    /** Sends the pending writes and the event to the peer. The unit of work cannot be used after. */
    async flush(): Promise<void> {
        const overlay = this.#open();
        if (overlay.isMarked) {
            throw new ChaincodeError(
                'CHAINCODE_SAVEPOINT_INVALID',
                'a flush within a savepoint, or within an operation of a batch, could not be taken back',
            );
        }
        await flushOverlay(overlay);
    }

    // Fabric's stub: state

    async getState(key: string): Promise<Buffer> {
        const overlay = this.#open();
        return overlay.read(overlay.state, key);
    }

    putState(key: string, value: Uint8Array | string): Promise<void> {
        return this.#write((overlay) => {
            overlay.put(overlay.state, key, value);
        });
    }

    deleteState(key: string): Promise<void> {
        return this.#write((overlay) => {
            overlay.remove(overlay.state, key);
        });
    }

    setStateValidationParameter(key: string, policy: Uint8Array): Promise<void> {
        return this.#write((overlay) => {
            overlay.setMetadata(overlay.state, key, policy);
        });
    }

    async getStateValidationParameter(key: string): Promise<Uint8Array> {
        const overlay = this.#open();
        return this.#metadata(overlay.state, key, () =>
            this.#stub.getStateValidationParameter(key),
        );
    }

    getStateByRange(startKey: string, endKey: string): Scan {
        const start = startKey || LOWEST_SIMPLE_KEY;
        const end = endKey || '';
        return this.#scan(start, end, () => this.#stub.getStateByRange(startKey, end));
    }

    getStateByPartialCompositeKey(objectType: string, attributes: string[]): Scan {
        // Like the shim's, this throws at once when a part is unusable.
        const prefix = this.createCompositeKey(objectType, attributes);
        return this.#scan(prefix, prefix + HIGHEST, () =>
            this.#stub.getStateByPartialCompositeKey(objectType, attributes),
        );
    }

    // Fabric's stub: private data

    async getPrivateData(collection: string, key: string): Promise<Buffer> {
        const overlay = this.#private(collection, key);
        return overlay.read(overlay.space(collection), key);
    }

    async getPrivateDataHash(collection: string, key: string): Promise<Uint8Array> {
        const overlay = this.#private(collection, key);
        overlay.hearPoint(overlay.space(collection), key);
        const pending = overlay.space(collection).writes.get(key);
        if (pending === undefined) return this.#stub.getPrivateDataHash(collection, key);
        if (pending.value === null) return Buffer.alloc(0);
        return createHash('sha256').update(pending.value).digest();
    }

    putPrivateData(collection: string, key: string, value: Uint8Array | string): Promise<void> {
        return this.#write((overlay) => {
            this.#private(collection, key);
            overlay.put(overlay.space(collection), key, value);
        });
    }

    deletePrivateData(collection: string, key: string): Promise<void> {
        return this.#write((overlay) => {
            this.#private(collection, key);
            overlay.remove(overlay.space(collection), key);
        });
    }

    purgePrivateData(collection: string, key: string): Promise<void> {
        return this.#write((overlay) => {
            this.#private(collection, key);
            overlay.remove(overlay.space(collection), key, true);
        });
    }

    setPrivateDataValidationParameter(
        collection: string,
        key: string,
        policy: Uint8Array,
    ): Promise<void> {
        return this.#write((overlay) => {
            overlay.setMetadata(overlay.space(collection), key, policy);
        });
    }

    async getPrivateDataValidationParameter(collection: string, key: string): Promise<Uint8Array> {
        const overlay = this.#private(collection, key);
        return this.#metadata(overlay.space(collection), key, () =>
            this.#stub.getPrivateDataValidationParameter(collection, key),
        );
    }

    getPrivateDataByRange(collection: string, startKey: string, endKey: string): Scan {
        return this.#readOnly('a private data range query', () =>
            this.#stub.getPrivateDataByRange(collection, startKey, endKey),
        );
    }

    getPrivateDataByPartialCompositeKey(
        collection: string,
        objectType: string,
        attributes: string[],
    ): Scan {
        return this.#readOnly('a private data range query', () =>
            this.#stub.getPrivateDataByPartialCompositeKey(collection, objectType, attributes),
        );
    }

    getPrivateDataQueryResult(collection: string, query: string): Scan {
        return this.#readOnly('a private data query', () =>
            this.#stub.getPrivateDataQueryResult(collection, query),
        );
    }

    // Fabric's stub: queries that cannot see pending writes

    getQueryResult(query: string): Scan {
        const overlay = this.#open();
        if (overlay.hasPendingWrites && overlay.options.richQueries !== 'committed') {
            const refused = new ChaincodeError(
                'CHAINCODE_QUERY_IGNORES_WRITES',
                "a rich query cannot see this transaction's pending writes; query first, or set richQueries to 'committed'",
            );
            return asScan(Promise.reject(refused));
        }
        overlay.hearRange();
        return this.#stub.getQueryResult(query);
    }

    getQueryResultWithPagination(
        query: string,
        pageSize: number,
        bookmark?: string,
    ): ReturnType<Stub['getQueryResultWithPagination']> {
        return this.#readOnly('a paginated query', () =>
            this.#stub.getQueryResultWithPagination(query, pageSize, bookmark),
        );
    }

    getStateByRangeWithPagination(
        startKey: string,
        endKey: string,
        pageSize: number,
        bookmark?: string,
    ): ReturnType<Stub['getStateByRangeWithPagination']> {
        return this.#readOnly('a paginated query', () =>
            this.#stub.getStateByRangeWithPagination(startKey, endKey, pageSize, bookmark),
        );
    }

    getStateByPartialCompositeKeyWithPagination(
        objectType: string,
        attributes: string[],
        pageSize: number,
        bookmark?: string,
    ): ReturnType<Stub['getStateByPartialCompositeKeyWithPagination']> {
        return this.#readOnly('a paginated query', () =>
            this.#stub.getStateByPartialCompositeKeyWithPagination(
                objectType,
                attributes,
                pageSize,
                bookmark,
            ),
        );
    }

    getHistoryForKey(key: string): ReturnType<Stub['getHistoryForKey']> {
        this.#open();
        return this.#stub.getHistoryForKey(key);
    }

    // Fabric's stub: the rest

    async invokeChaincode(
        chaincodeName: string,
        args: string[],
        channel: string,
    ): ReturnType<Stub['invokeChaincode']> {
        const overlay = this.#open();
        // On another channel the callee's writes are thrown away; on this one they are part of ours.
        if (!channel || channel === this.#stub.getChannelID()) overlay.foreignCalls++;
        return this.#stub.invokeChaincode(chaincodeName, args, channel);
    }

    /** Sets the event of this transaction or, within a batch, of this operation. */
    setEvent(name: string, payload?: Uint8Array | string): void {
        this.#addEvent(name, payload, 'set');
    }

    /** Adds an event; the transaction's events reach the client as one, in their order. */
    addEvent(name: string, payload?: Uint8Array | string): void {
        this.#addEvent(name, payload, 'emit');
    }

    createCompositeKey(objectType: string, attributes: string[]): string {
        if (Array.isArray(attributes)) checkCompositeParts(objectType, attributes);
        return this.#stub.createCompositeKey(objectType, attributes);
    }

    splitCompositeKey(compositeKey: string): ReturnType<Stub['splitCompositeKey']> {
        return this.#stub.splitCompositeKey(compositeKey);
    }

    getArgs(): string[] {
        return this.getStringArgs();
    }

    getStringArgs(): string[] {
        if (this.#invocation === undefined) return this.#stub.getStringArgs();
        return [this.#invocation.fcn, ...this.#invocation.params];
    }

    getBufferArgs(): Buffer[] {
        return this.getStringArgs().map((arg) => Buffer.from(arg));
    }

    getFunctionAndParameters(): { params: string[]; fcn: string } {
        if (this.#invocation === undefined) return this.#stub.getFunctionAndParameters();
        return { fcn: this.#invocation.fcn, params: [...this.#invocation.params] };
    }

    getTxID(): string {
        return this.#stub.getTxID();
    }

    getChannelID(): string {
        return this.#stub.getChannelID();
    }

    getCreator(): ReturnType<Stub['getCreator']> {
        return this.#stub.getCreator();
    }

    getMspID(): string {
        return this.#stub.getMspID();
    }

    getTransient(): ReturnType<Stub['getTransient']> {
        return this.#stub.getTransient();
    }

    getSignedProposal(): ReturnType<Stub['getSignedProposal']> {
        return this.#stub.getSignedProposal();
    }

    getTxTimestamp(): ReturnType<Stub['getTxTimestamp']> {
        return this.#stub.getTxTimestamp();
    }

    getDateTimestamp(): Date {
        return this.#stub.getDateTimestamp();
    }

    getBinding(): string {
        return this.#stub.getBinding();
    }

    #write(work: (overlay: Overlay) => void): Promise<void> {
        // The write is made at once, so that even one nobody awaits is part of its operation.
        try {
            work(this.#open());
            return DONE;
        } catch (error) {
            return Promise.reject(asError(error));
        }
    }

    #private(collection: string, key: string): Overlay {
        nonEmpty('collection', collection);
        nonEmpty('key', key);
        return this.#open();
    }

    async #metadata(
        space: Space,
        key: string,
        ask: () => Promise<Uint8Array | undefined>,
    ): Promise<Uint8Array> {
        return (await this.#policyOf(space, key, ask)) ?? NO_POLICY;
    }

    async #policyOf(
        space: Space,
        key: string,
        ask: () => Promise<Uint8Array | undefined>,
    ): Promise<Uint8Array | undefined> {
        const { counts } = this.#overlay;
        this.#overlay.hearRange();
        const isDeleted = space.writes.get(key)?.value === null;
        if (isDeleted || space.metadata.has(key)) {
            counts.overlayHits++;
            return isDeleted ? undefined : space.metadata.get(key);
        }
        if (!space.committedMetadata.has(key)) {
            counts.reads++;
            space.committedMetadata.set(key, await ask());
        }
        return space.committedMetadata.get(key);
    }

    #scan(start: string, end: string, open: () => Promise<RowIterator>): Scan {
        const scanning = async (): Promise<RowIterator> => this.#open().scan(start, end, open);
        return asScan(scanning());
    }

    #readOnly<T extends Promise<unknown>>(what: string, ask: () => T): T {
        try {
            this.#open().enterReadOnly(what);
            return ask();
        } catch (error) {
            return asScan(Promise.reject(asError(error))) as unknown as T;
        }
    }

    #addEvent(name: string, payload: Uint8Array | string | undefined, kind: 'set' | 'emit'): void {
        const overlay = this.#open();
        const event = pendingEvent(name, payload, kind, overlay.operation);
        overlay.phi?.check('an event', `${event.name}\n${event.payload.toString()}`);
        overlay.events.push(event);
    }
}
