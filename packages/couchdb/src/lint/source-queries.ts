import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { CouchdbError } from '../errors.js';
import { asText, isJsonObject, type Json, type JsonObject } from '../json.js';
import { defineIndex, type IndexDefinition } from '../definition/define-index.js';
import { Evaluator, hasHole, unwrap } from './evaluate.js';
import { callersOf, type HandedOn } from './handed-on.js';
import { settleHoles } from './settle-holes.js';
import {
    child,
    children,
    contains,
    isCall,
    methodOf,
    parseSource,
    text,
    walk,
    type SyntaxNode,
} from './syntax.js';

/** A rich query found in a source file. */
export interface SourceQuery {
    readonly file: string;
    readonly line: number;
    readonly column: number;
    /** The stub's method it is given to. */
    readonly method: string;
    /** The query, with `«name»` for what only running would tell; undefined when it cannot be read. */
    readonly query: JsonObject | undefined;
    /** Whether text is joined to make it, so that a value can change what it asks. */
    readonly joined: boolean;
    /** Whether it is read page by page. */
    readonly paginated: boolean;
    /** '' for the chaincode's public state; undefined when the source does not say. */
    readonly collection: string | undefined;
    /** Whether the same function writes to the ledger. */
    readonly writes: boolean;
}

/** What the sources of a chaincode say about indexes and queries. */
export interface SourceScan {
    readonly queries: readonly SourceQuery[];
    /** Indexes defined by `defineIndex`, by the name of the constant that holds them. */
    readonly definitions: ReadonlyMap<string, IndexDefinition>;
    /** Files that could not be parsed. */
    readonly unreadable: readonly CouchdbError[];
}

const METHODS = new Set([
    'getQueryResult',
    'getQueryResultWithPagination',
    'getPrivateDataQueryResult',
]);
const WRITES = new Set([
    'putState',
    'deleteState',
    'putPrivateData',
    'deletePrivateData',
    'setStateValidationParameter',
]);
const RANGE_ENDS: Readonly<Record<string, string>> = {
    atLeast: '$gte',
    above: '$gt',
    atMost: '$lte',
    below: '$lt',
};

interface SourceFile {
    readonly file: string;
    readonly tree: SyntaxNode;
    readonly evaluator: Evaluator;
    /** Its calls that write to the ledger. */
    readonly writes: readonly SyntaxNode[];
}

/** The calls of a chain such as `queryIndex(x).equal(…).toString()`, first one first. */
function chainOf(node: SyntaxNode): SyntaxNode[] {
    const call = unwrap(node);
    if (!isCall(call)) return [];
    const object = child(call, 'callee');
    const before = object && child(object, 'object');
    return [...(before === undefined ? [] : chainOf(before)), call];
}

function definitionOf(source: SourceFile, call: SyntaxNode): IndexDefinition | undefined {
    const options = children(call, 'arguments').at(-1);
    if (options === undefined) return undefined;
    const { value } = source.evaluator.evaluate(options);
    if (!isJsonObject(value) || hasHole(value)) return undefined;
    try {
        return defineIndex(value as never);
    } catch (error) {
        if (error instanceof CouchdbError) return undefined;
        throw error;
    }
}

function collectDefinitions(sources: readonly SourceFile[]): Map<string, IndexDefinition> {
    const definitions = new Map<string, IndexDefinition>();
    for (const source of sources) {
        walk(source.tree, (node) => {
            if (node.type !== 'VariableDeclarator') return;
            const init = child(node, 'init');
            const call = init && unwrap(init);
            const name = text(child(node, 'id'), 'name');
            if (call === undefined || !isCall(call) || name === '') return;
            if (!['defineIndex', 'defineSchemaIndex'].includes(methodOf(call))) return;
            const definition = definitionOf(source, call);
            if (definition !== undefined) definitions.set(name, definition);
        });
    }
    return definitions;
}

interface BuilderState {
    selector: Record<string, JsonObject>;
    sort: string | undefined;
    fields: Json[] | undefined;
}

function addCondition(state: BuilderState, field: Json, conditions: JsonObject): void {
    const name = asText(field);
    state.selector[name] = { ...state.selector[name], ...conditions };
}

function applyBuilderCall(state: BuilderState, method: string, values: readonly Json[]): void {
    const [field = null, value = null] = values;
    switch (method) {
        case 'equal':
            addCondition(state, field, { $eq: value });
            return;
        case 'between':
            for (const [end, bound] of isJsonObject(value) ? Object.entries(value) : []) {
                addCondition(state, field, { [RANGE_ENDS[end] ?? '$gt']: bound });
            }
            return;
        case 'beginsWith':
            addCondition(state, field, { $beginsWith: value });
            return;
        case 'exists':
            addCondition(state, field, { $exists: true });
            return;
        case 'isIn':
            addCondition(state, field, { $in: Array.isArray(value) ? (value as Json[]) : [value] });
            return;
        case 'sort':
            state.sort = typeof field === 'string' ? field : 'asc';
            return;
        case 'fields':
            state.fields = [...values];
            return;
    }
}

function builtSort(state: BuilderState, index: IndexDefinition | undefined): JsonObject {
    if (state.sort === undefined || index === undefined) return {};
    const free = index.fields.findIndex(
        (field) => !Object.hasOwn(state.selector[field] ?? {}, '$eq'),
    );
    const sorted = free < 0 ? index.fields : index.fields.slice(free);
    const direction = state.sort === 'desc' ? 'desc' : 'asc';
    return { sort: sorted.map((field) => ({ [field]: direction })) };
}

function builtQuery(
    source: SourceFile,
    chain: readonly SyntaxNode[],
    definitions: ReadonlyMap<string, IndexDefinition>,
): JsonObject {
    const state: BuilderState = { selector: {}, sort: undefined, fields: undefined };
    const [begin, ...calls] = chain;
    const argument = begin === undefined ? undefined : children(begin, 'arguments')[0];
    const holder = argument && unwrap(argument);
    const name =
        holder === undefined ? '' : text(holder, 'name') || text(child(holder, 'property'), 'name');
    const index = definitions.get(name);
    for (const call of calls) {
        const values = children(call, 'arguments').map(
            (one) => source.evaluator.evaluate(one).value,
        );
        applyBuilderCall(state, methodOf(call), values);
    }
    const filter = index?.partialFilter;
    return {
        selector: filter === undefined ? state.selector : { $and: [state.selector, filter] },
        ...builtSort(state, index),
        ...(state.fields === undefined ? {} : { fields: state.fields }),
        ...(index === undefined ? {} : { use_index: [index.ddoc, index.name] }),
    };
}

/** The chain of a query builder an expression comes from, through the constants that hold it. */
function builderChain(source: SourceFile, node: SyntaxNode, depth = 0): SyntaxNode[] {
    const expression = unwrap(node);
    if (depth > 10) return [];
    if (expression.type === 'Identifier') {
        const init = source.evaluator.variable(text(expression, 'name'), expression)?.init;
        return init === undefined ? [] : builderChain(source, init, depth + 1);
    }
    const chain = chainOf(expression);
    const [begin] = chain;
    if (begin !== undefined && methodOf(begin) === 'queryIndex') return chain;
    const callee = begin && child(begin, 'callee');
    const object = callee && child(callee, 'object');
    if (object === undefined || unwrap(object).type !== 'Identifier') return [];
    const before = builderChain(source, object, depth + 1);
    return before.length === 0 ? [] : [...before, ...chain];
}

function parsed(value: Json): JsonObject | undefined {
    if (isJsonObject(value)) return value;
    if (typeof value !== 'string') return undefined;
    try {
        const object = JSON.parse(value) as unknown;
        return isJsonObject(object) ? object : undefined;
    } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
        // A bare hole, such as a number put into the text, is made a string so that the shape is read.
        const quoted = value.replace(/(?<!")«[^»]*»(?!")/g, (name) => JSON.stringify(name));
        return quoted === value ? undefined : parsed(quoted);
    }
}

function readQuery(
    source: SourceFile,
    argument: SyntaxNode,
    definitions: ReadonlyMap<string, IndexDefinition>,
): Pick<SourceQuery, 'query' | 'joined'> {
    const chain = builderChain(source, argument);
    if (chain.length > 0) {
        return { query: settleHoles(builtQuery(source, chain, definitions)), joined: false };
    }
    const { value, joined } = source.evaluator.evaluate(argument);
    const query = parsed(value);
    return { query: query && settleHoles(query), joined: joined && typeof value === 'string' };
}

function looksLikeQuery({ query, joined }: Pick<SourceQuery, 'query' | 'joined'>): boolean {
    return joined || (query !== undefined && Object.hasOwn(query, 'selector'));
}

interface QueryPlace extends Pick<SourceQuery, 'query' | 'joined'> {
    readonly source: SourceFile;
    readonly call: SyntaxNode;
}

// Far deeper than any chaincode nests its helpers; ends functions that hand on to each other.
const MAX_HELPERS = 5;

/**
 * Where a query is made: here, or, when the function only hands on what it is given, where that function
 * is called.
 */
function placesOf(
    sources: readonly SourceFile[],
    definitions: ReadonlyMap<string, IndexDefinition>,
    at: { readonly source: SourceFile; readonly call: SyntaxNode; readonly argument: SyntaxNode },
    depth = 0,
): QueryPlace[] {
    const { source, call, argument } = at;
    const here = { source, call, ...readQuery(source, argument, definitions) };
    if (here.query !== undefined || here.joined || depth > MAX_HELPERS) return [here];
    const calls: readonly HandedOn<SourceFile>[] = callersOf(sources, source, argument);
    const places = calls.flatMap((one) =>
        placesOf(sources, definitions, one, depth + 1).filter(
            // A function of the same name elsewhere may be another one.
            (place) => one.source === source || looksLikeQuery(place),
        ),
    );
    return places.length === 0 ? [here] : places;
}

function readFile(file: string, tree: SyntaxNode): SourceFile {
    const writes: SyntaxNode[] = [];
    walk(tree, (node) => {
        if (isCall(node) && WRITES.has(methodOf(node))) writes.push(node);
    });
    return { file, tree, evaluator: new Evaluator(tree), writes };
}

function queriesOf(
    sources: readonly SourceFile[],
    source: SourceFile,
    definitions: ReadonlyMap<string, IndexDefinition>,
): SourceQuery[] {
    const queries: SourceQuery[] = [];
    const doesWrite = ({ source: where, call }: Pick<QueryPlace, 'source' | 'call'>): boolean => {
        const home = where.evaluator.functionOf(call);
        return where.writes.some((write) => contains(home, write));
    };
    walk(source.tree, (call) => {
        const method = isCall(call) ? methodOf(call) : '';
        const values = METHODS.has(method) ? children(call, 'arguments') : [];
        const isPrivate = method === 'getPrivateDataQueryResult';
        const argument = values[isPrivate ? 1 : 0];
        if (argument === undefined) return;
        const collection = isPrivate && values[0] ? source.evaluator.evaluate(values[0]).value : '';
        for (const place of placesOf(sources, definitions, { source, call, argument })) {
            queries.push({
                file: place.source.file,
                line: place.call.loc.start.line,
                column: place.call.loc.start.column + 1,
                method,
                query: place.query,
                joined: place.joined,
                paginated: method === 'getQueryResultWithPagination',
                collection:
                    typeof collection === 'string' && !hasHole(collection) ? collection : undefined,
                writes: doesWrite({ source, call }) || doesWrite(place),
            });
        }
    });
    return queries;
}

/**
 * Finds the rich queries in source files: those given to a stub as a literal, as an object put through
 * `JSON.stringify` (also when it is filled in step by step), as joined text, or by the query builder. A
 * query handed to a function of the chaincode that only passes it on is found where that is called.
 *
 * @param files source text by file name
 * @example
 * ```ts
 * const { queries } = await scanSources(new Map([['contract.ts', source]]));
 * ```
 */
export async function scanSources(files: ReadonlyMap<string, string>): Promise<SourceScan> {
    const sources: SourceFile[] = [];
    const unreadable: CouchdbError[] = [];
    for (const [file, source] of files) {
        try {
            const tree = await parseSource(file, source);
            sources.push(readFile(file, tree));
        } catch (error) {
            if (!(error instanceof CouchdbError)) throw error;
            unreadable.push(error);
        }
    }
    const definitions = collectDefinitions(sources);
    const queries = sources.flatMap((source) => queriesOf(sources, source, definitions));
    return { queries, definitions, unreadable };
}

const SOURCE = /\.(?:[cm]?[jt]s|[jt]sx)$/;
const LEFT_OUT = new Set(['node_modules', 'dist', 'coverage', 'META-INF', 'test', 'tests']);

/**
 * Reads the source files below a folder, leaving out `node_modules`, `dist`, `coverage`, tests and
 * declarations.
 *
 * @throws CouchdbError `COUCHDB_FOLDER_UNREADABLE`
 */
export function readSources(folder: string): Map<string, string> {
    try {
        const files = new Map<string, string>();
        const visit = (directory: string): void => {
            for (const entry of readdirSync(directory, { withFileTypes: true })) {
                const path = join(directory, entry.name);
                const isSource = SOURCE.test(entry.name) && !/\.(?:d|test|spec)\./.test(entry.name);
                if (entry.isDirectory() && !LEFT_OUT.has(entry.name) && !entry.name.startsWith('.'))
                    visit(path);
                else if (entry.isFile() && isSource) {
                    files.set(
                        relative(folder, path).split(sep).join('/'),
                        readFileSync(path, 'utf8'),
                    );
                }
            }
        };
        visit(folder);
        return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
    } catch (cause) {
        const detail = cause instanceof Error ? cause.message : String(cause);
        const message = `Cannot read the sources under ${folder}: ${detail}.`;
        throw new CouchdbError('COUCHDB_FOLDER_UNREADABLE', message, { cause });
    }
}
