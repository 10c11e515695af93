import { ChaincodeError } from './errors.js';
import { Memo } from './memo.js';
import { MergedRange } from './merged-range.js';
import { noCounts } from './metrics.js';
import { PhiGuard } from './phi-guard.js';
import { replayedScan, ScanCache, ScanRecorder } from './scan-cache.js';
import { Space, type Entry } from './space.js';
import { checkKey, checkReadable, checkValue, showKey } from './state-rules.js';
import type { RowIterator, Stub } from './stub.js';

/** How a {@link UnitOfWork} treats what Fabric cannot do over pending writes. */
export interface UnitOfWorkOptions {
    /**
     * What a rich query does while writes are pending, which it cannot see: `refuse` throws,
     * `committed` answers from committed state alone.
     *
     * @default 'refuse'
     */
    readonly richQueries?: 'refuse' | 'committed';
    /** Rows of finished scans kept, so that the same range is not read twice. @default 10000 */
    readonly scanCacheRows?: number;
}

/** An event waiting for the end of the transaction. */
export interface PendingEvent {
    readonly name: string;
    readonly payload: Buffer;
    /** `set` replaces an earlier `set` of the same operation, as Fabric's setEvent does. */
    readonly kind: 'set' | 'emit';
    readonly operation: number;
}

interface WriteUndo {
    readonly space: Space;
    readonly key: string;
    readonly write: Entry | undefined;
    readonly metadata: Uint8Array | undefined;
    readonly isWrite: boolean;
}

type Undo = WriteUndo | (() => void);

/** A point in the overlay's history to go back to. */
export interface Mark {
    readonly undo: number;
    readonly events: number;
    readonly sequence: number;
    readonly foreignCalls: number;
}

/** Told which keys a computation looked at. */
export interface ReadListener {
    point(space: Space, key: string): void;
    range(): void;
}

const NOTHING = Buffer.alloc(0);
const DEFAULT_SCAN_ROWS = 10_000;

/** Whether the transaction has written a key, set its policy or asked the peer for it. */
function isTouched({ writes, metadata, asked }: Space, key: string): boolean {
    return writes.has(key) || metadata.has(key) || asked.has(key);
}

/**
 * The state of one transaction as its own code sees it: what the peer has committed, with the
 * transaction's writes over it. Nothing reaches the peer before {@link flush}.
 */
export class Overlay {
    readonly stub: Stub;
    readonly options: UnitOfWorkOptions;
    readonly counts = noCounts();
    readonly spaces = new Map<string, Space>();
    readonly state: Space;
    readonly events: PendingEvent[] = [];
    readonly scans: ScanCache;
    readonly memo = new Memo(this);
    /** Distinct keys this transaction may touch. */
    maxKeys = Number.POSITIVE_INFINITY;
    /** Which operation of a batch is running. */
    operation = 0;
    /** Next number of {@link GoodputContext.nextId}. */
    sequence = 0;
    /** Calls of other chaincodes, whose writes cannot be taken back. */
    foreignCalls = 0;
    /** Grows with every write and every undo. */
    version = 0;
    /** Set by a query after which the peer takes no writes. */
    readOnlyBecause: string | undefined;
    /** Looks after protected health information, once there is any. */
    phi: PhiGuard | undefined;
    readonly listeners = new Set<ReadListener>();
    readonly #sequences = new Map<string, number>();
    flushed = false;
    readonly #undo: Undo[] = [];
    readonly #marks: Mark[] = [];
    #keys = 0;

    constructor(stub: Stub, options: UnitOfWorkOptions = {}) {
        this.stub = stub;
        this.options = options;
        this.scans = new ScanCache(options.scanCacheRows ?? DEFAULT_SCAN_ROWS);
        this.state = this.space('');
    }

    space(collection: string): Space {
        let space = this.spaces.get(collection);
        if (space === undefined) {
            space = new Space(collection);
            this.spaces.set(collection, space);
        }
        return space;
    }

    get hasPendingWrites(): boolean {
        for (const { writes, metadata } of this.spaces.values()) {
            if (writes.size > 0 || metadata.size > 0) return true;
        }
        return false;
    }

    /** Tells whoever listens that a key was looked at. */
    hearPoint(space: Space, key: string): void {
        for (const listener of this.listeners) listener.point(space, key);
    }

    /** The same of what no list of keys can stand for. */
    hearRange(): void {
        for (const listener of this.listeners) listener.range();
    }

    /** The value as this transaction sees it; empty when there is none. */
    async read(space: Space, key: string): Promise<Buffer> {
        this.hearPoint(space, key);
        const pending = space.writes.get(key);
        if (pending !== undefined) {
            this.counts.overlayHits++;
            return pending.value === null ? NOTHING : Buffer.from(pending.value);
        }
        return Buffer.from(await this.readCommitted(space, key));
    }

    /** The committed value, asked of the peer once. The buffer is shared: do not hand it out. */
    readCommitted(space: Space, key: string): Buffer | Promise<Buffer> {
        const known = space.committed.get(key);
        if (known !== undefined) {
            this.counts.overlayHits++;
            return known;
        }
        const asked = space.inFlight.get(key);
        if (asked !== undefined) return asked;
        checkReadable(key);
        this.phi?.check('a key', key);
        this.#countKey(space, key);
        space.asked.add(key);
        const asking = this.#ask(space, key).finally(() => space.inFlight.delete(key));
        space.inFlight.set(key, asking);
        return asking;
    }

    async #ask(space: Space, key: string): Promise<Buffer> {
        this.counts.reads++;
        const { stub } = this;
        const value = await (space.collection === ''
            ? stub.getState(key)
            : stub.getPrivateData(space.collection, key));
        const committed = Buffer.from(value);
        space.committed.set(key, committed);
        return committed;
    }

    put(space: Space, key: string, value: Uint8Array | string): void {
        this.#mayWrite();
        checkKey(key);
        if (typeof value !== 'string' && !ArrayBuffer.isView(value)) {
            throw new ChaincodeError(
                'CHAINCODE_VALUE_INVALID',
                `the value of ${showKey(key)} is ${typeof value}; write bytes or text`,
            );
        }
        // The caller may go on using its buffer, so the overlay keeps a copy.
        const bytes = Buffer.from(value as Uint8Array);
        checkValue(key, bytes);
        this.#guard(space, key, bytes);
        this.counts.puts++;
        const old = space.writes.get(key);
        if (old?.purge === true) {
            throw new ChaincodeError(
                'CHAINCODE_PURGE_THEN_PUT',
                `the private key ${showKey(key)} was purged in this transaction; Fabric would lose the purge: put it in a later one`,
            );
        }
        // Fabric takes an empty value for a delete, so it is one here as well.
        this.#write(space, key, { value: bytes.length === 0 ? null : bytes, purge: false });
    }

    remove(space: Space, key: string, purge = false): void {
        this.#mayWrite();
        checkKey(key);
        this.phi?.check('a key', key);
        this.counts.puts++;
        const purged = purge || space.writes.get(key)?.purge === true;
        this.#write(space, key, { value: null, purge: purged });
        // What is put there later in this transaction is another row, without this one's policy.
        const metadata = space.metadata.get(key);
        if (metadata === undefined) return;
        this.#remember({ space, key, write: undefined, metadata, isWrite: false });
        space.metadata.delete(key);
    }

    setMetadata(space: Space, key: string, value: Uint8Array): void {
        this.#mayWrite();
        checkKey(key);
        this.phi?.check('a key', key);
        this.#countKey(space, key);
        this.#remember({
            space,
            key,
            write: undefined,
            metadata: space.metadata.get(key),
            isWrite: false,
        });
        space.metadata.set(key, Buffer.from(value));
    }

    #write(space: Space, key: string, entry: Entry): void {
        const old = space.writes.get(key);
        this.#countKey(space, key);
        this.#remember({ space, key, write: old, metadata: undefined, isWrite: true });
        space.setWrite(key, entry);
    }

    #remember(undo: Undo): void {
        this.version++;
        if (this.#marks.length > 0) this.#undo.push(undo);
    }

    /** Counts a key that is about to be touched for the first time. */
    #countKey(space: Space, key: string): void {
        if (isTouched(space, key)) return;
        if (this.#keys >= this.maxKeys) {
            throw new ChaincodeError(
                'CHAINCODE_BATCH_KEYS_EXCEEDED',
                `the key ${showKey(key)} would be one more than the ${this.maxKeys} distinct keys a batch may touch; send the operation again in another batch`,
            );
        }
        this.#keys++;
    }

    /** The value this transaction has pending for a key; undefined without asking the peer. */
    pending(space: Space, key: string): Buffer | undefined {
        const value = space.writes.get(key)?.value;
        return value === null || value === undefined ? undefined : Buffer.from(value);
    }

    /** Counts the rows this transaction adds under a prefix: 0, 1, 2… */
    nextSequence(prefix: string): number {
        const next = this.#sequences.get(prefix) ?? 0;
        this.#sequences.set(prefix, next + 1);
        this.#remember(() => this.#sequences.set(prefix, next));
        return next;
    }

    /** The guard over protected health information, from now on. */
    guardPhi(): PhiGuard {
        return (this.phi ??= new PhiGuard());
    }

    // Keys of private collections are public as hashes, which for names and numbers can be guessed.
    #guard(space: Space, key: string, value: Buffer): void {
        if (this.phi === undefined) return;
        this.phi.check('a key', key);
        if (space.collection === '') this.phi.check('public state', value);
    }

    #mayWrite(): void {
        if (this.readOnlyBecause === undefined) return;
        throw new ChaincodeError(
            'CHAINCODE_QUERY_WITH_WRITES',
            `this transaction has made ${this.readOnlyBecause}, after which the peer takes no writes; write in another transaction`,
        );
    }

    /** Notes a query after which the peer takes no writes, or refuses it when there are some. */
    enterReadOnly(query: string): void {
        if (this.hasPendingWrites) {
            throw new ChaincodeError(
                'CHAINCODE_QUERY_WITH_WRITES',
                `${query} cannot be made in a transaction that writes; make it in one of its own`,
            );
        }
        this.readOnlyBecause = query;
    }

    /** A public range with the pending writes over it. */
    async scan(start: string, end: string, open: () => Promise<RowIterator>): Promise<RowIterator> {
        this.hearRange();
        this.phi?.check('a key', `${start}\n${end}`);
        // What is pending now is what the scan shows, whatever is written while it runs.
        const pending = this.state.pendingBetween(start, end);
        const known = this.scans.get(start, end);
        if (known !== undefined) {
            this.counts.overlayHits++;
            return new MergedRange(replayedScan(known), pending);
        }
        this.counts.scans++;
        const { state, counts, scans } = this;
        const recorder = new ScanRecorder(scans, start, end, ({ key, value }) => {
            counts.rangeRows++;
            // The recorded range guards this row against change: a later read of it needs no peer.
            if (state.committed.size < scans.maxRows) state.committed.set(key, value as Buffer);
        });
        return new MergedRange(await open(), pending, recorder);
    }

    /** A point to return to with {@link rollback}, or to forget with {@link release}. */
    mark(): Mark {
        const mark: Mark = {
            undo: this.#undo.length,
            events: this.events.length,
            sequence: this.sequence,
            foreignCalls: this.foreignCalls,
        };
        this.#marks.push(mark);
        return mark;
    }

    /** Whether there is a point to return to. */
    get isMarked(): boolean {
        return this.#marks.length > 0;
    }

    release(mark: Mark): void {
        this.#endMark(mark);
        if (this.#marks.length === 0) this.#undo.length = 0;
    }

    /** Takes back every write since the mark, newest first. */
    rollback(mark: Mark): void {
        this.#endMark(mark);
        this.counts.rollbacks++;
        for (const undo of this.#undo.splice(mark.undo).reverse()) this.#takeBack(undo);
        this.events.length = mark.events;
        this.sequence = mark.sequence;
        if (this.foreignCalls !== mark.foreignCalls) {
            throw new ChaincodeError(
                'CHAINCODE_UNDO_IMPOSSIBLE',
                'work that has called another chaincode failed; the writes of that chaincode cannot be taken back, so the whole transaction must fail',
            );
        }
    }

    #endMark(mark: Mark): void {
        // Ending an outer savepoint ends those inside it.
        const index = this.#marks.lastIndexOf(mark);
        if (index < 0) {
            throw new ChaincodeError(
                'CHAINCODE_SAVEPOINT_INVALID',
                'this savepoint has ended already, by itself or with the one around it',
            );
        }
        this.#marks.length = index;
    }

    #takeBack(undo: Undo): void {
        this.version++;
        if (typeof undo === 'function') {
            undo();
            return;
        }
        const { space, key, write, metadata, isWrite } = undo;
        if (isWrite) {
            space.setWrite(key, write);
        } else if (metadata === undefined) space.metadata.delete(key);
        else space.metadata.set(key, metadata);
        if (!isTouched(space, key)) this.#keys--;
    }
}
