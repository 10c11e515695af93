import { expect } from 'chai';
import sinon from 'sinon';
import { Capacity } from './capacity.js';

describe('the capacity of the queue', () => {
    it('refuses by number and by bytes, and keeps nothing of what it refuses', () => {
        const capacity = new Capacity({ operations: 2, bytes: 10 });
        capacity.take(1, 8);
        expect(() => {
            capacity.take(1, 3);
        })
            .to.throw()
            .with.property('code', 'QUEUE_FULL');
        capacity.take(1, 2);
        expect(() => {
            capacity.take(1, 0);
        })
            .to.throw()
            .with.property('code', 'QUEUE_FULL');
        expect([capacity.operations, capacity.bytes]).to.deep.equal([2, 10]);
    });

    it('hints at when there will be room, from the pace seen', () => {
        const clock = sinon.useFakeTimers({ toFake: ['performance'] });
        try {
            const capacity = new Capacity({ operations: 100, bytes: 1e9 });
            capacity.take(100, 0);
            clock.tick(1_000);
            capacity.give(50, 0);
            capacity.take(50, 0);
            expect(() => {
                capacity.take(25, 0);
            })
                .to.throw()
                .with.property('retryAfterMs', 500);
        } finally {
            clock.restore();
        }
    });
});
