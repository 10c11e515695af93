import { isJsonObject } from '../json.js';
import { queryShape, SHAPE_VALUE } from '../lint/shape.js';
import { QueryStatistics, type QueryRecord } from './query-statistics.js';

/** The part of a stub's iterator that is watched. */
interface WatchedIterator {
    next(): Promise<{ readonly done?: boolean | undefined; readonly value?: unknown }>;
    close(): Promise<unknown>;
}

/** The query calls of a chaincode stub. */
export interface QueryingStub {
    getQueryResult(query: string): unknown;
    getQueryResultWithPagination(query: string, pageSize: number, bookmark?: string): unknown;
    getPrivateDataQueryResult(collection: string, query: string): unknown;
}

/** How queries are watched. */
export interface MonitorQueriesOptions {
    /** From this many milliseconds on a query is slow. @default 100 */
    readonly slowMilliseconds?: number;
    /** Gets every record, such as to write it to a log as JSON. */
    readonly onQuery?: (record: QueryRecord) => void;
    /** Gets the records of slow queries only. */
    readonly onSlowQuery?: (record: QueryRecord) => void;
    /** Adds up the records. */
    readonly statistics?: QueryStatistics;
    /** Rows of one internal page, core.yaml's internalQueryLimit. @default 1000 */
    readonly internalQueryLimit?: number;
    /** The clock, in milliseconds. It only measures: nothing a chaincode decides depends on it. */
    readonly now?: () => number;
}

interface Call {
    readonly method: string;
    readonly query: string;
    readonly collection: string;
}

function callOf(method: string, values: readonly unknown[]): Call {
    const isPrivate = method === 'getPrivateDataQueryResult';
    const [first, second] = values;
    const query = isPrivate ? second : first;
    return {
        method,
        query: typeof query === 'string' ? query : '',
        collection: isPrivate && typeof first === 'string' ? first : '',
    };
}

function shapeOf(query: string): string {
    try {
        const parsed = JSON.parse(query) as unknown;
        return isJsonObject(parsed) ? queryShape(parsed) : SHAPE_VALUE;
    } catch (error) {
        if (error instanceof SyntaxError) return SHAPE_VALUE;
        throw error;
    }
}

/** Watches one query from its call to the end of its iterator. */
class Watch {
    readonly #call: Call;
    readonly #options: MonitorQueriesOptions;
    readonly #now: () => number;
    readonly #started: number;
    #rows = 0;
    #ended = false;

    constructor(call: Call, options: MonitorQueriesOptions) {
        this.#call = call;
        this.#options = options;
        this.#now = options.now ?? (() => performance.now());
        this.#started = this.#now();
    }

    end(failed: boolean): void {
        if (this.#ended) return;
        this.#ended = true;
        const { slowMilliseconds = 100, internalQueryLimit = 1000 } = this.#options;
        const milliseconds = this.#now() - this.#started;
        const record: QueryRecord = {
            shape: shapeOf(this.#call.query),
            method: this.#call.method,
            collection: this.#call.collection,
            rows: this.#rows,
            pages: Math.floor(this.#rows / internalQueryLimit) + 1,
            milliseconds,
            slow: milliseconds >= slowMilliseconds,
            failed,
        };
        this.#options.statistics?.add(record);
        this.#options.onQuery?.(record);
        if (record.slow) this.#options.onSlowQuery?.(record);
    }

    async settle<T>(promise: Promise<T>): Promise<T> {
        try {
            return await promise;
        } catch (error) {
            this.end(true);
            throw error;
        }
    }

    iterator<T extends WatchedIterator>(iterator: T): T {
        const next = async (): Promise<unknown> => {
            const step = await this.settle(iterator.next());
            // The shim gives the last row together with done, or done alone.
            if (step.value !== undefined && step.value !== null) this.#rows++;
            if (step.done === true) this.end(false);
            return step;
        };
        const close = async (): Promise<unknown> => {
            this.end(false);
            return iterator.close();
        };
        return new Proxy(iterator, {
            get: (target, name) => {
                if (name === 'next') return next;
                if (name === 'close') return close;
                const value: unknown = Reflect.get(target, name, target);
                return typeof value === 'function' ? (value.bind(target) as unknown) : value;
            },
        });
    }
}

const METHODS: ReadonlySet<string | symbol> = new Set([
    'getQueryResult',
    'getQueryResultWithPagination',
    'getPrivateDataQueryResult',
]);

function isIterator(value: unknown): value is WatchedIterator {
    return typeof value === 'object' && value !== null && 'next' in value && 'close' in value;
}

function watchResult(watch: Watch, result: unknown): unknown {
    if (isIterator(result)) return watch.iterator(result);
    const isPage = typeof result === 'object' && result !== null && 'iterator' in result;
    if (!isPage || !isIterator(result.iterator)) {
        watch.end(false);
        return result;
    }
    return { ...result, iterator: watch.iterator(result.iterator) };
}

// The shim gives a promise that is also an async iterable: `for await (const row of stub.get…())`.
function watchedPromise(watch: Watch, promise: PromiseLike<unknown>): unknown {
    const watched = watch
        .settle(Promise.resolve(promise))
        .then((result) => watchResult(watch, result));
    if (!(Symbol.asyncIterator in promise)) return watched;
    const iterate = async function* (): AsyncGenerator {
        const result = await watched;
        const page = result as { readonly iterator?: WatchedIterator };
        const iterator = isIterator(result) ? result : page.iterator;
        if (iterator === undefined) return;
        try {
            for (;;) {
                const { value, done } = await iterator.next();
                if (value !== undefined && value !== null) yield value;
                if (done === true) return;
            }
        } finally {
            await iterator.close();
        }
    };
    return Object.assign(watched, { [Symbol.asyncIterator]: iterate });
}

/**
 * Wraps a stub so that each of its rich queries is recorded: shape, rows, pages and time, and no value.
 * What the queries return does not change.
 *
 * @example
 * ```ts
 * const statistics = new QueryStatistics();
 * const stub = monitorQueries(ctx.stub, {
 *     statistics,
 *     onSlowQuery: (record) => console.warn(JSON.stringify(record)),
 * });
 * ```
 */
export function monitorQueries<S extends QueryingStub>(
    stub: S,
    options: MonitorQueriesOptions = {},
): S {
    return new Proxy(stub, {
        get: (target, name) => {
            const value: unknown = Reflect.get(target, name, target);
            if (typeof value !== 'function') return value;
            const method = value.bind(target) as (...values: unknown[]) => unknown;
            if (!METHODS.has(name)) return method;
            return (...values: unknown[]): unknown => {
                const watch = new Watch(callOf(String(name), values), options);
                const result = method(...values);
                const isPromise = typeof result === 'object' && result !== null && 'then' in result;
                if (isPromise) return watchedPromise(watch, result as PromiseLike<unknown>);
                return watchResult(watch, result);
            };
        },
    });
}
