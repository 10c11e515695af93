import { encodeTxReadWriteSet, ReadWriteSetBuilder } from '@goodput/rwset';
import { expect } from 'chai';
import sinon from 'sinon';
import type { SecondLevelCache } from '../client/options.js';
import { KnownWrites } from '../reorder/known-writes.js';
import type { Call } from '../transport/transport.js';
import { preparedTransaction } from '../test-support/prepared-transaction.js';
import { CachedReads } from './cached-reads.js';
import { ReadCache } from './read-cache.js';
import { SharedReads } from './shared-reads.js';

const call: Call = { chaincode: 'cc', transaction: 'get', args: ['k'] };
const change = { namespace: 'cc', key: 'k', version: { blockNum: 9, txNum: 0 } };

class MapCache implements SecondLevelCache {
    readonly map = new Map<string, Uint8Array>();

    get(key: string): Promise<Uint8Array | undefined> {
        return Promise.resolve(this.map.get(key));
    }

    set(key: string, value: Uint8Array): Promise<void> {
        this.map.set(key, value);
        return Promise.resolve();
    }

    delete(key: string): Promise<void> {
        this.map.delete(key);
        return Promise.resolve();
    }
}

describe('reads through the cache', () => {
    let clock: sinon.SinonFakeTimers;
    let state: string;
    let endorsements: number;
    let live: boolean;
    /** Happens while the peer executes the read. */
    let meanwhile: () => void;
    /** What the peer records as read. */
    let read: (builder: ReadWriteSetBuilder) => void;
    beforeEach(() => {
        clock = sinon.useFakeTimers({ toFake: ['performance'] });
        state = 'one';
        endorsements = 0;
        live = true;
        meanwhile = () => undefined;
        read = (builder) => {
            builder.addRead('cc', 'k', { blockNum: 5, txNum: 0 });
        };
    });
    afterEach(() => {
        clock.restore();
    });

    const following = (block: bigint): KnownWrites => {
        const known = new KnownWrites();
        known.begin(block);
        return known;
    };
    const reads = (
        secondLevel?: SecondLevelCache,
        known = following(5n),
        reader = 'org1 anna',
    ): CachedReads =>
        new CachedReads({
            reader,
            cache: new ReadCache({ entries: 10, bytes: 10_000 }),
            known,
            live: () => live,
            height: () => 9n,
            secondLevel,
            endorse: () => {
                endorsements += 1;
                const builder = new ReadWriteSetBuilder();
                read(builder);
                const result = Buffer.from(state);
                const bytes = preparedTransaction(encodeTxReadWriteSet(builder.build().rwset));
                meanwhile();
                return Promise.resolve({ transactionId: 't', bytes, result });
            },
        });
    const text = async (from: CachedReads, rule = {}): Promise<string> =>
        Buffer.from(await from.read(call, rule)).toString();

    it('come from memory until the key changes', async () => {
        const cached = reads();
        expect([await text(cached), await text(cached), endorsements]).to.deep.equal([
            'one',
            'one',
            1,
        ]);
        state = 'two';
        cached.changed([change]);
        expect([await text(cached), endorsements]).to.deep.equal(['two', 2]);
    });

    it('share one question while it is under way', async () => {
        const cached = reads();
        const answers = await Promise.all([text(cached), text(cached), text(cached)]);
        expect([answers, endorsements]).to.deep.equal([['one', 'one', 'one'], 1]);
        expect(cached.counts.shared).to.equal(2);
    });

    it('are not kept when the key changed while they were made', async () => {
        const cached = reads();
        meanwhile = () => {
            meanwhile = () => undefined;
            cached.changed([change]);
        };
        await text(cached);
        await text(cached);
        expect(endorsements).to.equal(2);
    });

    it('are not kept when the peer was behind what the blocks have shown', async () => {
        const known = new KnownWrites();
        known.add([change]);
        const cached = reads(undefined, known);
        await text(cached);
        await text(cached);
        expect(endorsements).to.equal(2);
    });

    it('are not served from memory while no blocks come in', async () => {
        const cached = reads();
        await text(cached);
        live = false;
        state = 'two';
        expect(await text(cached)).to.equal('two');
    });

    it('grow old', async () => {
        const cached = reads();
        await text(cached, { ttlMs: 1_000 });
        clock.tick(1_001);
        state = 'two';
        expect(await text(cached, { ttlMs: 1_000 })).to.equal('two');
    });

    it('are served stale while they are renewed, when that is allowed', async () => {
        const cached = reads();
        const rule = { ttlMs: 10_000, staleAfterMs: 1_000 };
        await text(cached, rule);
        clock.tick(1_001);
        state = 'two';
        expect(await text(cached, rule)).to.equal('one');
        await new Promise((resolve) => setImmediate(resolve));
        expect([await text(cached, rule), endorsements]).to.deep.equal(['two', 2]);
    });

    it('are shared through a second level, and dropped there too', async () => {
        const secondLevel = new MapCache();
        await text(reads(secondLevel));
        const other = reads(secondLevel);
        expect([await text(other), endorsements]).to.deep.equal(['one', 1]);
        expect(other.counts.secondLevelHits).to.equal(1);
        other.changed([change]);
        expect(secondLevel.map.size).to.equal(0);
    });

    it('never answer one identity, or one channel, with what another was told', async () => {
        const secondLevel = new MapCache();
        await text(reads(secondLevel));
        state = 'for ben';
        const other = reads(secondLevel, following(5n), 'org1 ben');
        expect(await text(other)).to.equal('for ben');
        expect(await text(reads(secondLevel))).to.equal('one');
        other.changed([change]);
        expect(secondLevel.map.size).to.equal(1);
    });

    it('do not believe what another process has left when it may have changed since', async () => {
        const secondLevel = new MapCache();
        await text(reads(secondLevel));
        // Began to follow blocks later than what is kept was read.
        expect([await text(reads(secondLevel, following(10n))), endorsements]).to.deep.equal([
            'one',
            2,
        ]);
        const late = new MapCache();
        await text(reads(late));
        const known = following(5n);
        known.add([change]);
        state = 'two';
        read = (builder) => {
            builder.addRead('cc', 'k', change.version);
        };
        expect(await text(reads(late, known))).to.equal('two');
    });

    it('are renewed from a peer, not from a second level that has the same old answer', async () => {
        const cached = reads(new MapCache());
        const rule = { ttlMs: 10_000, staleAfterMs: 1_000 };
        await text(cached, rule);
        clock.tick(1_001);
        state = 'two';
        await text(cached, rule);
        await new Promise((resolve) => setImmediate(resolve));
        expect(await text(cached, rule)).to.equal('two');
    });

    it('go on when the second level throws at once', async () => {
        const broken = {
            get: () => {
                throw new Error('get');
            },
            set: () => {
                throw new Error('set');
            },
            delete: () => {
                throw new Error('delete');
            },
        };
        const cached = reads(broken);
        expect(await text(cached)).to.equal('one');
        cached.changed([change]);
        expect(await text(cached)).to.equal('one');
    });

    it('are copies: a caller that changes its answer changes nobody else’s', async () => {
        const cached = reads();
        const first = await cached.read(call, {});
        first.fill(0);
        expect(await text(cached)).to.equal('one');
    });

    it('do not keep a scan that a peer behind the blocks has answered', async () => {
        const known = following(5n);
        known.add([{ ...change, key: 'b' }]);
        read = (builder) => {
            builder.addRangeQuery('cc', {
                startKey: 'a',
                endKey: 'z',
                itrExhausted: true,
                rawReads: [],
                merkle: undefined,
            });
        };
        const cached = reads(undefined, known);
        await text(cached);
        state = 'two';
        expect(await text(cached)).to.equal('two');
    });
});

describe('reads under way at once', () => {
    it('share a call, unless a block came in between', async () => {
        let calls = 0;
        const shared = new SharedReads(async () => {
            const answer = String(++calls);
            await new Promise((resolve) => setImmediate(resolve));
            return Buffer.from(answer);
        });
        const answers = await Promise.all([
            shared.evaluate(call, {}, 1n),
            shared.evaluate(call, {}, 1n),
            shared.evaluate(call, {}, 2n),
            shared.evaluate(call, { timeoutMs: 5 }, 2n),
        ]);
        expect(answers.map((each) => Buffer.from(each).toString())).to.deep.equal([
            '1',
            '1',
            '2',
            '3',
        ]);
    });
});
