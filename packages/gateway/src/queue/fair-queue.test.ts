import { expect } from 'chai';
import fc from 'fast-check';
import { FairQueue, type Priority, type Queued } from './fair-queue.js';
import { Fifo } from './lists.js';

interface Item extends Queued {
    readonly at: number;
}

function drain(queue: FairQueue<Item>): Item[] {
    const items: Item[] = [];
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) items.push(item);
    return items;
}

describe('the fair queue', () => {
    it('lets a caller with one operation past a caller with a thousand', () => {
        const queue = new FairQueue<Item>();
        for (let at = 0; at < 1000; at++) queue.push({ caller: 'flood', priority: 'normal', at });
        queue.push({ caller: 'modest', priority: 'normal', at: 0 });
        const position = drain(queue).findIndex(({ caller }) => caller === 'modest');
        expect(position).to.be.lessThan(2);
    });

    it('prefers the urgent and starves nobody', () => {
        const queue = new FairQueue<Item>();
        const priorities: Priority[] = ['low', 'normal', 'high'];
        for (const priority of priorities) {
            for (let at = 0; at < 100; at++) queue.push({ caller: priority, priority, at });
        }
        const first = drain(queue).slice(0, 42);
        const share = (priority: Priority): number =>
            first.filter((item) => item.priority === priority).length;
        expect([share('high'), share('normal'), share('low')]).to.deep.equal([32, 8, 2]);
    });

    it('returns everything once, each caller in order within a priority', () => {
        const item = fc.record({
            caller: fc.constantFrom('a', 'b', 'c'),
            priority: fc.constantFrom<Priority>('high', 'normal', 'low'),
        });
        fc.assert(
            fc.property(fc.array(fc.option(item), { maxLength: 60 }), (steps) => {
                const queue = new FairQueue<Item>();
                const out: Item[] = [];
                let pushed = 0;
                for (const step of steps) {
                    if (step === null) {
                        const next = queue.shift();
                        if (next !== undefined) out.push(next);
                    } else queue.push({ ...step, at: pushed++ });
                }
                out.push(...drain(queue));
                expect(out.map(({ at }) => at).sort((a, b) => a - b)).to.deep.equal(
                    Array.from({ length: pushed }, (_, at) => at),
                );
                for (const caller of ['a', 'b', 'c']) {
                    for (const priority of ['high', 'normal', 'low']) {
                        const own = out.filter(
                            (each) => each.caller === caller && each.priority === priority,
                        );
                        const order = own.map(({ at }) => at);
                        expect(order).to.deep.equal([...order].sort((a, b) => a - b));
                    }
                }
            }),
            { numRuns: 2_000 },
        );
    });
});

describe('the list behind it', () => {
    it('keeps the order through many thousand items', () => {
        const list = new Fifo<number>();
        let taken = 0;
        for (let n = 0; n < 5_000; n++) {
            list.push(n);
            if (n % 3 !== 0) expect(list.shift()).to.equal(taken++);
        }
        expect(list.peek()).to.equal(taken);
        expect(list.drain()).to.have.length(5_000 - taken);
        expect([list.size, list.shift()]).to.deep.equal([0, undefined]);
    });
});
