import { compareKeys } from '../collation.js';
import { MAX_INDEX_FIELDS } from '../definition/define-index.js';
import { CouchdbError } from '../errors.js';
import type { FindRequest } from '../mango/find-request.js';
import { fieldRanges, isEquality, isUnbounded, type FieldRange } from '../mango/ranges.js';
import { notRequired } from '../mango/usability.js';

/** The columns a query would have its index begin with, in their order. */
export interface ProposedColumns {
    /** Compared with $eq: in any order, the most selective first. */
    readonly equal: readonly string[];
    /** Sorted by. */
    readonly sorted: readonly string[];
    /** Compared with a range, the last column; the others of these would narrow nothing. */
    readonly range: readonly string[];
}

/** How many different values a field has; more is better for the first column. */
export type Selectivity = (field: string) => number;

function names(ranges: readonly FieldRange[], equality: boolean): string[] {
    return ranges
        .filter(({ range }) => range !== 'empty' && isEquality(range) === equality)
        .map(({ field }) => field)
        .filter((field) => !['', '_id', '_rev'].includes(field));
}

/** The ranges of a query; none when Mango fails on it, whatever indexes there are. */
function knownRanges(request: FindRequest): FieldRange[] {
    try {
        return fieldRanges(request.selector, request.version);
    } catch (error) {
        if (error instanceof CouchdbError) return [];
        throw error;
    }
}

/**
 * The columns of the best index for one query: equality, then sort, then one range. Nothing else is
 * taken in, since a column the query does not require makes an index unusable.
 */
export function proposeColumns(
    request: FindRequest,
    selectivity: Selectivity = () => 1,
): ProposedColumns {
    const ranges = knownRanges(request).filter(
        ({ field, range }) =>
            range !== 'empty' &&
            !isUnbounded(range) &&
            notRequired(request.selector, [field]).length === 0,
    );
    // A sort that lists constant fields too must be found in the index as it is written.
    const sorted = request.sort.map(({ field }) => field);
    const equal = names(ranges, true)
        .filter((field) => !sorted.includes(field))
        .sort((a, b) => selectivity(b) - selectivity(a) || compareKeys(a, b));
    const range = names(ranges, false)
        .filter((field) => !sorted.includes(field))
        .sort((a, b) => selectivity(b) - selectivity(a) || compareKeys(a, b))
        .slice(0, 1);
    // An index that lists some of the fields compared with $eq is usable too; the best of them stay.
    const room = Math.max(0, MAX_INDEX_FIELDS - sorted.length - range.length);
    return { equal: equal.slice(0, room), sorted, range };
}

/** The columns of a proposal in order; empty when the query has nothing an index could use. */
export function listColumns({ equal, sorted, range }: ProposedColumns): string[] {
    return [...equal, ...sorted, ...range];
}

/** A name for an index over these columns. */
export function indexNameFor(columns: readonly string[]): string {
    const words = columns
        .join(' ')
        .split(/[^A-Za-z0-9]+/)
        .filter((word) => word !== '');
    const joined = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
    return `by${joined}`.slice(0, 60);
}
