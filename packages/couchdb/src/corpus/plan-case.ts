import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseIndexRequest } from '../mango/create-index.js';
import type { Json, JsonObject } from '../json.js';
import type { CouchdbIndex } from '../mango/index-definition.js';
import type { CouchdbVersion } from '../mango/version.js';

/** A query over some indexes, and what Mango does with it by the rule named. */
export interface PlanCase {
    readonly id: string;
    readonly rule: string;
    readonly indexes: Readonly<Record<string, Json>>;
    readonly query: JsonObject;
    /** Release lines it holds for; all when left out. */
    readonly versions?: readonly CouchdbVersion[];
    /** Name of the chosen index. */
    readonly index?: string;
    /** CouchDB's error instead. */
    readonly error?: string;
    readonly start?: Json;
    readonly end?: Json;
    /** Whether nothing can match, so that nothing is read. */
    readonly empty?: boolean;
    readonly usable?: Readonly<Record<string, boolean>>;
    readonly reasons?: Readonly<Record<string, string>>;
    readonly covering?: boolean;
    /** Whether a warning is known before any row is read; null when that is not the point. */
    readonly warning?: boolean | null;
    /** Whether Mango itself loses rows here. */
    readonly loses?: boolean;
}

/** Every case of the corpus. */
export const PLAN_CASES = JSON.parse(
    readFileSync(join(__dirname, '..', '..', 'fixtures', 'plan-corpus.json'), 'utf8'),
) as readonly PlanCase[];

/** Bodies of `POST /db/_index` for a case's indexes. */
export function indexRequests({ indexes }: Pick<PlanCase, 'indexes'>): JsonObject[] {
    return Object.entries(indexes).map(([name, definition]) => {
        if (Array.isArray(definition)) return { index: { fields: definition }, ddoc: name, name };
        const { fields, filter } = definition as JsonObject;
        const index = { fields: fields ?? [], partial_filter_selector: filter ?? {} };
        return { index, ddoc: name, name };
    });
}

/** The indexes of a case as the planner knows them. */
export function caseIndexes(one: PlanCase): CouchdbIndex[] {
    return indexRequests(one).map((request) => parseIndexRequest(request, '3.5'));
}

const VALUES: readonly Json[] = [
    null,
    false,
    true,
    -1,
    0,
    1,
    2,
    2.5,
    3,
    5,
    '',
    'ab',
    'abc',
    'B',
    'x',
    [1],
    [1, 2],
    { b: 1 },
    { x: 1 },
];

/** Documents that make the rows of the cases tell one plan from another. */
export function corpusDocuments(): JsonObject[] {
    return Array.from({ length: 120 }, (_, at) => {
        const document: Record<string, Json> = {
            _id: `d${String(at)}`,
            '~version': `v${String(at)}`,
        };
        ['a', 'b', 'c', 'd', 'e', 'z'].forEach((field, place) => {
            const pick = (at * (2 * place + 3) + place) % (VALUES.length + 6);
            const value = VALUES[pick];
            if (value !== undefined) document[field] = value;
            else if (pick < VALUES.length + 4) document[field] = 1;
        });
        // Some lack a field that others are found by.
        if (document['a'] === 1) delete document['z'];
        if (at % 3 === 0) document['open'] = at % 2 === 0;
        return document;
    });
}
