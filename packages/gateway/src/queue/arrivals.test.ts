import { expect } from 'chai';
import fc from 'fast-check';
import { Arrivals } from './arrivals.js';

describe('operations that arrive', () => {
    it('begin in the order of each line, in whatever order they are accepted or refused', () => {
        const arrival = fc.record({
            line: fc.constantFrom('a', 'b'),
            refused: fc.boolean(),
            when: fc.integer(),
        });
        fc.assert(
            fc.property(fc.array(arrival, { maxLength: 30 }), (all) => {
                const arrivals = new Arrivals();
                const begun: number[] = [];
                const leaves = all.map(({ line }) => arrivals.enter(line));
                const decided = all.map((_, index) => index);
                decided.sort((a, b) => all[a]!.when - all[b]!.when);
                for (const index of decided) {
                    if (all[index]!.refused) leaves[index]!();
                    else leaves[index]!(() => begun.push(index));
                    leaves[index]!(() => begun.push(-1));
                }
                for (const line of ['a', 'b']) {
                    const expected = [...all.keys()].filter(
                        (index) => all[index]!.line === line && !all[index]!.refused,
                    );
                    expect(begun.filter((index) => all[index]?.line === line)).to.deep.equal(
                        expected,
                    );
                }
                expect(begun).to.not.include(-1);
            }),
        );
    });

    it('say when nobody is in line', async () => {
        const arrivals = new Arrivals();
        await arrivals.empty();
        const [first, second] = [arrivals.enter('a'), arrivals.enter('a')];
        const events: string[] = [];
        const empty = arrivals.empty().then(() => events.push('empty'));
        second(() => events.push('second'));
        await Promise.resolve();
        expect(events).to.deep.equal([]);
        first();
        await empty;
        expect(events).to.deep.equal(['second', 'empty']);
    });
});
