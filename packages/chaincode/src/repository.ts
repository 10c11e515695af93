import type {
    AnyPart,
    CompositeKey,
    IndexKey,
    LedgerKey,
    OrderedKey,
    PartValues,
} from '@goodput/keys';
import { canonicalJson } from './canonical-json.js';
import { ChaincodeError } from './errors.js';
import type { FromSchema, RowSchema } from './json-schema.js';
import { CompiledRowSchema } from './row-schema.js';
import { scanRows, unitOfContext, type ScanRange, type UnitContext } from './rows.js';
import type { Row as KeyValue } from './stub.js';
import type { UnitOfWork } from './unit-of-work.js';

/** A row as the ledger has it: with its version, which each write raises by one. */
export type Stored<R> = R & { readonly rev: number };

/** A secondary index of a repository: its key, and what it sorts a row by. */
export interface RepositoryIndex<R> {
    readonly key: LedgerKey & {
        changes(
            row: string,
            before: unknown,
            after: unknown,
        ): { readonly remove: string[]; readonly put: string[] };
    };
    /** The values the index sorts a row by; undefined leaves the row out of it. */
    readonly of: (row: R) => object | undefined;
}

/** How a repository keeps its rows. */
export interface RepositoryOptions<R> {
    /** The private collection the rows live in. @default public state */
    readonly collection?: string;
    /** Secondary indexes, by name. */
    readonly indexes?: Readonly<Record<string, RepositoryIndex<R>>>;
    /** Rows above which a scan is refused. @default 1000 */
    readonly maxScanRows?: number;
}

/** What a write expects of the row it replaces. */
export interface WriteOptions {
    /** The version the row must have; 0 means that there must be none. */
    readonly ifVersion?: number;
}

/** What a scan gives. */
export interface ScanOptions {
    /** Rows above which the scan is refused. @default the repository's maxScanRows */
    readonly limit?: number;
}

/** One page of rows. */
export interface Page<R> {
    readonly rows: readonly Stored<R>[];
    /** Give it as `after` to get the next page; undefined on the last one. */
    readonly next: string | undefined;
}

/** A key definition rows can be kept under. */
export type RowKey<P extends readonly AnyPart[]> = CompositeKey<string, P> | OrderedKey<string, P>;

const DEFAULT_SCAN_ROWS = 1000;
const INDEX_VALUE = '1';

/** Pairs an index key with what it sorts by, checking that they fit. */
export function indexOn<R, P extends readonly AnyPart[]>(
    key: IndexKey<string, P>,
    of: (row: R) => PartValues<P> | undefined,
): RepositoryIndex<R> {
    return { key: key, of };
}

function setupError(text: string): never {
    throw new ChaincodeError('CHAINCODE_SETUP_INVALID', text);
}

/** Rows of one kind, under one key definition: validated, versioned, indexed. Made by {@link repository}. */
export class Repository<P extends readonly AnyPart[], R extends object> {
    readonly #key: RowKey<P>;
    readonly #schema: CompiledRowSchema;
    readonly #collection: string;
    readonly #indexes: ReadonlyMap<string, RepositoryIndex<R>>;
    readonly #maxScanRows: number;

    constructor(key: RowKey<P>, schema: RowSchema, options: RepositoryOptions<R>) {
        this.#key = key;
        this.#schema = new CompiledRowSchema(key.name, schema);
        this.#collection = options.collection ?? '';
        this.#indexes = new Map(Object.entries(options.indexes ?? {}));
        this.#maxScanRows = options.maxScanRows ?? DEFAULT_SCAN_ROWS;
        if ('rev' in schema.properties) {
            setupError(
                `the schema of ${key.name} has the member "rev", where versions are kept; rename it`,
            );
        }
        this.#checkPhi();
    }

    #checkPhi(): void {
        const { phiMembers } = this.#schema;
        if (this.#collection === '' && this.#schema.requiresPhi) {
            setupError(
                `rows of ${this.#key.name} always hold protected health information; give them a collection`,
            );
        }
        const keys: LedgerKey[] = [this.#key, ...[...this.#indexes.values()].map(({ key }) => key)];
        for (const key of keys) {
            const exposed = key.parts.find(({ name }) => phiMembers.includes(name));
            if (exposed === undefined) continue;
            setupError(
                `the key ${key.name} has the part "${exposed.name}", which the schema marks as protected health information; use a pseudonym`,
            );
        }
    }

    /** The row, or undefined. */
    async get(ctx: UnitContext, key: PartValues<P>): Promise<Stored<R> | undefined> {
        return this.#read(unitOfContext(ctx), this.#key.build(key));
    }

    /** The row; an error when there is none. */
    async require(ctx: UnitContext, key: PartValues<P>): Promise<Stored<R>> {
        const row = await this.get(ctx, key);
        if (row !== undefined) return row;
        throw new ChaincodeError(
            'CHAINCODE_ROW_MISSING',
            `there is no such row of ${this.#key.name}`,
        );
    }

    /**
     * Writes a row, new or not, and returns its version. The row it replaces is read, so that of two
     * concurrent writers one is told.
     */
    async put(
        ctx: UnitContext,
        row: R & PartValues<P>,
        options: WriteOptions = {},
    ): Promise<number> {
        const unit = unitOfContext(ctx);
        const fields = this.#checked(unit, row);
        const key = this.#key.build(row);
        const before = await this.#read(unit, key);
        this.#expect(before, options);
        const rev = (before?.rev ?? 0) + 1;
        await this.#write(unit, key, canonicalJson({ ...fields, rev }));
        await this.#reindex(unit, key, before, row);
        return rev;
    }

    /** Writes a row that must not be there yet. */
    async insert(ctx: UnitContext, row: R & PartValues<P>): Promise<void> {
        const unit = unitOfContext(ctx);
        const existing = await this.#read(unit, this.#key.build(row));
        if (existing !== undefined) {
            throw new ChaincodeError(
                'CHAINCODE_ROW_EXISTS',
                `there is such a row of ${this.#key.name} already`,
            );
        }
        await this.put(ctx, row);
    }

    /** Deletes a row and tells whether there was one. */
    async remove(
        ctx: UnitContext,
        key: PartValues<P>,
        options: WriteOptions = {},
    ): Promise<boolean> {
        const unit = unitOfContext(ctx);
        const ledgerKey = this.#key.build(key);
        const before = await this.#read(unit, ledgerKey);
        this.#expect(before, options);
        if (before === undefined) return false;
        await (this.#collection === ''
            ? unit.deleteState(ledgerKey)
            : unit.deletePrivateData(this.#collection, ledgerKey));
        await this.#reindex(unit, ledgerKey, before, undefined);
        return true;
    }

    /**
     * The rows of a stretch of keys, in the order of the keys.
     *
     * @param range - made by the key definition: `key.prefix({ ward: 'icu' })`, `key.range(…)`
     */
    async *scan(
        ctx: UnitContext,
        range: ScanRange,
        options: ScanOptions = {},
    ): AsyncGenerator<Stored<R>> {
        const unit = unitOfContext(ctx);
        for await (const row of this.#rows(unit, range, options))
            yield this.#parse(unit, row.value);
    }

    /** The rows an index has in a stretch of its keys, in the order of the index. */
    async *scanIndex(
        ctx: UnitContext,
        index: string,
        range: ScanRange,
        options: ScanOptions = {},
    ): AsyncGenerator<Stored<R>> {
        const unit = unitOfContext(ctx);
        const found = this.#indexes.get(index);
        if (found === undefined) setupError(`${this.#key.name} has no index "${index}"`);
        for await (const { key } of this.#rows(unit, range, options)) {
            const rowKey = found.key.tryParse(key)?.['row'];
            const row = typeof rowKey === 'string' ? await this.#read(unit, rowKey) : undefined;
            if (row === undefined) {
                throw new ChaincodeError(
                    'CHAINCODE_INDEX_BROKEN',
                    `an entry of the index ${found.key.name} points to no row; was the row written without its repository?`,
                );
            }
            yield row;
        }
    }

    /**
     * One page of a stretch of keys. Unlike Fabric's own pagination it may be part of a transaction that
     * writes.
     */
    async page(
        ctx: UnitContext,
        range: ScanRange,
        options: { readonly size: number; readonly after?: string },
    ): Promise<Page<R>> {
        const { size, after } = options;
        if (!Number.isSafeInteger(size) || size < 1) {
            setupError(`the size of a page is ${String(size)}; give a whole number above 0`);
        }
        const unit = unitOfContext(ctx);
        const rows: Stored<R>[] = [];
        let last: string | undefined;
        const rest = startingAfter(range, after);
        const limit = Number.POSITIVE_INFINITY;
        for await (const { key, value } of this.#rows(unit, rest, { limit })) {
            // Ranges of composite keys cannot begin in their middle: what came before is passed over.
            if (after !== undefined && Buffer.from(key).compare(Buffer.from(after)) <= 0) continue;
            if (rows.length === size) return { rows, next: last };
            rows.push(this.#parse(unit, value));
            last = key;
        }
        return { rows, next: undefined };
    }

    #rows(unit: UnitOfWork, range: ScanRange, options: ScanOptions): AsyncGenerator<KeyValue> {
        return scanRows(unit, {
            range,
            collection: this.#collection,
            limit: options.limit ?? this.#maxScanRows,
            what: this.#key.name,
        });
    }

    async #read(unit: UnitOfWork, key: string): Promise<Stored<R> | undefined> {
        const value = await (this.#collection === ''
            ? unit.getState(key)
            : unit.getPrivateData(this.#collection, key));
        return value.length === 0 ? undefined : this.#parse(unit, value);
    }

    #parse(unit: UnitOfWork, value: Uint8Array): Stored<R> {
        const row = JSON.parse(Buffer.from(value).toString()) as Stored<R>;
        this.#schema.guard(row, () => unit.overlay.guardPhi());
        return row;
    }

    /** The members of a row that are kept, once they are known to be allowed. */
    #checked(unit: UnitOfWork, row: R): R {
        const fields = Object.fromEntries(
            Object.entries(row).filter(([member]) => member !== 'rev'),
        );
        this.#schema.check(fields);
        const exposed = this.#collection === '' ? this.#schema.phiIn(fields) : undefined;
        if (exposed !== undefined) {
            throw new ChaincodeError(
                'CHAINCODE_PHI_EXPOSED',
                `the member "${exposed}" of ${this.#key.name} is protected health information and its rows are public; keep it in a private collection`,
            );
        }
        this.#schema.guard(fields, () => unit.overlay.guardPhi());
        return fields as R;
    }

    #expect(before: Stored<R> | undefined, { ifVersion }: WriteOptions): void {
        const version = before?.rev ?? 0;
        if (ifVersion === undefined || ifVersion === version) return;
        throw new ChaincodeError(
            'CHAINCODE_VERSION_CHANGED',
            `the row of ${this.#key.name} has version ${version}, not ${ifVersion}; read it again`,
            { expected: ifVersion, version },
        );
    }

    async #write(unit: UnitOfWork, key: string, value: string): Promise<void> {
        await (this.#collection === ''
            ? unit.putState(key, value)
            : unit.putPrivateData(this.#collection, key, value));
    }

    async #reindex(
        unit: UnitOfWork,
        key: string,
        before: R | undefined,
        after: R | undefined,
    ): Promise<void> {
        for (const index of this.#indexes.values()) {
            const change = index.key.changes(
                key,
                before && index.of(before),
                after && index.of(after),
            );
            for (const entry of change.remove) {
                await (this.#collection === ''
                    ? unit.deleteState(entry)
                    : unit.deletePrivateData(this.#collection, entry));
            }
            for (const entry of change.put) await this.#write(unit, entry, INDEX_VALUE);
        }
    }
}

function startingAfter(range: ScanRange, after: string | undefined): ScanRange {
    if (after === undefined || range.objectType !== undefined) return range;
    return { startKey: `${after}\u0000`, endKey: range.endKey };
}

/**
 * Keeps rows of one kind under one key definition.
 *
 * @param key - from `defineKey` or one of the patterns of `@goodput/keys`
 * @param schema - JSON Schema of a row; members marked `phi: true` never leave a private collection
 * @example
 * ```ts
 * import { repository, type GoodputContext } from '@goodput/chaincode';
 * import { defineKey, part, string } from '@goodput/keys';
 *
 * const itemKey = defineKey({ name: 'item', layout: 'ordered', parts: [part('sku', string())] });
 * const items = repository(itemKey, {
 *   type: 'object',
 *   properties: { sku: { type: 'string' }, count: { type: 'integer', minimum: 0 } },
 *   required: ['sku', 'count'],
 *   additionalProperties: false,
 * });
 *
 * export async function sell(ctx: GoodputContext, sku: string): Promise<void> {
 *   const item = await items.require(ctx, { sku });
 *   await items.put(ctx, { ...item, count: item.count - 1 }, { ifVersion: item.rev });
 * }
 * ```
 */
export function repository<const P extends readonly AnyPart[], const S extends RowSchema>(
    key: RowKey<P>,
    schema: S,
    options: RepositoryOptions<FromSchema<S> & object> = {},
): Repository<P, FromSchema<S> & object> {
    return new Repository(key, schema, options);
}
