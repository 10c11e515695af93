import { CouchdbError } from '../errors.js';
import { asText, type JsonObject } from '../json.js';
import { defineIndex, toCouchdbIndex, type IndexDefinition } from '../definition/define-index.js';
import { indexNameFor, listColumns, proposeColumns } from '../lint/propose.js';
import { queryShape } from '../lint/shape.js';
import { parseFindRequest, type FindRequest } from '../mango/find-request.js';
import { ALL_DOCS, ALL_DOCS_INDEX, columns, type CouchdbIndex } from '../mango/index-definition.js';
import { isHinted, prefer, rangesOf, scoreIndex, type Scored } from '../mango/plan.js';
import { DEFAULT_COUCHDB_VERSION, type CouchdbVersion } from '../mango/version.js';
import { assumedCosts, SampledCosts, type CostModel } from './cost-model.js';
import { fillShape } from './fill-shape.js';

/** A query of a workload. */
export interface WorkloadQuery {
    /** The query, or its shape. */
    readonly query: JsonObject;
    /** How often it runs, against the others. @default 1 */
    readonly weight?: number;
    /** Where it comes from, such as `contract.ts:12`. */
    readonly name?: string;
    /** The private data collection it asks, '' for the public state; any when left out. */
    readonly collection?: string;
}

/** What the advisor looks at. */
export interface AdviseInput {
    readonly queries: readonly WorkloadQuery[];
    /**
     * The private data collection advised on: each is a database of its own, and queries of another are
     * left out. @default '' the public state
     */
    readonly collection?: string;
    /** The indexes there are in that database. @default none */
    readonly indexes?: readonly CouchdbIndex[];
    /** Some documents; without them shares are assumed. */
    readonly sample?: readonly JsonObject[];
    /** Number of documents in the database. @default the sample's, else 10000 */
    readonly documents?: number;
    /** Writes for the same span the weights count. @default the sum of the weights */
    readonly writes?: number;
    /** What keeping one index costs a write, in keys read by queries. @default 2 */
    readonly writeCost?: number;
    /** @default '3.4' */
    readonly version?: CouchdbVersion;
}

/** What a query is predicted to read. */
export interface Prediction {
    /** The index; `_all_docs` for none; undefined when CouchDB refuses the query. */
    readonly index: string | undefined;
    readonly keysExamined: number;
    readonly docsExamined: number;
    readonly results: number;
}

/** A query before and after the advice. */
export interface AdvisedQuery {
    readonly name: string;
    readonly shape: string;
    readonly weight: number;
    readonly before: Prediction;
    readonly after: Prediction;
}

/** An index the advisor would drop. */
export interface DroppedIndex {
    readonly index: CouchdbIndex;
    /** `unused`: no query uses it. `redundant`: those that do lose less than its upkeep costs. */
    readonly why: 'unused' | 'redundant';
}

/** What the advisor found. */
export interface Advice {
    /** Indexes to define. */
    readonly create: readonly IndexDefinition[];
    /** Indexes to keep. */
    readonly keep: readonly CouchdbIndex[];
    /** Indexes whose upkeep costs more than it gains. */
    readonly drop: readonly DroppedIndex[];
    readonly queries: readonly AdvisedQuery[];
    /** Index entries written for the workload's writes. */
    readonly writeCost: { readonly before: number; readonly after: number };
    /** Keys read for the workload's queries. */
    readonly readCost: { readonly before: number; readonly after: number };
}

/** Most queries one advice takes; record shapes rather than single queries beyond it. */
export const MAX_WORKLOAD_QUERIES = 10_000;
/** Most documents looked at; of a larger sample, evenly spaced ones are taken. */
export const MAX_SAMPLE_DOCUMENTS = 1000;

// Where in a field's values the unknown ones of a query are taken from; costs are averaged.
const PLACES = [0.25, 0.5, 0.75];

// A query CouchDB refuses is worse than reading everything.
const REFUSAL_FACTOR = 10;

interface Option {
    readonly index: CouchdbIndex;
    readonly scored: Scored;
    readonly hinted: boolean;
    readonly keys: number;
}

interface Subject {
    readonly name: string;
    readonly shape: string;
    readonly weight: number;
    readonly results: number;
    readonly requests: readonly FindRequest[];
    /** Usable indexes, Mango's choice first. */
    readonly options: Option[];
}

function spread<T>(items: readonly T[], most: number): readonly T[] {
    if (items.length <= most) return items;
    return Array.from(
        { length: most },
        (_, at) => items[Math.floor((at * items.length) / most)] as T,
    );
}

function toRequests(query: JsonObject, model: CostModel, version: CouchdbVersion): FindRequest[] {
    const dropped = new Set(['limit', 'skip', 'bookmark']);
    const kept = Object.fromEntries(Object.entries(query).filter(([name]) => !dropped.has(name)));
    const texts = new Map<string, JsonObject>();
    for (const place of PLACES) {
        const filled = fillShape(kept, (field) => model.values(field), place);
        texts.set(asText(filled), filled);
    }
    return [...texts.values()].map((filled) => parseFindRequest(filled, version));
}

function average(values: readonly number[]): number {
    return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

function optionOf(
    index: CouchdbIndex,
    requests: readonly FindRequest[],
    model: CostModel,
): Option | undefined {
    const [first] = requests;
    if (first === undefined) return undefined;
    try {
        const scored = scoreIndex(index, first);
        if (scored === undefined) return undefined;
        const keys = requests.map((request) => {
            const one = scoreIndex(index, request);
            return one === undefined
                ? model.documents
                : model.keysIn(index, rangesOf(one, request));
        });
        return { index, scored, hinted: isHinted(index, first), keys: average(keys) };
    } catch (error) {
        if (error instanceof CouchdbError) return undefined;
        throw error;
    }
}

function compareOptions(a: Option, b: Option): number {
    const rank = ({ hinted, index }: Option): number =>
        hinted ? 0 : index.name === ALL_DOCS ? 2 : 1;
    return rank(a) - rank(b) || prefer(a.scored, b.scored);
}

class Advisor {
    readonly #input: AdviseInput;
    readonly #version: CouchdbVersion;
    readonly model: CostModel;
    readonly subjects: Subject[] = [];
    readonly proposed = new Map<CouchdbIndex, IndexDefinition>();

    constructor(input: AdviseInput) {
        this.#input = input;
        this.#version = input.version ?? DEFAULT_COUCHDB_VERSION;
        const sample = spread(input.sample ?? [], MAX_SAMPLE_DOCUMENTS);
        const documents = input.documents ?? input.sample?.length ?? 10_000;
        this.model =
            sample.length === 0 ? assumedCosts(documents) : new SampledCosts(sample, documents);
        const { collection = '' } = input;
        for (const [at, one] of input.queries.entries()) {
            if ((one.collection ?? collection) === collection) this.#add(one, at);
        }
        this.#propose();
        this.#score();
    }

    #add({ query, weight = 1, name }: WorkloadQuery, at: number): void {
        if (!Number.isFinite(weight) || weight < 0) {
            const message = `Query ${String(at)} has the weight ${String(weight)}; give 0 or more.`;
            throw new CouchdbError('COUCHDB_WORKLOAD_INVALID', message);
        }
        const { requests, results } = this.#read(query);
        const shape = queryShape(query);
        this.subjects.push({ name: name ?? shape, shape, weight, results, requests, options: [] });
    }

    /** The requests a query may stand for; none when CouchDB refuses it and no index helps. */
    #read(query: JsonObject): Pick<Subject, 'requests' | 'results'> {
        try {
            const requests = toRequests(query, this.model, this.#version);
            const results = average(requests.map((request) => this.model.results(request)));
            return { requests, results };
        } catch (error) {
            if (!(error instanceof CouchdbError)) throw error;
            return { requests: [], results: 0 };
        }
    }

    #propose(): void {
        const known = new Set(this.existing.map((index) => columns(index).join('\n')));
        const names = new Set(this.existing.map(({ name }) => name));
        for (const { requests } of this.subjects) {
            const [request] = requests;
            if (request === undefined || request.useIndex.length > 0) continue;
            const fields = listColumns(
                proposeColumns(request, (field) => this.model.distinct(field)),
            );
            if (fields.length === 0 || fields.length > 16 || known.has(fields.join('\n'))) continue;
            known.add(fields.join('\n'));
            let name = indexNameFor(fields);
            for (let at = 2; names.has(name); at++) name = `${indexNameFor(fields)}${String(at)}`;
            const definition = this.#define(name, fields);
            if (definition === undefined) continue;
            names.add(name);
            this.proposed.set(toCouchdbIndex(definition), definition);
        }
    }

    /** The definition over some columns; undefined when no index can have them. */
    #define(name: string, fields: readonly string[]): IndexDefinition | undefined {
        const { collection = '' } = this.#input;
        try {
            return defineIndex({ name, fields, ...(collection !== '' && { collection }) });
        } catch (error) {
            if (error instanceof CouchdbError && error.code === 'COUCHDB_INDEX_INVALID')
                return undefined;
            throw error;
        }
    }

    get existing(): readonly CouchdbIndex[] {
        return this.#input.indexes ?? [];
    }

    #score(): void {
        const all = [...this.existing, ...this.proposed.keys(), ALL_DOCS_INDEX];
        for (const { requests, options } of this.subjects) {
            for (const index of all) {
                const option = optionOf(index, requests, this.model);
                if (option !== undefined) options.push(option);
            }
            options.sort(compareOptions);
        }
    }

    get #writes(): number {
        const weights = this.subjects.reduce((sum, { weight }) => sum + weight, 0);
        return this.#input.writes ?? weights;
    }

    /** Entries written for one index. */
    entries(index: CouchdbIndex): number {
        return this.#writes * this.model.share(index);
    }

    /** What keeping one index costs, in keys. */
    upkeep(index: CouchdbIndex): number {
        return this.entries(index) * (this.#input.writeCost ?? 2);
    }

    /** What Mango chooses for a query among the indexes of a set. */
    choice(subject: Subject, set: ReadonlySet<CouchdbIndex>): Option | undefined {
        return subject.options.find(({ index }) => index.name === ALL_DOCS || set.has(index));
    }

    /** What a query costs with a set of indexes, in keys. */
    cost(subject: Subject, set: ReadonlySet<CouchdbIndex>): number {
        const keys = this.choice(subject, set)?.keys ?? this.model.documents * REFUSAL_FACTOR;
        return subject.weight * keys;
    }

    predict(subject: Subject, set: ReadonlySet<CouchdbIndex>): Prediction {
        const option = this.choice(subject, set);
        const keys = Math.round(option?.keys ?? 0);
        const results = Math.round(subject.results);
        return { index: option?.index.name, keysExamined: keys, docsExamined: keys, results };
    }

    readCost(set: ReadonlySet<CouchdbIndex>): number {
        return this.subjects.reduce((sum, subject) => sum + this.cost(subject, set), 0);
    }

    writeCost(set: ReadonlySet<CouchdbIndex>): number {
        return [...set].reduce((sum, index) => sum + this.entries(index), 0);
    }

    /** What dropping one index would add to the cost; below zero when it is better gone. */
    lossOf(index: CouchdbIndex, set: Set<CouchdbIndex>, users: readonly Subject[]): number {
        const before = users.reduce((sum, subject) => sum + this.cost(subject, set), 0);
        set.delete(index);
        const after = users.reduce((sum, subject) => sum + this.cost(subject, set), 0);
        set.add(index);
        return after - before - this.upkeep(index);
    }

    /** Drops one index after another, each time the one that is missed least, while any costs more than it gains. */
    #thinOut(start: readonly CouchdbIndex[]): Set<CouchdbIndex> {
        const set = new Set(start);
        for (;;) {
            const users = new Map<CouchdbIndex, Subject[]>([...set].map((index) => [index, []]));
            for (const subject of this.subjects) {
                const index = this.choice(subject, set)?.index;
                if (index !== undefined) users.get(index)?.push(subject);
            }
            let worst: CouchdbIndex | undefined;
            let least = 0;
            // A copy: lossOf takes the index out of the set and puts it back.
            for (const index of [...set]) {
                const loss = this.lossOf(index, set, users.get(index) ?? []);
                // One that nothing uses goes even when its upkeep is nothing.
                const isUnused = users.get(index)?.length === 0;
                if (loss < least || (loss === least && worst === undefined && isUnused)) {
                    worst = index;
                    least = loss;
                }
            }
            if (worst === undefined) return set;
            set.delete(worst);
        }
    }

    /**
     * The cheapest set found: thinned out from all that is there and proposed, or from what is there
     * alone, so that the advice is never dearer than doing nothing.
     */
    minimalSet(): Set<CouchdbIndex> {
        const all = this.#thinOut([...this.existing, ...this.proposed.keys()]);
        const there = this.#thinOut(this.existing);
        return totalCost(this, there) < totalCost(this, all) ? there : all;
    }
}

/** What a set of indexes costs in all, in keys. */
function totalCost(advisor: Advisor, set: ReadonlySet<CouchdbIndex>): number {
    const upkeep = [...set].reduce((sum, index) => sum + advisor.upkeep(index), 0);
    return advisor.readCost(set) + upkeep;
}

function checkInput(input: AdviseInput): void {
    if (input.queries.length > MAX_WORKLOAD_QUERIES) {
        const got = String(input.queries.length);
        throw new CouchdbError(
            'COUCHDB_WORKLOAD_INVALID',
            `The workload has ${got} queries, more than ${String(MAX_WORKLOAD_QUERIES)}. Group them by shape.`,
        );
    }
    for (const [name, value] of Object.entries({
        documents: input.documents,
        writes: input.writes,
        writeCost: input.writeCost,
    })) {
        if (value === undefined || (Number.isFinite(value) && value >= 0)) continue;
        throw new CouchdbError(
            'COUCHDB_WORKLOAD_INVALID',
            `${name} is ${String(value)}; give 0 or more.`,
        );
    }
}

/**
 * Proposes the indexes a workload needs: columns compared with `$eq`, the most selective first, then
 * those sorted by, then one range; merged over the workload to a minimal set by what each saves the
 * queries and costs the writes. Every query is planned by Mango's rules, before and after.
 *
 * @throws CouchdbError `COUCHDB_WORKLOAD_INVALID`
 * @example
 * ```ts
 * const advice = adviseIndexes({ queries: [{ query: { selector: { owner: '?' } } }], sample });
 * for (const index of advice.create) console.log(index.name, index.fields);
 * ```
 */
export function adviseIndexes(input: AdviseInput): Advice {
    checkInput(input);
    const advisor = new Advisor(input);
    const before = new Set(advisor.existing);
    const after = advisor.minimalSet();
    const used = new Set(advisor.subjects.map((subject) => advisor.choice(subject, before)?.index));
    return {
        create: [...advisor.proposed].filter(([index]) => after.has(index)).map(([, one]) => one),
        keep: advisor.existing.filter((index) => after.has(index)),
        drop: advisor.existing
            .filter((index) => !after.has(index))
            .map((index) => ({ index, why: used.has(index) ? 'redundant' : 'unused' })),
        queries: advisor.subjects.map((subject) => ({
            name: subject.name,
            shape: subject.shape,
            weight: subject.weight,
            before: advisor.predict(subject, before),
            after: advisor.predict(subject, after),
        })),
        writeCost: { before: advisor.writeCost(before), after: advisor.writeCost(after) },
        readCost: { before: advisor.readCost(before), after: advisor.readCost(after) },
    };
}
