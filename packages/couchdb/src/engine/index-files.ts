import { CouchdbError } from '../errors.js';
import { compareCodePoints } from '../collation.js';
import { isJsonObject, type Json, type JsonObject } from '../json.js';

const CHAINCODE_INDEX = /^META-INF\/statedb\/couchdb\/indexes\/(.*[.]json.*)$/;
const COLLECTION_INDEX =
    /^META-INF\/statedb\/couchdb\/collections\/([A-Za-z0-9_-]+)\/indexes\/(.*[.]json.*)$/;

/** Where an index file belongs. */
export interface IndexFilePlace {
    /** The private data collection, or undefined for the chaincode's public state. */
    readonly collection: string | undefined;
    /** The file's name within its folder. */
    readonly file: string;
}

/** Content of index files by path, as a chaincode package carries them. */
export type IndexFiles = ReadonlyMap<string, Uint8Array | string>;

function invalid(path: string, problem: string): CouchdbError {
    return new CouchdbError('COUCHDB_INDEX_FILE_INVALID', `${path}: ${problem}`);
}

/**
 * Reads the place of an index file out of its path in the package.
 *
 * @throws CouchdbError `COUCHDB_INDEX_FILE_INVALID` for every other path: packaging fails on it
 */
export function indexFilePlace(path: string): IndexFilePlace {
    const [, chaincodeFile] = CHAINCODE_INDEX.exec(path) ?? [];
    if (chaincodeFile !== undefined) return { collection: undefined, file: chaincodeFile };
    const [, collection, file] = COLLECTION_INDEX.exec(path) ?? [];
    if (file !== undefined) return { collection, file };
    throw invalid(
        path,
        'the peer takes index files only as META-INF/statedb/couchdb/indexes/NAME.json or ' +
            'META-INF/statedb/couchdb/collections/COLLECTION/indexes/NAME.json. Move or remove it.',
    );
}

function checkFieldMap(path: string, field: JsonObject): void {
    for (const [name, direction] of Object.entries(field)) {
        const known = typeof direction === 'string' && /^(asc|desc)$/i.test(direction);
        if (known) continue;
        const got = JSON.stringify(direction);
        throw invalid(path, `the direction of field "${name}" is ${got}; use "asc" or "desc".`);
    }
}

function checkFields(path: string, fields: Json): void {
    if (!Array.isArray(fields)) throw invalid(path, '"fields" must be an array.');
    for (const field of fields as Json[]) {
        if (field === null) throw invalid(path, 'a field is null, on which the validator crashes.');
        if (isJsonObject(field)) checkFieldMap(path, field);
    }
}

function checkIndex(path: string, index: Json): void {
    if (!isJsonObject(index)) throw invalid(path, '"index" must be an object.');
    for (const [member, value] of Object.entries(index)) {
        if (member === 'fields') checkFields(path, value);
        else if (member !== 'partial_filter_selector') {
            throw invalid(path, `"index" has an unknown member "${member}"; remove it.`);
        }
    }
}

function checkMember(path: string, member: string, value: Json): void {
    switch (member) {
        case 'index':
            checkIndex(path, value);
            return;
        case 'ddoc':
        case 'name':
            if (typeof value !== 'string') throw invalid(path, `"${member}" must be a string.`);
            return;
        case 'type':
            if (value !== 'json') throw invalid(path, '"type" must be "json".');
            return;
        default:
            throw invalid(path, `unknown member "${member}"; remove it.`);
    }
}

function parse(path: string, text: string): JsonObject {
    let value: unknown;
    try {
        value = JSON.parse(text);
    } catch (cause) {
        const detail = cause instanceof Error ? cause.message : String(cause);
        throw invalid(path, `not JSON: ${detail}`);
    }
    if (value === null) return {};
    if (!isJsonObject(value)) throw invalid(path, 'the file must hold a JSON object.');
    return value;
}

/**
 * Checks an index file as a peer checks it when the chaincode is packaged or installed. That is much
 * less than CouchDB checks later: what passes here may still be refused there, and then the peer only
 * writes a line to its log and runs without the index.
 *
 * @returns where the file belongs
 * @throws CouchdbError `COUCHDB_INDEX_FILE_INVALID`
 */
export function validateIndexFile(path: string, content: Uint8Array | string): IndexFilePlace {
    const place = indexFilePlace(path);
    const text = typeof content === 'string' ? content : new TextDecoder().decode(content);
    const definition = parse(path, text);
    for (const [member, value] of Object.entries(definition)) checkMember(path, member, value);
    if (!Object.hasOwn(definition, 'index')) throw invalid(path, '"index" is missing.');
    return place;
}

/**
 * Sorts the index files of a package by the database they belong to and, within it, into the order in
 * which a peer applies them.
 *
 * @returns files by collection; '' stands for the chaincode's public state
 * @throws CouchdbError `COUCHDB_INDEX_FILE_INVALID`
 */
export function groupIndexFiles(files: IndexFiles): Map<string, Map<string, string>> {
    const groups = new Map<string, Map<string, string>>();
    const paths = [...files.keys()].sort(compareCodePoints);
    for (const path of paths) {
        const content = files.get(path) ?? '';
        const { collection = '', file } = validateIndexFile(path, content);
        const group = groups.get(collection) ?? new Map<string, string>();
        groups.set(collection, group);
        group.set(file, typeof content === 'string' ? content : new TextDecoder().decode(content));
    }
    return groups;
}
