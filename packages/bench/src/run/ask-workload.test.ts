import { expect } from 'chai';
import { seededRandom } from '../load/random.js';
import { defineWorkload, type Workload } from '../workloads/workload.js';
import { closingOperations, counterOfRowOf, initialOperations, sourceOf } from './ask-workload.js';

const note = { name: 'note', args: ['a', 'text'] };
const random = seededRandom('a');

/** A workload as a careless author writes it, in plain JavaScript. */
function careless(changed: Readonly<Record<string, unknown>>): Workload {
    const right = { name: 'mine', title: 't', setup: () => [], operations: () => () => note };
    return defineWorkload({ ...right, ...changed });
}

const boom = (): never => {
    throw new Error('boom');
};

describe('what a workload answers', () => {
    it('is passed on when it is operations', () => {
        const workload = careless({ setup: () => [note], closing: () => [note] });
        expect(initialOperations(workload, random)).to.deep.equal([note]);
        expect(sourceOf(workload, random)(3)).to.equal(note);
        expect(closingOperations(workload)).to.deep.equal([note]);
        expect(closingOperations(careless({}))).to.deep.equal([]);
    });

    const wrong: [string, Readonly<Record<string, unknown>>, RegExp][] = [
        ['nothing', { operations: () => () => undefined }, /at 7 it gave nothing/],
        ['no arguments', { operations: () => () => ({ name: 'x' }) }, /it gave \{ name: 'x' \}/],
        [
            'arguments that are no texts',
            { operations: () => () => ({ name: 'x', args: [5] }) },
            /args that are texts.*it gave \{ name: 'x', args: \[ 5 \] \}/,
        ],
        [
            'an error at an operation',
            { operations: () => boom },
            /"mine" failed in operations: boom/,
        ],
        ['an error at the start', { operations: boom }, /"mine" failed in operations: boom/],
        ['an error in setup', { setup: boom }, /"mine" failed in setup: boom/],
        ['no list in setup', { setup: () => 7 }, /a list of operations in setup; it gave 7/],
        ['a promise of a setup', { setup: () => Promise.resolve([]) }, /in setup; it gave Promise/],
        ['no source', { operations: () => 3 }, /asked for one operation.*gave 3/],
        [
            'a promise of an operation',
            { operations: () => () => Promise.resolve(note) },
            /at 7 it gave Promise/,
        ],
        [
            'what JSON cannot hold',
            { operations: () => () => ({ name: 'x', args: [5n] }) },
            /it gave \{ name: 'x', args: \[ 5n \] \}/,
        ],
        ['half a setup', { setup: () => [note, null] }, /at 1 of setup it gave null/],
        ['an error about a row', { counterOfRow: boom }, /"mine" failed in counterOfRow: boom/],
        ['half a closing', { closing: () => [note, 1] }, /at 1 of closing it gave 1/],
    ];
    for (const [what, changed, message] of wrong) {
        it(`is refused, and the workload named, when it is ${what}`, () => {
            const workload = careless(changed);
            expect(() => {
                initialOperations(workload, random);
                sourceOf(workload, random)(7);
                closingOperations(workload);
                counterOfRowOf(workload)?.('row', 'run');
            })
                .to.throw(message)
                .with.property('code', 'BENCH_WORKLOAD_INVALID');
        });
    }
});
