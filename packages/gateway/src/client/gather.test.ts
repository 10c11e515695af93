import { expect } from 'chai';
import sinon from 'sinon';
import { counterFunctions, fakeClient } from '../test-support/fake-client.js';
import { FakeNetwork } from '../test-support/fake-network.js';
import type { Receipt } from './receipt.js';

const blockMs = 500;

describe('operations that meet on keys, with auto', function () {
    this.timeout(180_000);
    let time: sinon.SinonFakeTimers;
    beforeEach(() => {
        time = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    });
    afterEach(() => {
        time.restore();
    });

    const turn = async (ms: number): Promise<void> => {
        await time.tickAsync(ms);
        for (let n = 0; n < 3; n++) await new Promise((resolve) => setImmediate(resolve));
    };

    /** Receipts of a steady load on so many keys, after the first seconds. */
    const receiptsOf = async (
        network: FakeNetwork,
        keys: number,
        { everyMs = 5, unknownEvery = Infinity } = {},
    ): Promise<readonly Receipt[]> => {
        const endorse = network.endorse.bind(network);
        network.endorse = async (call) => {
            await new Promise((resolve) => setTimeout(resolve, 15));
            return endorse(call);
        };
        const functions = { ...counterFunctions, move: {} };
        const contract = fakeClient(network).contract({ functions });
        const receipts: Promise<Receipt>[] = [];
        for (let n = 0; n < 10_000 / everyMs; n++) {
            const key = `k${(n * 7919) % keys}`;
            const isUnknown = n % unknownEvery === unknownEvery - 1;
            const ticket = isUnknown
                ? await contract.submitAsync('move', [key, `other-${key}`])
                : await contract.submitAsync('add', [key, '1']);
            if (n > 3_000 / everyMs) receipts.push(ticket.receipt);
            await turn(everyMs);
        }
        for (let n = 0; n < 20; n++) await turn(blockMs / 5);
        return Promise.all(receipts);
    };

    for (const keys of [12, 100]) {
        it(`mostly catch the block that is being filled, on ${keys} keys`, async () => {
            const network = new FakeNetwork(blockMs);
            const receipts = await receiptsOf(network, keys);
            expect(receipts.every(({ outcome }) => outcome === 'committed')).to.equal(true);
            expect(network.chain.every(({ code }) => code === 0)).to.equal(true);
            const times = receipts.map(({ elapsedMs }) => elapsedMs).sort((a, b) => a - b);
            // Half a block on average; one that holds its keys from the start makes others wait for
            // the rest of its block and all of the next.
            expect(times[times.length >> 1]).to.be.below(0.85 * blockMs);
            expect(times[Math.floor(times.length * 0.95)]).to.be.below(2 * blockMs);
        });
    }

    it('share transactions with what meets everything, because its keys are not known', async () => {
        const network = new FakeNetwork(blockMs);
        const receipts = await receiptsOf(network, 12, { unknownEvery: 20 });
        expect(receipts.every(({ outcome }) => outcome === 'committed')).to.equal(true);
        const times = receipts.map(({ elapsedMs }) => elapsedMs).sort((a, b) => a - b);
        // What waits for a block of its own before and after each of these never catches up.
        expect(times[times.length >> 1]).to.be.below(2 * blockMs);
        expect(times[Math.floor(times.length * 0.95)]).to.be.below(4 * blockMs);
    });

    it('catch the block that is being filled as well when more come than may leave alone', async () => {
        const network = new FakeNetwork(blockMs);
        // Twice as many a block as may be under way at first, and no two on one key.
        const receipts = await receiptsOf(network, 10_000, { everyMs: 4 });
        expect(receipts.every(({ outcome }) => outcome === 'committed')).to.equal(true);
        expect(network.chain.length).to.be.below(1_500);
        const times = receipts.map(({ elapsedMs }) => elapsedMs).sort((a, b) => a - b);
        // Alone each would wait for what is left of its block, and for endorsing.
        expect(times[times.length >> 1]).to.be.below(0.75 * blockMs);
        expect(times[Math.floor(times.length * 0.95)]).to.be.below(1.25 * blockMs);
    });

    it('leave at once where nothing meets', async () => {
        const network = new FakeNetwork(blockMs);
        const receipts = await receiptsOf(network, 10_000, { everyMs: 20 });
        expect(receipts.every(({ batchSize }) => batchSize === 1)).to.equal(true);
    });
});
