import { expect } from 'chai';
import {
    compileSelector,
    CouchdbError,
    explainQuery,
    normalizeSelector,
    parseFindRequest,
    planQuery,
    StateDatabase,
    type CouchdbVersion,
    type Explanation,
    type Json,
    type JsonObject,
} from '../index.js';
import {
    caseIndexes,
    corpusDocuments,
    indexRequests,
    PLAN_CASES,
    type PlanCase,
} from './plan-case.js';

const VERSIONS: readonly CouchdbVersion[] = ['3.3', '3.4', '3.5'];

function refusal(action: () => unknown): string | undefined {
    try {
        action();
    } catch (error) {
        if (error instanceof CouchdbError && error.error !== undefined) return error.error;
        throw error;
    }
    return undefined;
}

function checkCandidates(one: PlanCase, answer: Explanation): void {
    for (const [name, usable] of Object.entries(one.usable ?? {})) {
        const candidate = answer.index_candidates?.find(({ index }) => index['name'] === name);
        const found =
            candidate === undefined ? answer.index?.['name'] === name : candidate.analysis.usable;
        expect(found, `usable ${name}`).to.equal(usable);
    }
    for (const [name, reason] of Object.entries(one.reasons ?? {})) {
        const candidate = answer.index_candidates?.find(({ index }) => index['name'] === name);
        expect(
            candidate?.analysis.reasons.map((given) => given.name),
            `reasons of ${name}`,
        ).to.deep.equal([reason]);
    }
}

function checkKeys(one: PlanCase, answer: Explanation): void {
    const { start_key: start, end_key: end } = answer.mrargs ?? {};
    if (one.empty === true) expect([start, end]).to.deep.equal([null, null]);
    if ('start' in one) expect(start).to.deep.equal(one.start);
    if ('end' in one) expect(end).to.deep.equal(one.end);
}

function checkCase(one: PlanCase, version: CouchdbVersion): void {
    const indexes = caseIndexes(one);
    const explain = (): Explanation => explainQuery(indexes, one.query, { version });
    if (one.error !== undefined && one.error !== 'no_usable_index') {
        expect(refusal(explain)).to.equal(one.error);
        return;
    }
    const plan = () => planQuery(indexes, parseFindRequest(one.query, version));
    expect(refusal(plan)).to.equal(one.error);
    if (version === '3.3' && one.error !== undefined) return;
    const answer = explain();
    expect(answer.index?.['name']).to.equal(one.index);
    if (version !== '3.3') checkCandidates(one, answer);
    if (one.error !== undefined) return;
    checkKeys(one, answer);
    if (one.covering !== undefined) expect(answer.covering).to.equal(one.covering);
    if (typeof one.warning === 'boolean') expect(plan().warnings.length > 0).to.equal(one.warning);
}

function filled(one: PlanCase, version: CouchdbVersion): StateDatabase {
    const database = new StateDatabase({ version });
    for (const request of indexRequests(one)) database.createIndex(request);
    for (const { _id, '~version': stamp, ...value } of corpusDocuments()) {
        database.put(_id as string, JSON.stringify(value), stamp as string);
    }
    return database;
}

/** Ids of the documents that match, found without any index. */
function naiveIds(one: PlanCase): string[] {
    const matches = compileSelector(normalizeSelector(one.query['selector'] ?? {}, '3.5'));
    const sort = (one.query['sort'] ?? []) as Json[];
    const sorted = sort.map((field) =>
        typeof field === 'string' ? field : (Object.keys(field as JsonObject)[0] ?? ''),
    );
    const partial = one.index === 'p' ? [{ open: true }] : [];
    return corpusDocuments()
        .filter((document) => matches(document))
        .filter((document) => sorted.every((field) => Object.hasOwn(document, field)))
        .filter((document) => partial.every(({ open }) => document['open'] === open))
        .map(({ _id }) => _id as string)
        .sort();
}

describe('the corpus of plans', () => {
    it('has at least 300 cases, each with its own id and rule', () => {
        expect(PLAN_CASES.length).to.be.at.least(300);
        expect(new Set(PLAN_CASES.map(({ id }) => id)).size).to.equal(PLAN_CASES.length);
        expect(PLAN_CASES.every(({ rule }) => rule.length > 3)).to.equal(true);
    });

    for (const version of VERSIONS) {
        it(`is planned as the rules of CouchDB ${version} say`, () => {
            for (const one of PLAN_CASES) {
                if (one.versions !== undefined && !one.versions.includes(version)) continue;
                try {
                    checkCase(one, version);
                } catch (error) {
                    const what = `${one.id} ${one.rule}: ${JSON.stringify(one.indexes)} ${JSON.stringify(one.query)}`;
                    throw new Error(
                        `${what}\n${error instanceof Error ? error.message : String(error)}`,
                        { cause: error },
                    );
                }
            }
        });
    }

    it('gives the rows a filter over all documents gives', () => {
        for (const one of PLAN_CASES) {
            if (one.error !== undefined || one.loses === true) continue;
            const [version = '3.4'] = one.versions ?? [];
            const database = filled(one, version);
            const { docs } = database.find({ ...one.query, limit: 1000, fields: ['_id'] });
            const expected = one.empty === true ? [] : naiveIds(one);
            expect(
                docs.map(({ _id }) => _id as string).sort(),
                `${one.id} ${one.rule}`,
            ).to.deep.equal(expected);
        }
    });

    it('tells apart the case in which Mango itself loses rows', () => {
        const lossy = PLAN_CASES.filter(({ loses }) => loses === true);
        expect(lossy.length).to.equal(1);
        for (const one of lossy) {
            const rows = filled(one, '3.4').find({ ...one.query, limit: 1000 }).docs.length;
            expect(rows).to.be.below(naiveIds(one).length);
        }
    });
});
