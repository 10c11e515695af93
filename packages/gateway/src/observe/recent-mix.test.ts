import { expect } from 'chai';
import fc from 'fast-check';
import { RecentMix } from './recent-mix.js';

describe('the mix of the latest', () => {
    it('is what counting the last of all gives', () => {
        const kinds = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 60 });
        fc.assert(
            fc.property(kinds, fc.integer({ min: 1, max: 20 }), (all, size) => {
                const mix = new RecentMix(size);
                for (const kind of all) mix.add(kind);
                const latest = all.slice(-size);
                for (const kind of ['a', 'b', 'c', 'none']) {
                    const share = latest.filter((each) => each === kind).length / latest.length;
                    expect(mix.share(kind)).to.equal(share);
                }
            }),
        );
    });

    it('takes a kind for all there is before anything was seen', () => {
        expect(new RecentMix(4).share('a')).to.equal(1);
    });
});
