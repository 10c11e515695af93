import { FiguresReport, measureNs, parseFiguresArguments } from '@goodput/figures';
import {
    adviseIndexes,
    ALL_DOCS,
    compileSelector,
    normalizeSelector,
    parseFindRequest,
    planQuery,
    StateDatabase,
} from '../index.js';
import { benchDocuments, benchIndexes, benchQueries } from './workload.js';

const report = new FiguresReport(parseFiguresArguments(process.argv.slice(2)));
const { quick } = report.options;
const sampling = quick ? { samples: 5, sampleMs: 5 } : { samples: 30, sampleMs: 20 };

function measurePlan(): void {
    const indexes = benchIndexes(20);
    const queries = benchQueries(100);
    const plans = queries.map((query) => planQuery(indexes, parseFindRequest(query)));
    const isMixed = new Set(plans.map(({ index }) => index.name)).size > 2;
    let chosen = 0;
    const [ours] = measureNs(
        {
            ours: (iterations) => {
                for (let at = 0; at < iterations; at++) {
                    const query = queries[at % queries.length] ?? {};
                    if (planQuery(indexes, parseFindRequest(query)).index.name !== ALL_DOCS)
                        chosen++;
                }
                return chosen;
            },
        },
        sampling,
    );
    report.add({
        id: 'couchdb.plan',
        unit: 'us',
        better: 'lower',
        ours: ours!.values.map((ns) => ns / 1000),
        ...(isMixed ? {} : { invalid: 'the queries do not tell the indexes apart' }),
    });
}

function measureFind(rows: number): void {
    const documents = benchDocuments(rows);
    const [plain, indexed] = [new StateDatabase(), new StateDatabase()];
    indexed.createIndex({ index: { fields: ['owner', 'size'] }, ddoc: 'd', name: 'n' });
    const matches = compileSelector(normalizeSelector({ owner: 'owner7', size: { $gte: 100 } }));
    documents.forEach((document, at) => {
        const value = JSON.stringify(document);
        plain.put(`k${String(at)}`, value, '1:0');
        indexed.put(`k${String(at)}`, value, '1:0');
    });
    const expected = documents.filter(matches).length;
    const query = JSON.stringify({ selector: { owner: 'owner7', size: { $gte: 100 } } });
    const run = (database: StateDatabase) => (iterations: number) => {
        let found = 0;
        for (let at = 0; at < iterations; at++) found = [...database.query(query)].length;
        return found;
    };
    const isRight = run(plain)(1) === expected && run(indexed)(1) === expected;
    const most = rows > 10_000 ? { samples: quick ? 3 : 10, sampleMs: 5 } : sampling;
    const [ours, scan] = measureNs({ ours: run(indexed), scan: run(plain) }, most);
    report.add({
        id: `couchdb.find-${rows >= 1000 ? `${String(rows / 1000)}k` : String(rows)}`,
        unit: 'us',
        better: 'lower',
        ours: ours!.values.map((ns) => ns / 1000),
        baseline: { name: 'no index', values: scan!.values.map((ns) => ns / 1000) },
        ...(isRight ? {} : { invalid: 'rows differ from a filter over all documents' }),
        extra: { rows: expected },
    });
}

function measureAdvice(): void {
    const input = {
        queries: benchQueries(500).map((query) => ({ query })),
        indexes: benchIndexes(50),
        sample: benchDocuments(1000),
        documents: 100_000,
    };
    const readings: boolean[] = [];
    const [ours] = measureNs(
        {
            ours: (iterations) => {
                let created = 0;
                for (let at = 0; at < iterations; at++) {
                    const { readCost, create } = adviseIndexes(input);
                    readings.push(readCost.after < readCost.before);
                    created = create.length;
                }
                return created;
            },
        },
        { samples: quick ? 2 : 7, sampleMs: 1 },
    );
    report.add({
        id: 'couchdb.advise-500x50',
        unit: 'ms',
        better: 'lower',
        ours: ours!.values.map((ns) => ns / 1e6),
        ...(readings.every(Boolean) ? {} : { invalid: 'the advice reads no less than before' }),
    });
}

measurePlan();
measureFind(1000);
measureFind(100_000);
measureAdvice();
process.exitCode = report.finish();
