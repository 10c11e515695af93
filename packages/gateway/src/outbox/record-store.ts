import { mkdirSync } from 'node:fs';
import { ClassicLevel } from 'classic-level';
import { GatewayError, isGatewayError } from '../errors.js';
import { GroupWriter, type Change, type Store } from './group-writer.js';
import { decodeRecord, encodeRecord, type KeptRecord } from './record.js';

/** How a folder is opened. */
export interface StoreOptions {
    /** Force each write to the disk itself. @default true */
    readonly sync?: boolean;
    /** Make it when there is none. @default true */
    readonly create?: boolean;
}

/** Which records to read: those whose keys begin with `prefix`. */
export interface RecordRange {
    readonly prefix: string;
    /** Keys below this one only. */
    readonly below?: string;
    readonly limit?: number;
    readonly reverse?: boolean;
}

/** Records by key in a folder; whatever goes wrong with it is a `GATEWAY_OUTBOX_UNUSABLE`. */
export class RecordStore {
    readonly path: string;
    readonly #store: Store;
    readonly #writer: GroupWriter;

    private constructor(path: string, store: Store, sync: boolean) {
        this.path = path;
        this.#store = store;
        this.#writer = new GroupWriter(store, sync);
    }

    static async open(
        path: string,
        { sync = true, create = true }: StoreOptions,
    ): Promise<RecordStore> {
        try {
            if (create) mkdirSync(path, { recursive: true });
            const store: Store = new ClassicLevel(path, {
                valueEncoding: 'buffer',
                createIfMissing: create,
            });
            await store.open();
            return new RecordStore(path, store, sync);
        } catch (cause) {
            throw unusable(path, cause);
        }
    }

    async get(key: string): Promise<unknown> {
        const bytes = await this.#reading(() => this.#store.get(key));
        return bytes === undefined ? undefined : decodeRecord(bytes, key);
    }

    /** The records of a range, by key. */
    range(range: RecordRange): Promise<(readonly [string, unknown])[]> {
        return this.#reading(async () => {
            const records: (readonly [string, unknown])[] = [];
            for await (const [key, bytes] of this.#store.iterator(boundsOf(range))) {
                records.push([key, decodeRecord(bytes, key)]);
            }
            return records;
        });
    }

    /** The keys of a range. */
    keys(range: RecordRange): Promise<string[]> {
        return this.#reading(() => this.#store.keys(boundsOf(range)).all());
    }

    /** Every record, read as it is asked for. */
    async *all(): AsyncGenerator<readonly [string, unknown]> {
        for await (const [key, bytes] of this.#store.iterator()) {
            yield [key, decodeRecord(bytes, key)];
        }
    }

    /**
     * Resolves when all of it is on disk; else none of it is.
     *
     * @param consequence - what it means when it is not
     */
    async write(changes: readonly Change[], consequence = ''): Promise<void> {
        try {
            await this.#writer.write(changes);
        } catch (cause) {
            throw new GatewayError(
                'GATEWAY_OUTBOX_UNUSABLE',
                `The outbox ${this.path} cannot be written: ${String(cause)}. ${consequence}`.trimEnd(),
                { cause },
            );
        }
    }

    async close(): Promise<void> {
        await this.#writer.flushed();
        await this.#store.close();
    }

    async #reading<T>(read: () => Promise<T>): Promise<T> {
        try {
            return await read();
        } catch (cause) {
            if (isGatewayError(cause)) throw cause;
            throw new GatewayError(
                'GATEWAY_OUTBOX_UNUSABLE',
                `The outbox ${this.path} cannot be read: ${String(cause)}.`,
                { cause },
            );
        }
    }
}

/** Writes a record under a key. */
export function put(key: string, record: KeptRecord): Change {
    return { type: 'put', key, value: encodeRecord(record) };
}

/** Removes what is under a key. */
export function del(key: string): Change {
    return { type: 'del', key };
}

/** A range as the store takes it; no key of an outbox that begins with the prefix lies beyond its end. */
function boundsOf({ prefix, below, ...rest }: RecordRange): {
    readonly gte: string;
    readonly lt: string;
} & Pick<RecordRange, 'limit' | 'reverse'> {
    return { gte: prefix, lt: below ?? `${prefix}\u{10ffff}`, ...rest };
}

function unusable(path: string, cause: unknown): GatewayError {
    const reason = (cause as { cause?: { code?: string; message?: string } }).cause;
    const why =
        reason?.code === 'LEVEL_LOCKED'
            ? 'another process has it open'
            : (reason?.message ?? String(cause));
    return new GatewayError(
        'GATEWAY_OUTBOX_UNUSABLE',
        `The outbox ${path} cannot be opened: ${why}. Each process needs an outbox of its own.`,
        { cause },
    );
}
