import { compareCodePoints } from '../collation.js';
import { diffIndexFiles } from '../definition/compare-index-files.js';
import { schemaOf, type DocumentSchema } from '../definition/field-name.js';
import { validateIndexFile, type IndexFiles } from '../engine/index-files.js';
import { CouchdbError } from '../errors.js';
import { isJsonObject, type Json, type JsonObject } from '../json.js';
import { parseIndexRequest } from '../mango/create-index.js';
import { getField, parseField } from '../mango/field-path.js';
import { parseFindRequest, type FindRequest } from '../mango/find-request.js';
import { columns, isPartial, type CouchdbIndex } from '../mango/index-definition.js';
import { planQuery } from '../mango/plan.js';
import { finding, type Finding, type RuleId } from './rules.js';
import type { QueryToCheck } from './lint-queries.js';

/** What the definition rules look at. */
export interface LintIndexesInput {
    /** Index files by path, as the chaincode package carries them. */
    readonly files: IndexFiles;
    /** The known queries; I07 and I08 are silent without them. */
    readonly queries?: readonly QueryToCheck[];
    /** Names of the configured collections; I10 is silent without them. */
    readonly collections?: readonly string[];
    /** Index files of the release this one upgrades; I11 is silent without them. */
    readonly released?: IndexFiles;
    /** Indexes known to stay behind, as `ddoc/name`. */
    readonly retired?: readonly string[];
    /** Paths inside the code package of chaincode as a service; I12 is silent without them. */
    readonly servicePackage?: readonly string[];
    /** Schema of the documents; I13 uses it. */
    readonly schema?: DocumentSchema;
    /** Some documents; I09 and I13 use them. */
    readonly sample?: readonly JsonObject[];
}

/** An index read out of its file. */
export interface FiledIndex {
    readonly path: string;
    /** '' for the public state. */
    readonly collection: string;
    readonly index: CouchdbIndex;
}

function textOf(content: Uint8Array | string | undefined): string {
    return typeof content === 'string' ? content : new TextDecoder().decode(content);
}

function ruleOf(error: CouchdbError): RuleId {
    if (error.error === 'unsupported_mixed_sort') return 'I02';
    if (error.error === 'invalid_sort_field' || error.error === 'invalid_field_name') return 'I03';
    return 'I01';
}

function checkNames(definition: JsonObject, place: { file: string; index: string }): Finding[] {
    const missing = ['ddoc', 'name'].filter((member) => typeof definition[member] !== 'string');
    return missing.length === 0 ? [] : [finding('I04', missing.join(', '), place)];
}

function checkColumns(index: CouchdbIndex, place: { file: string; index: string }): Finding[] {
    const names = columns(index);
    for (const name of names) parseField(name);
    const twice = names.find((name, at) => names.indexOf(name) !== at);
    if (names.length === 0) return [finding('I03', 'it has no columns', place)];
    return twice === undefined ? [] : [finding('I03', `"${twice}" twice`, place)];
}

interface ReadFiles {
    readonly indexes: readonly FiledIndex[];
    readonly findings: readonly Finding[];
}

/** Reads index files; what the peer or CouchDB refuses becomes findings I01 to I04. */
export function readIndexDefinitions(files: IndexFiles): ReadFiles {
    const indexes: FiledIndex[] = [];
    const findings: Finding[] = [];
    for (const path of [...files.keys()].sort(compareCodePoints)) {
        const place = { file: path, index: path.replace(/^.*\/|\.json$/g, '') };
        try {
            const text = textOf(files.get(path));
            const { collection = '' } = validateIndexFile(path, text);
            const definition = JSON.parse(text) as Json;
            const index = parseIndexRequest(definition, '3.5');
            findings.push(...checkColumns(index, place));
            if (isJsonObject(definition)) findings.push(...checkNames(definition, place));
            indexes.push({ path, collection, index });
        } catch (error) {
            if (!(error instanceof CouchdbError)) throw error;
            findings.push(finding(ruleOf(error), error.reason ?? error.message, place));
        }
    }
    return { indexes, findings };
}

function checkTwins(indexes: readonly FiledIndex[]): Finding[] {
    const findings: Finding[] = [];
    indexes.forEach(({ path, collection, index }, at) => {
        const place = { file: path, index: index.name };
        const earlier = indexes
            .slice(0, at)
            .filter((one) => one.collection === collection && one.index.ddoc === index.ddoc);
        const twin = earlier.find((one) => one.index.name === index.name);
        const [mate] = earlier;
        if (twin !== undefined) findings.push(finding('I05', `also in ${twin.path}`, place));
        else if (mate !== undefined)
            findings.push(finding('I06', `with ${mate.index.name}`, place));
    });
    return findings;
}

/** Queries of a collection that CouchDB takes, ready for the planner. */
export function plannableRequests(
    queries: readonly QueryToCheck[],
    collection: string,
): FindRequest[] {
    return queries
        .filter((one) => (one.collection ?? collection) === collection)
        .flatMap(({ query }) => {
            if (query === undefined) return [];
            try {
                return [parseFindRequest({ ...query, limit: 1, skip: 0 }, '3.5')];
            } catch (error) {
                if (error instanceof CouchdbError) return [];
                throw error;
            }
        });
}

function chosen(indexes: readonly CouchdbIndex[], request: FindRequest): CouchdbIndex | undefined {
    try {
        return planQuery(indexes, request).index;
    } catch (error) {
        if (error instanceof CouchdbError) return undefined;
        throw error;
    }
}

function isPrefixOf(a: readonly string[], b: readonly string[]): boolean {
    return a.length <= b.length && a.every((name, at) => b[at] === name);
}

function checkUse(indexes: readonly FiledIndex[], queries: readonly QueryToCheck[]): Finding[] {
    const findings: Finding[] = [];
    for (const { path, collection, index } of indexes) {
        const place = { file: path, index: index.name };
        const all = indexes.filter((one) => one.collection === collection).map((one) => one.index);
        const requests = plannableRequests(queries, collection);
        const users = requests.filter((request) => chosen(all, request) === index);
        if (users.length === 0) {
            findings.push(finding('I08', columns(index).join(', '), place));
            continue;
        }
        const others = all.filter((one) => one !== index && !isPartial(one));
        const longer = others.find(
            (one) =>
                isPrefixOf(columns(index), columns(one)) &&
                users.every((request) => chosen(others, { ...request, useIndex: [] }) === one),
        );
        if (longer !== undefined)
            findings.push(finding('I07', `${longer.name} serves its queries`, place));
    }
    return findings;
}

/** From this many sampled documents a field with few values counts as one. */
const FEW_VALUES_SAMPLE = 50;
const FEW_VALUES = 10;

function isLowCardinality(field: string, sample: readonly JsonObject[]): boolean {
    const found = sample
        .map((document) => getField(document, parseField(field)))
        .filter((value) => typeof value !== 'symbol');
    if (found.length >= FEW_VALUES_SAMPLE) {
        return new Set(found.map((value) => JSON.stringify(value))).size <= FEW_VALUES;
    }
    return /^(?:doc_?type|object_?type|type|kind|class|state|status|@type|assetType)$/i.test(field);
}

function isWhole(field: string, input: LintIndexesInput): boolean {
    const path = parseField(field);
    const type = input.schema === undefined ? undefined : schemaOf(input.schema, path)?.type;
    const types = typeof type === 'string' ? [type] : (type ?? []);
    if (types.some((one) => one === 'object' || one === 'array')) return true;
    return (input.sample ?? []).some((document) => {
        const value = getField(document, path);
        return typeof value === 'object' && value !== null;
    });
}

function checkFields({ path, index }: FiledIndex, input: LintIndexesInput): Finding[] {
    const place = { file: path, index: index.name };
    const names = columns(index);
    const [only = ''] = names;
    const findings: Finding[] = [];
    if (names.length === 1 && isLowCardinality(only, input.sample ?? [])) {
        findings.push(finding('I09', only, place));
    }
    const whole = names.filter((name) => isWhole(name, input));
    if (whole.length > 0) findings.push(finding('I13', whole.join(', '), place));
    return findings;
}

function checkCollections(indexes: readonly FiledIndex[], known: readonly string[]): Finding[] {
    return indexes
        .filter(({ collection }) => collection !== '' && !known.includes(collection))
        .map(({ path, collection, index }) =>
            finding('I10', collection, { file: path, index: index.name }),
        );
}

function checkRelease(input: LintIndexesInput, released: IndexFiles): Finding[] {
    const { findings } = readIndexDefinitions(input.files);
    if (findings.some(({ severity }) => severity === 'error')) return [];
    const retired = new Set(input.retired ?? []);
    return diffIndexFiles(released, input.files)
        .filter(({ kind }) => kind !== 'unchanged' && kind !== 'added')
        .filter(({ before }) => {
            const ddoc = (before?.ddoc ?? '').replace(/^_design\//, '');
            return !retired.has(`${ddoc}/${before?.name ?? ''}`);
        })
        .map(({ kind, path, before, effect }) =>
            finding('I11', `${kind}: ${effect}`.replace(/\.$/, ''), {
                file: path,
                index: before?.name,
            }),
        );
}

function checkServicePackage(files: IndexFiles, packaged: readonly string[]): Finding[] {
    const there = new Set(packaged.map((path) => path.replace(/^\.\//, '')));
    return [...files.keys()]
        .filter((path) => !there.has(path))
        .map((path) => finding('I12', path, { file: path }));
}

/**
 * Checks index definitions by the rules I01 to I13.
 *
 * @example
 * ```ts
 * const findings = lintIndexes({ files: readIndexFiles('chaincode/asset'), queries: scan.queries });
 * ```
 */
export function lintIndexes(input: LintIndexesInput): Finding[] {
    const { indexes, findings } = readIndexDefinitions(input.files);
    return [
        ...findings,
        ...checkTwins(indexes),
        ...indexes.flatMap((one) => checkFields(one, input)),
        ...(input.queries === undefined ? [] : checkUse(indexes, input.queries)),
        ...(input.collections === undefined ? [] : checkCollections(indexes, input.collections)),
        ...(input.released === undefined ? [] : checkRelease(input, input.released)),
        ...(input.servicePackage === undefined
            ? []
            : checkServicePackage(input.files, input.servicePackage)),
    ];
}

/** The indexes of one database among those read from files. */
export function indexesOfCollection(
    indexes: readonly FiledIndex[],
    collection: string,
): CouchdbIndex[] {
    const last = new Map<string, CouchdbIndex>();
    for (const one of indexes) {
        if (one.collection === collection)
            last.set(`${one.index.ddoc}/${one.index.name}`, one.index);
    }
    return [...last.values()];
}
