import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import {
    defineIndex,
    formatFinding,
    indexUse,
    lintChaincode,
    lintIndexes,
    lintQueries,
    LINT_RULES,
    parseIndexRequest,
    queryShape,
    renderIndexFiles,
    writeIndexFiles,
    type CouchdbIndex,
    type CouchdbVersion,
    type Json,
    type JsonObject,
    type LintIndexesInput,
    type QueryToCheck,
    type RuleId,
} from '../index.js';

const FOLDER = 'META-INF/statedb/couchdb/indexes';

function files(
    ...definitions: readonly (readonly [name: string, definition: unknown])[]
): Map<string, string> {
    return new Map(
        definitions.map(([name, definition]) => [
            name.includes('/') ? name : `${FOLDER}/${name}.json`,
            typeof definition === 'string' ? definition : JSON.stringify(definition),
        ]),
    );
}

function file(name: string, fields: Json, rest: JsonObject = {}): [string, unknown] {
    return [name, { index: { fields }, ddoc: `${name}Doc`, name, type: 'json', ...rest }];
}

function index(name: string, fields: Json, filter?: Json): CouchdbIndex {
    const partial = filter === undefined ? {} : { partial_filter_selector: filter };
    return parseIndexRequest({ index: { fields, ...partial }, ddoc: name, name });
}

const document = (at: number): JsonObject => ({
    docType: 'asset',
    owner: `o${String(at)}`,
    list: [at],
});
const sample = Array.from({ length: 60 }, (_, at) => document(at));

const DEFINITION_CASES: readonly {
    readonly rule: RuleId;
    readonly bad: LintIndexesInput;
    readonly good: LintIndexesInput;
}[] = [
    { rule: 'I01', bad: { files: files(['a', '{']) }, good: { files: files(file('a', ['a'])) } },
    {
        rule: 'I01',
        bad: { files: files(['META-INF/x.json', '{}']) },
        good: { files: files(file('a', ['a'])) },
    },
    {
        rule: 'I01',
        bad: { files: files(['a', { index: { fields: ['a'], extra: 1 } }]) },
        good: { files: files() },
    },
    {
        rule: 'I01',
        bad: { files: files(['a', { index: {}, ddoc: 'a', name: 'a' }]) },
        good: { files: files() },
    },
    {
        rule: 'I02',
        bad: { files: files(file('a', [{ a: 'asc' }, { b: 'desc' }])) },
        good: { files: files(file('a', [{ a: 'desc' }, { b: 'desc' }])) },
    },
    {
        rule: 'I03',
        bad: { files: files(file('a', [{ a: 'ASC' }])) },
        good: { files: files(file('a', [{ a: 'asc' }])) },
    },
    {
        rule: 'I03',
        bad: { files: files(file('a', [5])) },
        good: { files: files(file('a', ['a'])) },
    },
    {
        rule: 'I03',
        bad: { files: files(file('a', [{ a: 'asc', b: 'asc' }])) },
        good: { files: files() },
    },
    {
        rule: 'I03',
        bad: { files: files(file('a', ['a', 'a'])) },
        good: { files: files(file('a', ['a', 'b'])) },
    },
    {
        rule: 'I03',
        bad: { files: files(file('a', ['a..b'])) },
        good: { files: files(file('a', ['a.b'])) },
    },
    { rule: 'I03', bad: { files: files(file('a', [])) }, good: { files: files() } },
    {
        rule: 'I04',
        bad: { files: files(['a', { index: { fields: ['a'] }, name: 'a' }]) },
        good: { files: files(file('a', ['a'])) },
    },
    {
        rule: 'I05',
        bad: {
            files: files(file('a', ['a']), [
                'b',
                { index: { fields: ['b'] }, ddoc: 'aDoc', name: 'a' },
            ]),
        },
        good: { files: files(file('a', ['a']), file('b', ['b'])) },
    },
    {
        rule: 'I06',
        bad: { files: files(file('a', ['a']), file('b', ['b'], { ddoc: 'aDoc' })) },
        good: { files: files(file('a', ['a']), file('b', ['b'])) },
    },
    {
        rule: 'I07',
        bad: {
            files: files(file('a', ['a']), file('ab', ['a', 'b'])),
            queries: [{ query: { selector: { a: 1, b: { $ne: 2 } } } }],
        },
        good: {
            files: files(file('a', ['a']), file('ab', ['a', 'b'])),
            queries: [{ query: { selector: { a: 1 } } }, { query: { selector: { a: 1, b: 2 } } }],
        },
    },
    {
        rule: 'I08',
        bad: { files: files(file('a', ['a'])), queries: [{ query: { selector: { b: 1 } } }] },
        good: { files: files(file('a', ['a'])), queries: [{ query: { selector: { a: 1 } } }] },
    },
    {
        rule: 'I09',
        bad: { files: files(file('a', ['docType'])) },
        good: { files: files(file('a', ['docType', 'owner'])) },
    },
    {
        rule: 'I09',
        bad: { files: files(file('a', ['docType'])), sample },
        good: { files: files(file('a', ['owner'])), sample },
    },
    {
        rule: 'I10',
        bad: {
            files: files(file('META-INF/statedb/couchdb/collections/c/indexes/a.json', ['a'])),
            collections: ['d'],
        },
        good: {
            files: files(file('META-INF/statedb/couchdb/collections/c/indexes/a.json', ['a'])),
            collections: ['c'],
        },
    },
    {
        rule: 'I11',
        bad: { files: files(file('b', ['a'])), released: files(file('a', ['a'])) },
        good: {
            files: files(file('b', ['a'])),
            released: files(file('a', ['a'])),
            retired: ['aDoc/a'],
        },
    },
    {
        rule: 'I11',
        bad: { files: files(file('a', ['a', 'b'])), released: files(file('a', ['a'])) },
        good: { files: files(file('a', ['a'])), released: files(file('a', ['a'])) },
    },
    {
        rule: 'I12',
        bad: { files: files(file('a', ['a'])), servicePackage: ['connection.json'] },
        good: {
            files: files(file('a', ['a'])),
            servicePackage: ['./connection.json', `./${FOLDER}/a.json`],
        },
    },
    {
        rule: 'I13',
        bad: { files: files(file('a', ['list'])), sample },
        good: { files: files(file('a', ['owner'])), sample },
    },
    {
        rule: 'I13',
        bad: { files: files(file('a', ['o'])), schema: { properties: { o: { type: 'object' } } } },
        good: {
            files: files(file('a', ['o.p'])),
            schema: {
                properties: { o: { type: 'object', properties: { p: { type: 'string' } } } },
            },
        },
    },
];

interface QueryCase {
    readonly rule: RuleId;
    readonly bad: JsonObject;
    readonly good: JsonObject;
    readonly about?: Partial<QueryToCheck>;
    readonly aboutGood?: Partial<QueryToCheck>;
    readonly version?: CouchdbVersion;
    readonly indexes?: readonly CouchdbIndex[];
}

const INDEXES = [
    index('ab', ['a', 'b']),
    index('part', ['p'], { open: true }),
    index('xyz', ['x', 'y', 'z']),
];
const AB = { a: 1, b: 2 };

const QUERY_CASES: readonly QueryCase[] = [
    { rule: 'Q01', bad: { selector: { q: 1 } }, good: { selector: AB } },
    { rule: 'Q02', bad: { selector: { a: { $in: [1] }, b: { $ne: 2 } } }, good: { selector: AB } },
    {
        rule: 'Q02',
        bad: { selector: { a: { $exists: true }, b: 1 } },
        good: { selector: AB },
        version: '3.3',
    },
    {
        rule: 'Q03',
        bad: { selector: { a: 1 } },
        good: { selector: { a: 1, b: { $exists: true } } },
    },
    { rule: 'Q04', bad: { selector: AB, sort: ['c'] }, good: { selector: AB, sort: ['a', 'b'] } },
    {
        rule: 'Q05',
        bad: { selector: AB, sort: [{ a: 'asc' }, { b: 'desc' }] },
        good: { selector: AB, sort: [{ a: 'desc' }] },
    },
    {
        rule: 'Q06',
        bad: { selector: { a: { $gt: 1 }, b: 2 } },
        good: { selector: { a: 1, b: { $gt: 2 } } },
    },
    {
        rule: 'Q07',
        bad: { selector: { x: 1, y: { $ne: 1 }, z: 1 } },
        good: { selector: { x: 1, y: 1, z: 1 } },
    },
    {
        rule: 'Q08',
        bad: { selector: AB, use_index: 'none' },
        good: { selector: AB, use_index: ['ab', 'ab'] },
    },
    {
        rule: 'Q08',
        bad: { selector: AB, use_index: 'xyz' },
        good: { selector: AB, use_index: '_design/ab' },
    },
    {
        rule: 'Q09',
        bad: { selector: { p: 1 }, use_index: 'part' },
        good: { selector: { p: 1, open: true }, use_index: 'part' },
    },
    { rule: 'Q10', bad: { selector: AB, limit: 5 }, good: { selector: AB } },
    { rule: 'Q10', bad: { selector: AB, skip: 5 }, good: { selector: AB } },
    { rule: 'Q11', bad: { selector: AB, fields: 'a' }, good: { selector: AB, fields: ['a', 'c'] } },
    { rule: 'Q11', bad: { selector: AB, fields: ['a'] }, good: { selector: AB } },
    {
        rule: 'Q12',
        bad: { selector: { a: 1, b: { $regex: '^ab' } } },
        good: { selector: { a: 1, b: { $beginsWith: 'ab' } } },
    },
    { rule: 'Q13', bad: { selector: { a: 1, b: { $in: [1, 2] } } }, good: { selector: AB } },
    {
        rule: 'Q13',
        bad: { selector: { ...AB, $or: [{ c: 1 }, { d: 1 }] } },
        good: { selector: AB },
    },
    { rule: 'Q14', bad: { selector: { ...AB, c: { $exists: false } } }, good: { selector: AB } },
    { rule: 'Q14', bad: { selector: { ...AB, c: { $ne: 1 } } }, good: { selector: AB } },
    { rule: 'Q14', bad: { selector: { ...AB, $nor: [{ c: 1 }] } }, good: { selector: AB } },
    {
        rule: 'Q15',
        bad: { selector: AB },
        good: { selector: AB },
        about: { paginated: false },
        aboutGood: { paginated: true },
    },
    {
        rule: 'Q16',
        bad: { selector: { a: 1, b: { $gt: 'a', $lt: 'a\uffff' } } },
        good: { selector: { a: 1, b: { $gte: '2024-01-01' } } },
    },
    {
        rule: 'Q16',
        bad: { selector: { a: 1, b: { $lt: 'Zebra' } } },
        good: { selector: { a: 1, b: { $lt: 'zebra' } } },
    },
    {
        rule: 'Q18',
        bad: { selector: AB },
        good: { selector: AB },
        about: { joined: true },
        aboutGood: {},
    },
    { rule: 'Q19', bad: { selector: { _id: { $gt: 'a' } } }, good: { selector: AB } },
    {
        rule: 'Q20',
        bad: { selector: AB },
        good: { selector: AB },
        about: { writes: true },
        aboutGood: {},
    },
    { rule: 'Q21', bad: { selector: AB, allow_fallback: false }, good: { selector: AB } },
    {
        rule: 'Q22',
        bad: { selector: AB },
        good: { selector: AB, use_index: 'ab' },
        indexes: [index('ab', ['a', 'b']), index('ab2', ['a', 'b'])],
    },
    { rule: 'Q23', bad: { selector: AB, update: false }, good: { selector: AB } },
    { rule: 'Q24', bad: { selector: { ...AB, $or: [] } }, good: { selector: AB } },
    { rule: 'Q25', bad: { selector: { a: 1, b: { $in: [null] } } }, good: { selector: AB } },
    { rule: 'Q26', bad: { selector: { a: { $foo: 1 } } }, good: { selector: AB } },
    { rule: 'Q26', bad: { nonsense: 1, selector: AB }, good: { selector: AB } },
];

function rulesOf(query: JsonObject, one: QueryCase, about: Partial<QueryToCheck> = {}): RuleId[] {
    const options = {
        indexesOf: () => one.indexes ?? INDEXES,
        version: one.version ?? '3.4',
    } as const;
    return lintQueries([{ query, ...about }], options).map(({ rule }) => rule);
}

describe('the linter', () => {
    for (const [at, { rule, bad, good }] of DEFINITION_CASES.entries()) {
        it(`${rule}: ${LINT_RULES[rule].title} (${String(at)})`, () => {
            expect(lintIndexes(bad).map((one) => one.rule)).to.include(rule);
            expect(lintIndexes(good).map((one) => one.rule)).not.to.include(rule);
        });
    }

    for (const [at, one] of QUERY_CASES.entries()) {
        it(`${one.rule}: ${LINT_RULES[one.rule].title} (${String(at)})`, () => {
            expect(rulesOf(one.bad, one, one.about)).to.include(one.rule);
            expect(rulesOf(one.good, one, one.aboutGood ?? one.about)).not.to.include(one.rule);
        });
    }

    it('Q17 looks at a sample', () => {
        const run = (ratio: number): RuleId[] =>
            lintQueries([{ query: { selector: AB } }], {
                indexesOf: () => INDEXES,
                examinedPerResult: () => ratio,
            }).map(({ rule }) => rule);
        expect(run(11)).to.include('Q17');
        expect(run(10)).not.to.include('Q17');
    });

    it('Q27 says what it could not read', () => {
        const findings = lintQueries([{ query: undefined, file: 'a.ts', line: 3 }], {
            indexesOf: () => [],
        });
        expect(findings.map(formatFinding)[0]).to.match(/^a\.ts:3 info Q27 /);
    });

    it('has a case for every rule', () => {
        const tried = new Set<string>(
            [...DEFINITION_CASES, ...QUERY_CASES].map(({ rule }) => rule),
        );
        expect(Object.keys(LINT_RULES).filter((rule) => !tried.has(rule))).to.deep.equal([
            'Q17',
            'Q27',
        ]);
    });

    it('finds nothing in a query that is as it should be', () => {
        const query = {
            selector: { a: 1, b: { $gte: 2 } },
            sort: [{ b: 'desc' }],
            use_index: ['ab', 'ab'],
        };
        expect(lintQueries([{ query }], { indexesOf: () => INDEXES })).to.deep.equal([]);
    });

    it('proposes the index a query would use', () => {
        const query = { selector: { owner: 'x', size: { $gt: 1 }, kind: 'y' }, sort: ['when'] };
        const [first] = lintQueries([{ query }], { indexesOf: () => [] });
        expect(first?.rule).to.equal('Q04');
        expect(first?.proposal).to.deep.equal({
            name: 'byKindOwnerWhenSize',
            fields: ['kind', 'owner', 'when', 'size'],
        });
    });

    it('leaves no value in a shape, wherever it stands', () => {
        const selector = {
            a: 'secret',
            b: { $in: ['secret'] },
            c: { $elemMatch: { d: 'secret' } },
            e: { f: 'secret' },
            $or: [{ g: ['secret'] }, { h: { $not: { $regex: 'secret' } } }],
        };
        const shape = queryShape({ selector, bookmark: 'secret', unknown: 'secret' });
        expect(shape).not.to.include('secret');
    });

    it('never shows a value in a finding', () => {
        const query = { selector: { ssn: '123-45-6789', a: { $in: ['123-45-6789'] } } };
        const findings = lintQueries([{ query }], { indexesOf: () => INDEXES });
        expect(findings.length).to.be.above(0);
        expect(JSON.stringify(findings)).not.to.include('123-45');
    });
});

describe('a chaincode', () => {
    let folder: string;
    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), 'chaincode-'));
        mkdirSync(join(folder, 'src'));
    });
    afterEach(() => {
        rmSync(folder, { recursive: true });
    });

    const byOwner = defineIndex({ name: 'byOwner', fields: ['owner', 'size'] });

    it('whose queries all have an index and whose indexes are all used passes', async () => {
        writeIndexFiles(folder, renderIndexFiles([byOwner]));
        writeFileSync(
            join(folder, 'src', 'contract.ts'),
            `const byOwner = defineIndex({ name: 'byOwner', fields: ['owner', 'size'] });
             export const q = (stub: Stub, owner: string, mark: string) =>
                 stub.getQueryResultWithPagination(queryIndex(byOwner).equal('owner', owner).exists('size').toString(), 50, mark);`,
        );
        const { findings, use, queries } = await lintChaincode(folder);
        expect(queries).to.have.length(1);
        expect(findings).to.deep.equal([]);
        expect(use.unusedIndexes).to.deep.equal([]);
        expect(use.unindexedQueries).to.deep.equal([]);
        expect(use.usedBy.size).to.equal(1);
    });

    it('is reported with file and line', async () => {
        writeIndexFiles(folder, renderIndexFiles([byOwner]));
        writeFileSync(
            join(folder, 'src', 'contract.js'),
            '\nexports.q = (stub, o) => stub.getQueryResult(`{"selector":{"color":"${o}"}}`);\n',
        );
        writeFileSync(join(folder, 'src', 'broken.js'), 'class {');
        const { findings, use } = await lintChaincode(folder);
        const lines = findings.map(formatFinding);
        expect(lines.some((line) => line.startsWith('src/contract.js:2 error Q18'))).to.equal(true);
        expect(lines.some((line) => line.startsWith('src/contract.js:2 error Q01'))).to.equal(true);
        expect(lines.some((line) => line.includes('I08'))).to.equal(true);
        expect(lines.some((line) => line.includes('broken.js cannot be parsed'))).to.equal(true);
        expect(use.unusedIndexes).to.deep.equal([`${FOLDER}/byOwner.json`]);
        expect(use.unindexedQueries[0]?.why).to.match(/reads every document/);
    });

    it('counts a query that is passed over its named index as unindexed', () => {
        const use = indexUse(renderIndexFiles([byOwner]), [
            { query: { selector: { owner: 1, size: 1 }, use_index: 'other' } },
            { query: { selector: { size: 1 }, sort: ['size'] } },
            { query: undefined },
        ]);
        expect(use.unindexedQueries.map(({ why }) => why.slice(0, 20))).to.deep.equal([
            '_design/other was no',
            'CouchDB refuses this',
            'the query cannot be ',
        ]);
    });
});
