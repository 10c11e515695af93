import { expect } from 'chai';
import fc from 'fast-check';
import { KeyLanes, LaneGroup, type KeyUse, type Laned } from './key-lanes.js';

interface Item extends Laned {
    readonly id: number;
}

function item(id: number, keys: string, kind = 'k'): Item {
    // Upper case writes, lower case reads.
    const uses = [...new Set(keys)].map((letter): KeyUse => {
        return { key: letter.toLowerCase(), write: letter !== letter.toLowerCase() };
    });
    return { id, keys: uses, kind };
}

function takeAll(lanes: KeyLanes<Item>, limit = Infinity): LaneGroup<Item> {
    const group = new LaneGroup<Item>();
    lanes.fill('k', group, () => (group.items.length < limit ? 'take' : 'stop'));
    return group;
}

const ids = (group: LaneGroup<Item>): number[] => group.items.map(({ id }) => id);

describe('the lanes of keys', () => {
    it('start the first writer of a key and hold the second until it is released', () => {
        const lanes = new KeyLanes<Item>();
        lanes.add(item(1, 'A'));
        lanes.add(item(2, 'A'));
        const first = takeAll(lanes, 1);
        expect(ids(first)).to.deep.equal([1]);
        expect(ids(takeAll(lanes))).to.deep.equal([]);
        lanes.release(first);
        expect(ids(takeAll(lanes))).to.deep.equal([2]);
    });

    it('let followers join the group that everything ahead of them is in', () => {
        const lanes = new KeyLanes<Item>();
        [item(1, 'A'), item(2, 'AB'), item(3, 'B'), item(4, 'C')].forEach((it) => {
            lanes.add(it);
        });
        expect(ids(takeAll(lanes))).to.have.members([1, 2, 3, 4]);
    });

    it('let readers share a key and keep a writer behind them', () => {
        const lanes = new KeyLanes<Item>();
        [item(1, 'a'), item(2, 'a'), item(3, 'A'), item(4, 'a')].forEach((it) => {
            lanes.add(it);
        });
        const one = takeAll(lanes, 1);
        const two = takeAll(lanes, 1);
        expect([ids(one), ids(two)]).to.deep.equal([[1], [2]]);
        expect(ids(takeAll(lanes))).to.deep.equal([]);
        lanes.release(one);
        lanes.release(two);
        expect(ids(takeAll(lanes, 1))).to.deep.equal([3]);
    });

    it('tell which keys are taken: by what waits, by what runs, and not for readers by readers', () => {
        const met: string[] = [];
        const lanes = new KeyLanes<Item>((key) => met.push(key));
        const taken = (use: string): boolean[] =>
            item(0, use).keys.map((each) => lanes.isTaken(each));
        expect(taken('aB')).to.deep.equal([false, false]);
        lanes.add(item(1, 'aB'));
        expect([taken('aAbB'), met]).to.deep.equal([[false, true, true, true], []]);
        const running = takeAll(lanes);
        expect(taken('aAbB')).to.deep.equal([false, true, true, true]);
        lanes.add(item(2, 'A'));
        expect([taken('a'), met]).to.deep.equal([[true], ['a']]);
        lanes.release(running);
        lanes.release(takeAll(lanes));
        expect(taken('aAbB')).to.deep.equal([false, false, false, false]);
    });

    it('do not let anything overtake an operation that waits for another key', () => {
        const lanes = new KeyLanes<Item>();
        lanes.add(item(1, 'A'));
        const busy = takeAll(lanes);
        lanes.add(item(2, 'AB'));
        lanes.add(item(3, 'B'));
        expect(ids(takeAll(lanes))).to.deep.equal([]);
        lanes.release(busy);
        expect(ids(takeAll(lanes))).to.deep.equal([2, 3]);
    });

    it('forget a key that nothing waits for or runs on', () => {
        const lanes = new KeyLanes<Item>();
        lanes.add(item(1, 'AB'));
        const group = takeAll(lanes);
        expect(lanes.keys).to.equal(2);
        lanes.release(group);
        expect([lanes.keys, lanes.waiting]).to.deep.equal([0, 0]);
    });

    it('take everything once, in key order, never two writers of a key at a time', () => {
        const keys = fc
            .uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'A', 'B', 'C', 'D'), {
                minLength: 1,
                maxLength: 3,
            })
            .map((letters) => letters.join(''));
        const steps = fc.array(fc.record({ take: fc.nat(4), release: fc.nat(3) }), {
            minLength: 1,
            maxLength: 60,
        });
        fc.assert(
            fc.property(fc.array(keys, { maxLength: 40 }), steps, (all, plan) => {
                const lanes = new KeyLanes<Item>();
                const items = all.map((text, id) => {
                    const seen = new Map(Array.from(text, (c) => [c.toLowerCase(), c] as const));
                    return item(id, [...seen.values()].join(''));
                });
                const started: number[] = [];
                const running: LaneGroup<Item>[] = [];
                let added = 0;
                let step = 0;
                for (;;) {
                    const { take, release } = plan[step++ % plan.length]!;
                    for (let n = 0; n < 3 && added < items.length; n++) lanes.add(items[added++]!);
                    const group = takeAll(lanes, take + 1);
                    if (group.items.length > 0) running.push(group);
                    started.push(...ids(group));
                    assertExclusive(running);
                    if (running.length > 0) {
                        lanes.release(running.splice(release % running.length, 1)[0]!);
                    }
                    if (added === items.length && lanes.waiting === 0 && running.length === 0)
                        break;
                    expect(step).to.be.lessThan(10_000);
                }
                expect(started).to.have.length(items.length);
                expect(lanes.keys).to.equal(0);
                assertKeyOrder(items, started);
            }),
            { numRuns: 1_000 },
        );
    });
});

function assertExclusive(running: readonly LaneGroup<Item>[]): void {
    const writers = new Map<string, number>();
    const users = new Map<string, number>();
    for (const group of running) {
        for (const [key, writes] of group.holds) {
            users.set(key, (users.get(key) ?? 0) + 1);
            if (writes) writers.set(key, (writers.get(key) ?? 0) + 1);
        }
    }
    for (const [key, count] of writers) {
        expect(count).to.equal(1);
        expect(users.get(key)).to.equal(1);
    }
}

/** On every key, a writer and anything else start in the order they came. */
function assertKeyOrder(items: readonly Item[], started: readonly number[]): void {
    const position = new Map(started.map((id, at) => [id, at]));
    for (const first of items) {
        for (const second of items.slice(first.id + 1)) {
            const clash = first.keys.some((a) =>
                second.keys.some((b) => a.key === b.key && (a.write || b.write)),
            );
            if (clash) expect(position.get(first.id)!).to.be.lessThan(position.get(second.id)!);
        }
    }
}
