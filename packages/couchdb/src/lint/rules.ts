/** How much a finding matters. */
export type Severity = 'error' | 'warning' | 'info';

/** What a rule is about. */
export interface Rule {
    readonly severity: Severity;
    /** What is found. */
    readonly title: string;
    /** What CouchDB or the peer does about it. */
    readonly effect: string;
    /** What to do. */
    readonly fix: string;
}

/** Every rule of the linter: `I` for definitions of indexes, `Q` for queries. */
export const LINT_RULES = {
    I01: {
        severity: 'error',
        title: 'bad path, JSON or member of an index file',
        effect: 'packaging or installing the chaincode fails, or CouchDB refuses the index and the peer only logs it',
        fix: 'write the files from definitions in code',
    },
    I02: {
        severity: 'error',
        title: 'columns of one index run in both directions',
        effect: 'the peer accepts the file, CouchDB refuses it (unsupported_mixed_sort), and the peer only logs it: there is no index',
        fix: 'run all columns one way; an index serves both directions of a sort anyway',
    },
    I03: {
        severity: 'error',
        title: 'a column is not a name with "asc" or "desc"',
        effect: 'the peer accepts some of these, CouchDB refuses them, and the peer only logs it: there is no index',
        fix: 'list names of fields; write "asc" and "desc" in lower case',
    },
    I04: {
        severity: 'warning',
        title: 'an index lacks ddoc or name',
        effect: 'CouchDB makes a name from a hash: a query cannot name the index, and a changed index becomes one more',
        fix: 'give each index a ddoc and a name of its own',
    },
    I05: {
        severity: 'error',
        title: 'two files have the same ddoc and name',
        effect: 'the file whose name sorts last replaces the other',
        fix: 'give each index a ddoc and a name of its own',
    },
    I06: {
        severity: 'warning',
        title: 'several indexes share a design document',
        effect: 'a change of one rebuilds all of them from every document',
        fix: 'give each index its own design document',
    },
    I07: {
        severity: 'info',
        title: 'the index is redundant',
        effect: 'another index answers the same queries as well; every write pays for both',
        fix: 'remove it, and plan the deletion of the one already built',
    },
    I08: {
        severity: 'warning',
        title: 'no known query uses the index',
        effect: 'every write pays for it and nothing gains',
        fix: 'remove it, or show the linter the query that uses it',
    },
    I09: {
        severity: 'warning',
        title: 'the only column has few values',
        effect: 'a query reads every document of that value',
        fix: 'add the columns the queries compare next',
    },
    I10: {
        severity: 'error',
        title: 'an index for a collection that is not configured',
        effect: 'the peer ignores the file',
        fix: 'correct the name of the collection in the path',
    },
    I11: {
        severity: 'warning',
        title: 'an index differs from the last release',
        effect: 'CouchDB rebuilds it at its next query; a renamed or dropped one stays and costs at every write',
        fix: 'keep ddoc and name when columns change; list what stays behind as retired',
    },
    I12: {
        severity: 'error',
        title: 'the chaincode-as-a-service package lacks the index files',
        effect: 'the peer never sees them: there is no index',
        fix: 'put META-INF beside connection.json into code.tar.gz',
    },
    I13: {
        severity: 'warning',
        title: 'a column holds objects or arrays',
        effect: 'they are compared whole; $in, $all and $elemMatch gain nothing by it',
        fix: 'index a part, such as owner.name, or keep a scalar field for it',
    },
    Q01: {
        severity: 'error',
        title: 'no usable index',
        effect: 'CouchDB reads every document; the warning goes only to the log of the peer',
        fix: 'add the index that is proposed',
    },
    Q02: {
        severity: 'warning',
        title: 'nothing narrows the index',
        effect: 'CouchDB reads the whole index and filters, without a warning until it reads 10 documents for each returned',
        fix: 'compare a leading column with $eq or a range',
    },
    Q03: {
        severity: 'warning',
        title: 'an index begins right but has a column the query does not require',
        effect: 'CouchDB cannot use it: rows without that column would be lost',
        fix: 'require the column ({"$exists": true} is enough) or index without it',
    },
    Q04: {
        severity: 'error',
        title: 'no index yields the sort',
        effect: 'CouchDB answers 400 no_usable_index and the transaction fails',
        fix: 'index the fields compared with $eq, then those sorted by',
    },
    Q05: {
        severity: 'error',
        title: 'the sort runs in both directions',
        effect: 'CouchDB answers 400 unsupported_mixed_sort and the transaction fails',
        fix: 'sort one way, or keep a field with the reversed value',
    },
    Q06: {
        severity: 'warning',
        title: 'a range comes before an equality in the index',
        effect: 'CouchDB reads the whole range, whatever the column after it is compared with',
        fix: 'order columns: compared with $eq, sorted by, one range',
    },
    Q07: {
        severity: 'warning',
        title: 'a column in the middle of the index is not compared',
        effect: 'columns after it narrow nothing',
        fix: 'move the column to the end or compare it',
    },
    Q08: {
        severity: 'error',
        title: 'use_index names no usable index',
        effect: 'CouchDB chooses for itself and warns; the warning goes only to the log of the peer',
        fix: 'correct the name, or make the index usable',
    },
    Q09: {
        severity: 'error',
        title: 'the query does not repeat the filter of its partial index',
        effect: 'CouchDB does not check it: rows outside the filter are missing from the answer',
        fix: 'add the conditions of the filter to the selector',
    },
    Q10: {
        severity: 'error',
        title: 'limit or skip in the query',
        effect: 'the peer overwrites limit, and skip applies again on every internal page of 1000 rows: rows are lost',
        fix: 'page with getQueryResultWithPagination and its bookmark',
    },
    Q11: {
        severity: 'warning',
        title: 'fields is no array, or an index covers all of it but ~version',
        effect: 'the peer refuses what is no array; without ~version in the index CouchDB reads every document',
        fix: 'list the fields; require and index ~version to have the index alone answer (3.4)',
    },
    Q12: {
        severity: 'warning',
        title: '$regex for the beginning of a text',
        effect: '$regex narrows nothing',
        fix: 'use $beginsWith (3.4), or $gte with the beginning and $lt with its end',
    },
    Q13: {
        severity: 'warning',
        title: '$or or $in',
        effect: 'it narrows nothing: CouchDB reads all that the other conditions leave',
        fix: 'run one query for each value',
    },
    Q14: {
        severity: 'warning',
        title: '$exists: false, $ne, $nin or $not',
        effect: 'it narrows nothing, and $exists: false makes every index with that column unusable',
        fix: 'keep a field that says it, such as a state, and compare it with $eq',
    },
    Q15: {
        severity: 'warning',
        title: 'an answer without bound',
        effect: 'the peer reads up to totalQueryLimit rows (100000), then stops without an error',
        fix: 'use getQueryResultWithPagination',
    },
    Q16: {
        severity: 'warning',
        title: 'a range of texts that relies on the order of bytes',
        effect: 'CouchDB compares text by ICU collation: "a" < "B", and punctuation comes first',
        fix: 'keep sortable values in one case, of fixed width, in ASCII letters and digits',
    },
    Q17: {
        severity: 'warning',
        title: 'many documents read for each returned',
        effect: 'CouchDB reads more than 10 documents for each it returns, in the sample given',
        fix: 'add the index that is proposed',
    },
    Q18: {
        severity: 'error',
        title: 'the query is joined from text',
        effect: 'a value with a quote in it changes what is asked',
        fix: 'build the query with the query builder, or an object and JSON.stringify',
    },
    Q19: {
        severity: 'info',
        title: 'the query asks for keys only',
        effect: 'CouchDB answers it from all documents and warns; a key range needs no CouchDB',
        fix: 'use getState or getStateByRange',
    },
    Q20: {
        severity: 'warning',
        title: 'a rich query in a transaction that writes',
        effect: 'rows that appear after endorsement are not noticed: there is no phantom check; private data and paginated queries fail with a write',
        fix: 'read by key or key range where the write depends on it',
    },
    Q21: {
        severity: 'error',
        title: 'allow_fallback',
        effect: 'CouchDB before 3.5 answers 400 invalid_key and the transaction fails',
        fix: 'leave it out until every peer runs CouchDB 3.5',
    },
    Q22: {
        severity: 'info',
        title: 'two indexes are equally good',
        effect: 'the one whose design document sorts first is used: a new index may take over',
        fix: 'name one in use_index, or remove one',
    },
    Q23: {
        severity: 'error',
        title: 'update, stable, stale, r or conflicts',
        effect: 'peers may answer differently and endorsements then do not match',
        fix: 'leave it out',
    },
    Q24: {
        severity: 'error',
        title: 'an empty $or or $and beside other conditions',
        effect: 'Mango takes an empty $or to require every field there is: any index counts as usable, and rows without its columns are lost',
        fix: 'leave out the operator when its list is empty',
    },
    Q25: {
        severity: 'error',
        title: 'a selector on which Mango fails',
        effect: 'CouchDB answers 500: null or a list inside a list, or an object of several members as a value, as soon as there is an index to judge; $beginsWith that contradicts the other conditions on its field',
        fix: 'compare members of the object one by one; ask for null separately',
    },
    Q26: {
        severity: 'error',
        title: 'CouchDB or the peer refuses the query',
        effect: 'the transaction fails',
        fix: 'mend what the message names',
    },
    Q27: {
        severity: 'info',
        title: 'the query cannot be read from the source',
        effect: 'it is not checked',
        fix: 'build it where it is used, or check it from a recorded log',
    },
} as const satisfies Readonly<Record<string, Rule>>;

/** Id of a rule. */
export type RuleId = keyof typeof LINT_RULES;

/** Where a finding is. */
export interface FindingPlace {
    readonly file?: string | undefined;
    readonly line?: number | undefined;
    readonly index?: string | undefined;
    readonly query?: string | undefined;
}

/** Something the linter found. */
export interface Finding extends FindingPlace {
    readonly rule: RuleId;
    readonly severity: Severity;
    /** What is found, what CouchDB or the peer does about it, and what to do. */
    readonly message: string;
    /** The definition of an index that would help, when there is one. */
    readonly proposal?: unknown;
}

/** Makes a finding of a rule. */
export function finding(
    rule: RuleId,
    detail: string,
    place: FindingPlace,
    proposal?: unknown,
): Finding {
    const { severity, title, effect, fix } = LINT_RULES[rule];
    const message = `${title}${detail === '' ? '' : `: ${detail}`}. ${capital(effect)}. ${capital(fix)}.`;
    return { rule, severity, message, ...place, ...(proposal === undefined ? {} : { proposal }) };
}

function capital(sentence: string): string {
    return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

/**
 * Prints a finding on one line, beginning with `file:line`.
 *
 * @example
 * ```ts
 * for (const one of findings) console.log(formatFinding(one));
 * ```
 */
export function formatFinding(one: Finding): string {
    const line = one.line === undefined ? '' : `:${String(one.line)}`;
    const place = one.file === undefined ? (one.index ?? one.query ?? '') : `${one.file}${line}`;
    return `${place} ${one.severity} ${one.rule} ${one.message}`.trimStart();
}
