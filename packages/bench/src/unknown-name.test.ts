import { expect } from 'chai';
import fc from 'fast-check';
import { distance, unknownName } from './unknown-name.js';

/** The definition, without a table. */
function slowDistance(from: string, to: string): number {
    const [head] = from;
    const [other] = to;
    if (head === undefined || other === undefined) return from.length + to.length;
    const [a, b] = [from.slice(1), to.slice(1)];
    const swapped = from.length > 1 && b.startsWith(head) && a.startsWith(other);
    return Math.min(
        slowDistance(a, to) + 1,
        slowDistance(from, b) + 1,
        slowDistance(a, b) + (head === other ? 0 : 1),
        swapped ? slowDistance(from.slice(2), to.slice(2)) + 1 : Infinity,
    );
}

describe('a name that there is not', () => {
    const known = ['hot-counter', 'hot-8', 'smallbank', 'clinical-day'];

    it('is counted as many letters away from another as the definition says', () => {
        const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 5 });
        fc.assert(
            fc.property(word, word, (from, to) => distance(from, to) === slowDistance(from, to)),
        );
    });

    const guesses: [string, string][] = [
        ['hot-countr', 'hot-counter'],
        ['hto-8', 'hot-8'],
        ['Smallbank', 'smallbank'],
        ['clinical', 'clinical-day'],
        ['small', 'smallbank'],
    ];
    for (const [name, guess] of guesses) {
        it(`is taken for the one that was meant: ${name}`, () => {
            expect(unknownName('workload', name, known)).to.equal(
                `There is no workload "${name}". Did you mean ${guess}? There are ${known.join(', ')}.`,
            );
        });
    }

    it('is taken for none when it is like none', () => {
        for (const name of ['', 'xyz', 'voting', '---------------------------']) {
            expect(unknownName('workload', name, known)).to.not.contain('Did you mean');
        }
    });
});
