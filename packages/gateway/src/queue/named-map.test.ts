import { expect } from 'chai';
import fc from 'fast-check';
import { NamedMap } from './named-map.js';

describe('a map by names of the application', () => {
    it('keeps the first names apart, and lets all others share', () => {
        const names = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', ''), { maxLength: 40 });
        fc.assert(
            fc.property(names, fc.integer({ min: 1, max: 5 }), (all, most) => {
                const counts = new NamedMap<number>(most);
                const first = [...new Set(all)].slice(0, most);
                const expected = new Map<string, number>();
                for (const name of all) {
                    counts.set(name, (counts.get(name) ?? 0) + 1);
                    const key = first.includes(name) ? name : '';
                    expected.set(key, (expected.get(key) ?? 0) + 1);
                }
                expect(counts.size).to.be.at.most(most + 1);
                for (const name of all) {
                    const key = first.includes(name) ? name : '';
                    expect(counts.get(name)).to.equal(expected.get(key));
                }
            }),
        );
    });

    it('makes what is not there yet, once for all that share it', () => {
        const made: string[] = [];
        const map = new NamedMap<object>(1, 'other');
        const make = (name: string): object => {
            made.push(name);
            return {};
        };
        const [one, two, three] = ['a', 'b', 'c'].map((name) => map.getOrMake(name, make));
        expect([one === two, two === three, map.getOrMake('a', make) === one]).to.deep.equal([
            false,
            true,
            true,
        ]);
        expect(made).to.deep.equal(['a', 'other']);
    });

    it('gives a name that has been let go to the next', () => {
        const map = new NamedMap<number>(1);
        map.set('a', 1);
        expect(map.nameOf('b')).to.equal('');
        map.delete('a');
        expect(map.nameOf('b')).to.equal('b');
    });
});
