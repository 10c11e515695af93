import { expect } from 'chai';
import {
    CouchdbError,
    explainQuery,
    parseFindRequest,
    parseIndexRequest,
    planQuery,
    rejectionText,
    type CouchdbIndex,
    type CouchdbVersion,
    type Json,
} from '../index.js';

function index(name: string, fields: Json, filter?: Json): CouchdbIndex {
    const partial = filter === undefined ? {} : { partial_filter_selector: filter };
    return parseIndexRequest({ index: { fields, ...partial }, ddoc: name, name });
}

function refusal(action: () => unknown): string {
    try {
        action();
    } catch (error) {
        if (error instanceof CouchdbError) return `${String(error.status)} ${String(error.error)}`;
        throw error;
    }
    return 'none';
}

describe('an explanation', () => {
    const a = index('a', ['a']);
    const ab = index('ab', ['a', 'b']);

    it('has the shape of CouchDB 3.4', () => {
        const answer = explainQuery([a, ab], { selector: { a: 1, b: { $gt: 2 } }, fields: ['a'] });
        expect(answer).to.deep.equal({
            dbname: 'database',
            index: {
                ddoc: '_design/ab',
                name: 'ab',
                type: 'json',
                partitioned: false,
                def: { fields: [{ a: 'asc' }, { b: 'asc' }] },
            },
            partitioned: false,
            selector: { $and: [{ a: { $eq: 1 } }, { b: { $gt: 2 } }] },
            opts: {
                use_index: [],
                bookmark: 'nil',
                limit: 25,
                skip: 0,
                sort: {},
                fields: ['a'],
                partition: '',
                r: 1,
                conflicts: false,
                stale: false,
                update: true,
                stable: false,
                execution_stats: false,
            },
            limit: 25,
            skip: 0,
            fields: ['a'],
            index_candidates: [
                {
                    index: {
                        ddoc: '_design/a',
                        name: 'a',
                        type: 'json',
                        partitioned: false,
                        def: { fields: [{ a: 'asc' }] },
                    },
                    analysis: {
                        usable: true,
                        reasons: [{ name: 'less_overlap' }],
                        ranking: 1,
                        covering: true,
                    },
                },
                {
                    index: {
                        ddoc: null,
                        name: '_all_docs',
                        type: 'special',
                        def: { fields: [{ _id: 'asc' }] },
                    },
                    analysis: {
                        usable: true,
                        reasons: [{ name: 'unfavored_type' }],
                        ranking: 2,
                        covering: null,
                    },
                },
            ],
            selector_hints: [
                { type: 'json', indexable_fields: ['a', 'b'], unindexable_fields: [] },
            ],
            mrargs: {
                include_docs: false,
                view_type: 'map',
                reduce: false,
                partition: null,
                start_key: [1, 2],
                end_key: [1, '<MAX>'],
                direction: 'fwd',
                stable: false,
                update: true,
                conflicts: 'undefined',
            },
            covering: true,
        });
    });

    it('has fewer members before 3.4', () => {
        const answer = explainQuery([a], { selector: { a: 1 } }, { version: '3.3' });
        expect(answer).not.to.have.any.keys('index_candidates', 'selector_hints', 'covering');
        expect(answer.fields).to.equal('all_fields');
    });

    it('turns the range around for a descending sort', () => {
        const answer = explainQuery([a], { selector: { a: { $gt: 1 } }, sort: [{ a: 'desc' }] });
        expect(answer.mrargs).to.include({ direction: 'rev' });
        expect(answer.mrargs?.['start_key']).to.deep.equal(['<MAX>']);
        expect(answer.mrargs?.['end_key']).to.deep.equal([1]);
    });

    it('shows the whole of all documents as CouchDB does', () => {
        const answer = explainQuery([], { selector: { a: 1 } });
        expect(answer.mrargs).to.include({ start_key: null, end_key: '<MAX>' });
        const byId = explainQuery([], { selector: { _id: { $lt: 'x' } } });
        expect(byId.mrargs).to.include({ start_key: '', end_key: 'x' });
    });

    it('names no index for a sort none yields, from 3.4 on', () => {
        const request = { selector: { a: 1 }, sort: ['b'] };
        const answer = explainQuery([a], request);
        expect(answer.index).to.equal(null);
        expect(answer).not.to.have.any.keys('mrargs', 'covering');
        expect(
            answer.index_candidates?.map(({ analysis }) => analysis.reasons[0]?.name),
        ).to.deep.equal(['sort_order_mismatch', 'field_mismatch']);
        expect(refusal(() => explainQuery([a], request, { version: '3.3' }))).to.equal(
            '400 no_usable_index',
        );
    });

    it('shows a contradiction as an empty range', () => {
        const answer = explainQuery([a], { selector: { a: { $gt: 5, $lt: 3 } } });
        expect(answer.mrargs).to.include({ start_key: null, end_key: null });
    });

    it('gives a sentence for every rejected index', () => {
        const partial = index('p', ['a'], { b: 1 });
        const wide = index('wide', ['a', 'c']);
        const request = parseFindRequest({ selector: { a: 1 }, use_index: 'a' });
        const plan = planQuery([a, index('a2', ['a']), partial, wide], request);
        const texts = plan.candidates.map((candidate) => rejectionText(candidate, request));
        expect(texts[0]).to.match(/use_index names another/);
        expect(texts[1]).to.match(/use_index and repeat its filter/);
        expect(texts[2]).to.match(/does not require "c"/);
        expect(texts[3]).to.match(/use_index names another/);
    });
});

describe('the planner', () => {
    const a = index('a', ['a']);

    it('fails where Mango fails while it judges an index', () => {
        for (const selector of [
            { a: { $in: ['x', null] } },
            { a: { $in: [['x']] } },
            { a: 1, b: { $eq: { x: 1, y: 2 } } },
        ] as Json[]) {
            const request = parseFindRequest({ selector });
            expect(refusal(() => planQuery([a], request))).to.equal('500 unknown_error');
            expect(refusal(() => planQuery([], request))).to.equal('none');
        }
        const lazy = parseFindRequest({ selector: { b: { $in: [null] } } }, '3.3');
        expect(refusal(() => planQuery([a], lazy))).to.equal('none');
        const both = parseFindRequest({ selector: { a: { $eq: 5, $gt: 5 } } });
        const plan = planQuery([a], both);
        expect(refusal(() => explainQuery([a], { selector: { a: { $eq: 5, $gt: 5 } } }))).to.equal(
            '500 unknown_error',
        );
        expect(plan.index.name).to.equal('a');
    });

    it('refuses to fall back only where CouchDB can be told to, from 3.5 on', () => {
        const selector = { a: 1 };
        const named = { selector, use_index: 'other', allow_fallback: false };
        const plan = (version: CouchdbVersion) => () =>
            planQuery([a], parseFindRequest(named, version));
        expect(refusal(plan('3.4'))).to.equal('400 invalid_key');
        expect(refusal(plan('3.5'))).to.equal('400 invalid_index');
        const unnamed = parseFindRequest({ selector, allow_fallback: false }, '3.5');
        expect(planQuery([a], unnamed).index.name).to.equal('a');
        expect(refusal(() => planQuery([], unnamed))).to.equal('400 invalid_index');
    });

    it('takes an empty $or for a condition that requires every field, as Mango does', () => {
        const c = index('c', ['c']);
        const request = parseFindRequest({ selector: { a: 1, $or: [] } });
        expect(planQuery([c], request).index.name).to.equal('c');
    });
});
