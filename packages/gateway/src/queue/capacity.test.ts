import { expect } from 'chai';
import sinon from 'sinon';
import { Capacity } from './capacity.js';

describe('the capacity of the queue', () => {
    it('refuses by number and by bytes, and keeps nothing of what it refuses', () => {
        const capacity = new Capacity({ operations: 2, bytes: 10 });
        capacity.take('a', 8);
        expect(() => {
            capacity.take('a', 3);
        })
            .to.throw()
            .with.property('code', 'QUEUE_FULL');
        capacity.take('a', 2);
        expect(() => {
            capacity.take('a', 0);
        })
            .to.throw()
            .with.property('code', 'QUEUE_FULL');
        expect([capacity.operations, capacity.bytes]).to.deep.equal([2, 10]);
    });

    it('hints at when there will be room, from the pace seen', () => {
        const clock = sinon.useFakeTimers({ toFake: ['performance'] });
        try {
            const capacity = new Capacity({ operations: 100, bytes: 1e9 });
            for (let n = 0; n < 100; n++) capacity.take('a', 0);
            for (let n = 0; n < 49; n++) capacity.give('a', 0);
            clock.tick(1_000);
            capacity.give('a', 0);
            for (let n = 0; n < 50; n++) capacity.take('a', 0);
            expect(() => {
                capacity.take('a', 0);
            })
                .to.throw()
                .with.property('retryAfterMs', 20);
        } finally {
            clock.restore();
        }
    });
});
