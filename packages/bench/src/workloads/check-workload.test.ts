import { expect } from 'chai';
import { workloads } from './built-in.js';
import { wrongWithWorkload } from './check-workload.js';

const right = { name: 'mine', title: 'mine', setup: () => [], operations: () => () => undefined };

describe('what a file gives as a workload', () => {
    it('is one when it is like those that are built in, or of a class', () => {
        for (const each of workloads) expect(wrongWithWorkload(each)).to.equal(undefined);
        expect(wrongWithWorkload(right)).to.equal(undefined);
        class Mine {
            name = 'mine';
            title = 'mine';
            setup(): [] {
                return [];
            }
            operations(): () => undefined {
                return () => undefined;
            }
        }
        expect(wrongWithWorkload(new Mine())).to.equal(undefined);
    });

    const wrong: [unknown, string | RegExp][] = [
        [undefined, 'it has no default export'],
        [null, 'its default export is null'],
        [7, 'its default export is 7'],
        [() => right, /its default export is \[Function/],
        [{ ...right, name: '' }, 'its "name" must be a text that is not empty; got \'\''],
        [
            { ...right, title: undefined },
            'its "title" must be a text that is not empty; got nothing',
        ],
        [{ ...right, setup: [] }, 'its "setup" must be a function; got []'],
        [{ ...right, operations: 5n }, 'its "operations" must be a function; got 5n'],
        [
            { ...right, replay: { add: 1 } },
            /"replay" must be an object of functions; got \{ add: 1 \}/,
        ],
        [{ ...right, keys: 'k' }, /"keys" must be a function/],
        [{ ...right, closing: 'k' }, /"closing" must be a function/],
        [{ ...right, population: {} }, /"population" must be an object with roles/],
        [{ ...right, contract: 5 }, /"contract" must be a text/],
        [{ ...right, clossing: () => [] }, /^a workload has no "clossing"; it has name, title/],
    ];
    for (const [value, message] of wrong) {
        it(`is refused when ${String(message)}`, () => {
            if (typeof message === 'string') expect(wrongWithWorkload(value)).to.equal(message);
            else expect(wrongWithWorkload(value)).to.match(message);
        });
    }
});
