import { CouchdbError } from '../errors.js';
import { isJsonObject, type Json, type JsonObject } from '../json.js';
import { parseField } from '../mango/field-path.js';
import { parseIndexRequest } from '../mango/create-index.js';
import type { CouchdbIndex } from '../mango/index-definition.js';
import type { Direction } from '../mango/sort.js';
import {
    type DocumentSchema,
    type FieldName,
    type SchemaFieldName,
    schemaOf,
} from './field-name.js';
import type { RowField } from './field-name.js';

/** What an index is defined by. */
export interface IndexOptions<F extends string = string> {
    /** Name of the index, of its file and, with `Doc` after it, of its design document. */
    readonly name: string;
    /** Columns: those compared with `$eq` first, then those sorted by, then one range. */
    readonly fields: readonly F[];
    /** Which way the columns run; CouchDB knows one way for all. @default 'asc' */
    readonly direction?: Direction;
    /** Documents it holds. Queries must repeat the filter and name the index. */
    readonly partialFilter?: JsonObject;
    /** The private data collection it is for; the chaincode's public state when left out. */
    readonly collection?: string;
    /** Design document. Two indexes in one are rebuilt together. @default name + 'Doc' */
    readonly ddoc?: string;
}

/** An index defined in code. */
export interface IndexDefinition<F extends string = string> {
    readonly name: string;
    readonly ddoc: string;
    readonly fields: readonly F[];
    readonly direction: Direction;
    readonly partialFilter: JsonObject | undefined;
    readonly collection: string | undefined;
}

const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;
const COLLECTION = /^[A-Za-z0-9_-]+$/;

/** Most columns an index may have; every column is stored again for every document. */
export const MAX_INDEX_FIELDS = 16;

function invalid(name: string, problem: string): CouchdbError {
    return new CouchdbError('COUCHDB_INDEX_INVALID', `Index ${JSON.stringify(name)}: ${problem}`);
}

function checkField(name: string, field: unknown): void {
    if (typeof field !== 'string' || field === '') {
        const got = JSON.stringify(field);
        throw invalid(name, `a field is ${got}; give its name, and the direction for all of them.`);
    }
    if (field.startsWith('$')) throw invalid(name, `"${field}" is an operator, not a field.`);
    try {
        parseField(field);
    } catch (cause) {
        if (!(cause instanceof CouchdbError)) throw cause;
        throw invalid(
            name,
            `the field "${field}" has an empty part; write names with single dots.`,
        );
    }
}

function checkFields(name: string, fields: readonly unknown[]): void {
    if (fields.length === 0 || fields.length > MAX_INDEX_FIELDS) {
        const got = String(fields.length);
        throw invalid(name, `it has ${got} fields; give 1 to ${String(MAX_INDEX_FIELDS)}.`);
    }
    for (const field of fields) checkField(name, field);
    const twice = fields.find((field, at) => fields.indexOf(field) !== at);
    if (twice !== undefined)
        throw invalid(name, `the field ${JSON.stringify(twice)} is listed twice.`);
}

/** The body of `POST /db/_index`, and of an index file, for a definition. */
export function indexRequest(definition: IndexDefinition): JsonObject {
    const { direction, fields, partialFilter } = definition;
    const listed: Json[] =
        direction === 'asc' ? [...fields] : fields.map((field) => ({ [field]: direction }));
    const partial = partialFilter === undefined ? {} : { partial_filter_selector: partialFilter };
    return {
        index: { fields: listed, ...partial },
        ddoc: definition.ddoc,
        name: definition.name,
        type: 'json',
    };
}

/** A definition as CouchDB knows the index it makes. */
export function toCouchdbIndex(definition: IndexDefinition): CouchdbIndex {
    return parseIndexRequest(indexRequest(definition), '3.5');
}

function checked<F extends string>(options: IndexOptions<F>): IndexDefinition<F> {
    const { name, fields, collection, partialFilter } = options;
    if (typeof name !== 'string' || !NAME.test(name)) {
        const got = typeof name === 'string' ? name : JSON.stringify(name);
        throw invalid(got, 'the name must be a letter, then up to 63 letters, digits, "_" or "-".');
    }
    checkFields(name, fields);
    const direction = options.direction ?? 'asc';
    if (!['asc', 'desc'].includes(direction)) {
        throw invalid(name, `the direction is ${JSON.stringify(direction)}; use 'asc' or 'desc'.`);
    }
    if (collection !== undefined && !COLLECTION.test(collection)) {
        throw invalid(
            name,
            `the collection ${JSON.stringify(collection)} has other characters than A-Z a-z 0-9 _ -.`,
        );
    }
    if (partialFilter !== undefined && !isJsonObject(partialFilter)) {
        throw invalid(name, 'partialFilter must be a selector object.');
    }
    if (partialFilter !== undefined && Object.keys(partialFilter).length === 0) {
        throw invalid(name, 'partialFilter is empty, which filters nothing; leave it out.');
    }
    const ddoc = options.ddoc ?? `${name}Doc`;
    if (!NAME.test(ddoc))
        throw invalid(name, `the design document ${JSON.stringify(ddoc)} is no such name.`);
    const definition = Object.freeze({
        name,
        ddoc,
        fields: Object.freeze([...fields]),
        direction,
        partialFilter,
        collection,
    });
    try {
        toCouchdbIndex(definition);
    } catch (cause) {
        if (!(cause instanceof CouchdbError)) throw cause;
        throw invalid(name, cause.message);
    }
    return definition;
}

/**
 * Defines an index in code. What CouchDB would refuse, or a peer would drop with a line in its log, is
 * refused here.
 *
 * @throws CouchdbError `COUCHDB_INDEX_INVALID`
 * @example
 * ```ts
 * interface Asset { docType: string; owner: string; size: number }
 * const byOwner = defineIndex<Asset>({ name: 'byOwner', fields: ['docType', 'owner', 'size'] });
 * ```
 */
export function defineIndex<T = unknown>(
    options: IndexOptions<FieldName<T> & string>,
): IndexDefinition<FieldName<T> & string> {
    return checked(options);
}

/**
 * Defines an index against a JSON schema given `as const`: every field must be in the schema, and must
 * be neither an object nor an array.
 *
 * @throws CouchdbError `COUCHDB_INDEX_INVALID`
 */
export function defineSchemaIndex<const S extends DocumentSchema>(
    schema: S,
    options: IndexOptions<SchemaFieldName<S> | RowField>,
): IndexDefinition<SchemaFieldName<S> | RowField> {
    const definition = checked<SchemaFieldName<S> | RowField>(options);
    for (const field of definition.fields) {
        if (field === '_id' || field === '~version') continue;
        const found = schemaOf(schema, parseField(field));
        if (found === undefined) throw invalid(options.name, `the schema has no field "${field}".`);
        const types = typeof found.type === 'string' ? [found.type] : (found.type ?? []);
        const type = types.find((one) => one === 'object' || one === 'array');
        if (type !== undefined) {
            throw invalid(
                options.name,
                `"${field}" is an ${type}, which is indexed whole; index its parts.`,
            );
        }
    }
    return definition;
}
