import { ReadWriteSetBuilder, type TxReadWriteSet } from '@goodput/rwset';
import { expect } from 'chai';
import sinon from 'sinon';
import { KnownWrites } from './known-writes.js';
import { BlockClock } from '../strategy/block-clock.js';
import { namesOf, OrderWindow, type Turn } from './order-window.js';
import { WritesUnderWay } from './writes-under-way.js';

function rwset(reads: string, writes: string, block = 7): TxReadWriteSet {
    const builder = new ReadWriteSetBuilder();
    for (const key of Array.from(reads)) builder.addRead('cc', key, { blockNum: block, txNum: 0 });
    for (const key of Array.from(writes)) builder.addWrite('cc', key, Buffer.from('1'));
    return builder.build().rwset;
}

const endorsed = (reads: string, writes: string) => {
    const own = rwset(reads, writes);
    return { rwset: own, names: namesOf(own) };
};
const names = (reads: string, writes: string) => namesOf(rwset(reads, writes));

async function isResolved(promise: Promise<unknown>): Promise<boolean> {
    const pending = Symbol('pending');
    const later = new Promise((resolve) => {
        setImmediate(() => {
            resolve(pending);
        });
    });
    return (await Promise.race([promise, later])) !== pending;
}

describe('the window in which endorsed transactions are ordered', () => {
    it('lets a writer go only once the readers of its key are acknowledged', async () => {
        const window = new OrderWindow({ size: 10, ms: 10_000 }, new BlockClock());
        const turns = [
            window.join(endorsed('', 'a')),
            window.join(endorsed('a', '')),
            window.join(endorsed('', 'b')),
        ];
        window.close();
        const [writer, reader, other] = (await Promise.all(turns)) as Extract<Turn, { go: true }>[];
        expect(await isResolved(reader!.after)).to.equal(true);
        expect(await isResolved(other!.after)).to.equal(true);
        expect(await isResolved(writer!.after)).to.equal(false);
        reader!.acknowledged();
        expect(await isResolved(writer!.after)).to.equal(true);
    });

    it('gives no turn to what no order could save', async () => {
        const window = new OrderWindow({ size: 10, ms: 10_000 }, new BlockClock());
        const turns = [1, 2, 3].map(() => window.join(endorsed('a', 'a')));
        window.close();
        const going = (await Promise.all(turns)).filter(({ go }) => go);
        expect(going).to.have.length(1);
    });

    it('closes when it is full', async () => {
        const window = new OrderWindow({ size: 2, ms: 10_000 }, new BlockClock());
        const turns = await Promise.all([
            window.join(endorsed('a', '')),
            window.join(endorsed('a', '')),
        ]);
        expect(turns.every(({ go }) => go)).to.equal(true);
    });

    it('knows which reads our own transactions under way will overtake, and until when', async () => {
        const underWay = new WritesUnderWay();
        const done = [underWay.add(names('', 'a')), underWay.add(names('', 'ab'))];
        let over = false;
        const both = underWay.concern(names('a', ''))?.then(() => {
            over = true;
        });
        expect(both).to.not.equal(undefined);
        expect(underWay.concern(names('c', 'a'))).to.equal(undefined);
        done[0]!();
        await Promise.resolve();
        expect(over).to.equal(false);
        expect(underWay.concern(names('a', ''))).to.not.equal(undefined);
        done[1]!();
        await both;
        expect(underWay.concern(names('ab', ''))).to.equal(undefined);
    });

    it('knows which reads the block stream has overtaken', () => {
        const known = new KnownWrites();
        known.add([{ namespace: 'cc', key: 'a', version: { blockNum: 7, txNum: 3 } }]);
        expect(known.isStale(rwset('a', '', 6))).to.equal(true);
        expect(known.isStale(rwset('a', '', 7))).to.equal(true);
        expect(known.isStale(rwset('a', '', 8))).to.equal(false);
        expect(known.isStale(rwset('b', '', 1))).to.equal(false);
    });
});

describe('the window of a block', () => {
    let time: sinon.SinonFakeTimers;
    let clock: BlockClock;
    let window: OrderWindow;
    let turns: Map<string, Turn>;
    beforeEach(() => {
        time = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
        clock = new BlockClock();
        window = new OrderWindow({ size: 10, ms: 8 }, clock);
        turns = new Map();
        for (let block = 1n; block <= 6n; block++) {
            const landed = clock.sent(5, false);
            time.tick(500);
            landed(block);
        }
    });
    afterEach(() => {
        time.restore();
    });

    const join = (name: string, reads: string, writes: string, weight?: number): void => {
        void window.join(endorsed(reads, writes), weight).then((turn) => turns.set(name, turn));
    };
    const going = (): string[] => [...turns].filter(([, { go }]) => go).map(([name]) => name);
    const pass = async (ms: number): Promise<void> => {
        await time.tickAsync(ms);
        await new Promise((resolve) => setImmediate(resolve));
    };

    it('sends one ahead to open a block: the one whose writes the fewest others have read', async () => {
        join('read by two', '', 'a');
        join('reader', 'a', 'b');
        join('read by none', 'a', 'c');
        join('other reader', 'b', '');
        await pass(20);
        expect(going()).to.deep.equal(['read by none']);
        clock.sent(5, false);
        window.reconsider();
        await pass(clock.waitMs - 10);
        expect(going()).to.deep.equal(['read by none']);
        await pass(20);
        const rest = ['other reader', 'reader', 'read by two'];
        expect(going().slice(1)).to.deep.equal(rest);
        expect(turns.get('reader')).to.include({ go: true, gathered: true });
    });

    it('stays open until shortly before the block that is being filled is cut', async () => {
        clock.sent(5, false);
        await pass(50);
        join('late', 'a', 'b');
        join('writer', '', 'a');
        await pass(clock.waitMs - 60);
        join('later', 'a', 'c');
        expect(turns.size).to.equal(0);
        await pass(30);
        expect(going()).to.have.members(['late', 'later', 'writer']);
        expect(going().at(-1)).to.equal('writer');
    });

    it('keeps what comes after that for the next block', async () => {
        const landed = clock.sent(5, false);
        join('in time', 'a', 'b');
        await pass(clock.waitMs + 5);
        expect(going()).to.deep.equal(['in time']);
        join('too late', 'c', 'd');
        await pass(500 - clock.waitMs - 10);
        expect(going()).to.deep.equal(['in time']);
        landed(7n);
        window.reconsider();
        await pass(20);
        expect(going()).to.deep.equal(['in time', 'too late']);
    });

    it('gives up at once on what has read what goes beside it', async () => {
        clock.sent(5, false);
        join('reader', 'a', 'b');
        join('other', 'c', 'd');
        expect(window.pass(endorsed('x', 'a')).go).to.equal(true);
        await pass(1);
        expect([...turns]).to.deep.equal([['reader', { go: false }]]);
    });

    it('lets come first who had to give way before', async () => {
        clock.sent(5, false);
        join('first', 'a', 'a');
        join('often passed over', 'a', 'a', 4);
        await pass(500);
        expect(going()).to.deep.equal(['often passed over']);
    });
});
