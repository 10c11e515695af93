import type { KeyRange, LedgerKey } from '@goodput/keys';
import { ChaincodeError } from './errors.js';
import type { Row, Stub } from './stub.js';
import { unitOf, type UnitOfWork } from './unit-of-work.js';

/** A context whose stub is a unit of work: of a {@link GoodputContract}, or of any contract that batches. */
export interface UnitContext {
    readonly stub: Stub;
}

/** A stretch of keys, as the keys package's `prefix`, `range` and `between` make it. */
export interface ScanRange extends KeyRange {
    readonly objectType?: string;
    readonly attributes?: string[];
}

/** The number that a pattern's key has in one of its own parts, such as the epoch or the slot. */
export function numberOf(definition: LedgerKey, key: string, part: string): number {
    const value = definition.tryParse(key)?.[part];
    if (typeof value === 'number') return value;
    throw new ChaincodeError(
        'CHAINCODE_KEY_INVALID',
        `a row among those of ${definition.name} has a key that is none of its keys`,
    );
}

/** The unit of work of a context, whatever its type says of the stub. */
export function unitOfContext(ctx: UnitContext): UnitOfWork {
    return unitOf(ctx);
}

function open(unit: UnitOfWork, range: ScanRange, collection: string): AsyncIterable<Row> {
    const { startKey, endKey, objectType, attributes } = range;
    if (collection === '') {
        if (objectType === undefined) return unit.getStateByRange(startKey, endKey);
        return unit.getStateByPartialCompositeKey(objectType, attributes ?? []);
    }
    if (objectType === undefined) return unit.getPrivateDataByRange(collection, startKey, endKey);
    return unit.getPrivateDataByPartialCompositeKey(collection, objectType, attributes ?? []);
}

/** What a scan reads, and how much of it at most. */
export interface ScanSource {
    readonly range: ScanRange;
    readonly collection?: string;
    /** Rows above which the scan is refused. */
    readonly limit: number;
    /** What is scanned, for the message. */
    readonly what: string;
}

/** The rows of a range. More of them than the limit are an error, never a silent end. */
export async function* scanRows(unit: UnitOfWork, source: ScanSource): AsyncGenerator<Row> {
    const { range, collection = '', limit, what } = source;
    let count = 0;
    for await (const row of open(unit, range, collection)) {
        if (++count > limit) {
            throw new ChaincodeError(
                'CHAINCODE_SCAN_LIMIT',
                `the scan of ${what} has more than ${limit} rows; narrow it, read it by pages, or raise its limit`,
                { limit },
            );
        }
        yield row;
    }
}
