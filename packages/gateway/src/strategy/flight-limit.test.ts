import { expect } from 'chai';
import sinon from 'sinon';
import { FlightLimit } from './flight-limit.js';

describe('bounding the transactions of a contract', () => {
    let clock: sinon.SinonFakeTimers;
    beforeEach(() => {
        clock = sinon.useFakeTimers({ toFake: ['performance', 'Date'] });
    });
    afterEach(() => {
        clock.restore();
    });

    const make = (): FlightLimit => new FlightLimit({ max: 2_000, initial: 64, latencyMs: 2_000 });
    /** Rounds in which as many transactions as may be start and take as long as the network needs. */
    const drive = (flight: FlightLimit, rounds: number, tookMs: (count: number) => number) => {
        for (let round = 0; round < rounds; round++) {
            const count = flight.limit;
            for (let n = 0; n < count; n++) flight.started();
            expect(flight.full).to.equal(true);
            const took = tookMs(count);
            clock.tick(took);
            for (let n = 0; n < count; n++) flight.finished(took);
        }
    };

    it('settles where a network of fixed capacity still commits within half of the goal', () => {
        const flight = make();
        flight.started();
        flight.finished(50);
        drive(flight, 30, (count) => count * 50);
        expect(flight.limit * 50).to.be.within(400, 1_200);
    });

    it('grows while all are in use and commit in time', () => {
        const flight = make();
        for (let round = 0; round < 2_000; round++) {
            while (!flight.full) flight.started();
            flight.finished(100);
        }
        expect(flight.limit).to.be.greaterThan(64);
    });

    it('takes a network with long block times for slow, not for full', () => {
        const flight = make();
        drive(flight, 20, () => 2_050);
        expect(flight.limit).to.be.at.least(64);
    });

    it('learns nothing from what was repeated, and never goes below a few', () => {
        const flight = make();
        flight.started();
        flight.finished(undefined);
        expect(flight.limit).to.equal(64);
        flight.started();
        flight.finished(10);
        drive(flight, 50, () => 60_000);
        expect(flight.limit).to.be.at.least(4);
        drive(make(), 1, () => 10);
    });
});
