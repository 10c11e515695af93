/** What is recorded of one rich query: its shape and its cost, never a value. */
export interface QueryRecord {
    /** The query without its values; '?' when it cannot be read. */
    readonly shape: string;
    /** The stub's method. */
    readonly method: string;
    /** '' for the chaincode's public state. */
    readonly collection: string;
    /** Rows read before the iterator was closed. */
    readonly rows: number;
    /** Internal pages the peer read for them. */
    readonly pages: number;
    /** From the call until the iterator ended or was closed. */
    readonly milliseconds: number;
    /** Whether it took as long as the threshold for slow queries. */
    readonly slow: boolean;
    /** Whether it failed. */
    readonly failed: boolean;
}

/** What the queries of one shape add up to. */
export interface ShapeStatistics {
    readonly shape: string;
    readonly count: number;
    readonly failed: number;
    readonly slow: number;
    readonly rows: number;
    readonly pages: number;
    readonly totalMilliseconds: number;
    readonly maxMilliseconds: number;
}

/** Most shapes kept apart; the rest add up under {@link OTHER_SHAPES}. */
export const MAX_SHAPES = 1000;

/** Shape under which all beyond {@link MAX_SHAPES} add up. */
export const OTHER_SHAPES = '(other shapes)';

function nothing(shape: string): ShapeStatistics {
    return {
        shape,
        count: 0,
        failed: 0,
        slow: 0,
        rows: 0,
        pages: 0,
        totalMilliseconds: 0,
        maxMilliseconds: 0,
    };
}

/** Adds up records by their shape. */
export class QueryStatistics {
    readonly #shapes = new Map<string, ShapeStatistics>();

    /** Takes in one record. */
    add(record: QueryRecord): void {
        const isRoom = this.#shapes.size < MAX_SHAPES || this.#shapes.has(record.shape);
        const shape = isRoom ? record.shape : OTHER_SHAPES;
        const sum = this.#shapes.get(shape) ?? nothing(shape);
        this.#shapes.set(shape, {
            shape,
            count: sum.count + 1,
            failed: sum.failed + (record.failed ? 1 : 0),
            slow: sum.slow + (record.slow ? 1 : 0),
            rows: sum.rows + record.rows,
            pages: sum.pages + record.pages,
            totalMilliseconds: sum.totalMilliseconds + record.milliseconds,
            maxMilliseconds: Math.max(sum.maxMilliseconds, record.milliseconds),
        });
    }

    /** The sums, those that took longest in all first. */
    shapes(): ShapeStatistics[] {
        return [...this.#shapes.values()].sort((a, b) => b.totalMilliseconds - a.totalMilliseconds);
    }
}
