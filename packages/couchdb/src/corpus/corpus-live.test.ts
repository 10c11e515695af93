import { expect } from 'chai';
import {
    compareExplanations,
    CouchdbClient,
    CouchdbError,
    explainQuery,
    StateDatabase,
    versionLine,
    type CouchdbVersion,
    type JsonObject,
} from '../index.js';
import {
    caseIndexes,
    corpusDocuments,
    indexRequests,
    PLAN_CASES,
    type PlanCase,
} from './plan-case.js';

const url = process.env['COUCHDB_URL'];

async function outcome<T>(action: () => T | Promise<T>): Promise<T | string> {
    try {
        return await action();
    } catch (error) {
        if (error instanceof CouchdbError && error.error !== undefined) return error.error;
        throw error;
    }
}

async function compareCase(
    one: PlanCase,
    couchdb: CouchdbClient,
    embedded: StateDatabase,
    version: CouchdbVersion,
): Promise<string[]> {
    const predicted = await outcome(() => explainQuery(caseIndexes(one), one.query, { version }));
    const live = await outcome(() => couchdb.explain(one.query));
    if (typeof live === 'string' || typeof predicted === 'string') {
        return live === predicted
            ? []
            : [`explain: ${JSON.stringify(live)} predicted ${JSON.stringify(predicted)}`];
    }
    const differences = compareExplanations(live, predicted);
    const request: JsonObject = { ...one.query, limit: 1000 };
    const found = await outcome(() => couchdb.find(request));
    const expected = await outcome(() => embedded.find(request));
    if (typeof found === 'string' || typeof expected === 'string') {
        return found === expected ? differences : [...differences, 'find refused'];
    }
    const ids = (docs: readonly JsonObject[]): string => JSON.stringify(docs.map(({ _id }) => _id));
    if (ids(found.docs) !== ids(expected.docs)) differences.push('rows');
    if ((found.warning === undefined) !== (expected.warning === undefined))
        differences.push('warning');
    return differences;
}

(url === undefined ? describe.skip : describe)('a real CouchDB, at COUCHDB_URL,', () => {
    it('does with the whole corpus what the planner and the engine do', async function () {
        this.timeout(600_000);
        const groups = new Map<string, PlanCase[]>();
        for (const one of PLAN_CASES) {
            const key = JSON.stringify(one.indexes);
            groups.set(key, [...(groups.get(key) ?? []), one]);
        }
        const disagreements: string[] = [];
        let at = 0;
        for (const cases of groups.values()) {
            const [first] = cases;
            const couchdb = new CouchdbClient({
                url: url ?? '',
                database: `goodput-corpus-${String(process.pid)}-${String(at++)}`,
            });
            const version = versionLine(await couchdb.version());
            const embedded = new StateDatabase({ version });
            await couchdb.createDatabase();
            try {
                // The document's own ~version is what a peer adds; the rest is the value.
                await couchdb.putDocuments(corpusDocuments());
                for (const { _id, '~version': stamp, ...value } of corpusDocuments()) {
                    embedded.put(_id as string, JSON.stringify(value), stamp as string);
                }
                for (const request of indexRequests(first!)) {
                    await couchdb.createIndex(request);
                    embedded.createIndex(request);
                }
                for (const one of cases) {
                    if (one.versions !== undefined && !one.versions.includes(version)) continue;
                    const differences = await compareCase(one, couchdb, embedded, version);
                    if (differences.length > 0)
                        disagreements.push(`${one.id} ${one.rule}: ${differences.join(', ')}`);
                }
            } finally {
                await couchdb.deleteDatabase();
            }
        }
        expect(disagreements).to.deep.equal([]);
    });
});
