import { expect } from 'chai';
import fc from 'fast-check';
import sinon from 'sinon';
import { ConcurrencyLimit } from './concurrency-limit.js';

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the limit on concurrent calls', () => {
    it('halves when the peer has too many, once for a burst of refusals', () => {
        const clock = sinon.useFakeTimers({ toFake: ['performance'] });
        try {
            clock.tick(1_000);
            const limit = new ConcurrencyLimit({ max: 400, initial: 128 });
            for (let n = 0; n < 50; n++) limit.overloaded();
            expect(limit.limit).to.equal(64);
            clock.tick(300);
            limit.overloaded();
            expect(limit.limit).to.equal(32);
        } finally {
            clock.restore();
        }
    });

    it('stays below its bound, however small that is', () => {
        const limit = new ConcurrencyLimit({ max: 2, initial: 2 });
        limit.overloaded();
        expect(limit.limit).to.equal(2);
    });

    it('grows while calls are waiting and succeed', async () => {
        const limit = new ConcurrencyLimit({ max: 10, initial: 4 });
        await Promise.all(Array.from({ length: 200 }, () => limit.run(nextTurn, 'cc')));
        expect(limit.limit).to.equal(10);
    });

    it('leaves room for one owner when the calls of another hang', async () => {
        const limit = new ConcurrencyLimit({ max: 16, initial: 16 });
        let end: () => void = () => undefined;
        const hangs = new Promise<void>((resolve) => {
            end = resolve;
        });
        const hanging = Array.from({ length: 50 }, () => limit.run(() => hangs, 'sick'));
        expect([limit.running, limit.waiting]).to.deep.equal([16, 34]);
        let most = 0;
        const served = Array.from({ length: 50 }, () =>
            limit.run(async () => {
                most = Math.max(most, limit.running);
                await nextTurn();
            }, 'well'),
        );
        await Promise.all(served);
        expect(most).to.equal(18);
        expect([limit.running, limit.waiting]).to.deep.equal([16, 34]);
        end();
        await Promise.all(hanging);
    });

    it('never runs more than its limit, and loses no call', async () => {
        const plan = fc.array(fc.constantFrom('ok', 'fail', 'overload'), { maxLength: 80 });
        await fc.assert(
            fc.asyncProperty(plan, async (calls) => {
                const limit = new ConcurrencyLimit({ max: 8, initial: 6 });
                let running = 0;
                const results = await Promise.allSettled(
                    calls.map((kind) =>
                        limit.run(async () => {
                            running += 1;
                            expect(running).to.be.at.most(8);
                            await nextTurn();
                            running -= 1;
                            if (kind === 'overload') limit.overloaded();
                            if (kind !== 'ok') throw new Error(kind);
                        }, 'cc'),
                    ),
                );
                expect(results).to.have.length(calls.length);
                expect([limit.running, limit.waiting]).to.deep.equal([0, 0]);
            }),
            { numRuns: 200 },
        );
    });
});
