import { expect } from 'chai';
import sinon from 'sinon';
import type { Receipt } from '../client/receipt.js';
import { counterFunctions, fakeClient, type FakeClient } from '../test-support/fake-client.js';
import { ReadableNetwork, type Readable } from '../test-support/readable-network.js';
import type { Call, Endorsed } from '../transport/transport.js';

const blockMs = 500;
const endorseMs = 15;
/** Neighbours that one scan reads. */
const scanned = 10;

const key = (n: number): string => `k${n}`;

/**
 * Endorsing takes its time, and there is `scan key`, which reads a key and its neighbours as a range:
 * which keys it will read can be told neither from its arguments nor from what it has read before.
 */
class ScannedNetwork extends ReadableNetwork {
    override async endorse(call: Call): Promise<Endorsed> {
        await new Promise((resolve) => setTimeout(resolve, endorseMs));
        if (call.transaction !== 'scan') return super.endorse(call);
        return super.endorse({ ...call, transaction: 'get' });
    }

    protected override readableOf(call: Call, transactionId: string): Readable {
        const readable = super.readableOf(call, transactionId);
        if (call.transaction !== 'get') return readable;
        const reads = this.readsOf(transactionId) as Map<string, number>;
        const first = Number(String(call.args[0]).slice(1));
        for (let n = first; n < first + scanned; n++) {
            reads.set(key(n), this.state.get(key(n))?.version ?? 0);
        }
        return { ...readable, reads: [] };
    }
}

interface Submitted {
    readonly transaction: string;
    readonly receipt: Receipt;
}

describe('a load of many operations that hardly meet, with auto', function () {
    this.timeout(180_000);
    let time: sinon.SinonFakeTimers;
    let network: ScannedNetwork;
    let client: FakeClient;
    beforeEach(() => {
        time = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
        network = new ScannedNetwork(blockMs);
        client = fakeClient(network);
    });
    afterEach(() => {
        time.restore();
    });

    const turn = async (ms: number): Promise<void> => {
        await time.tickAsync(ms);
        for (let n = 0; n < 3; n++) await new Promise((resolve) => setImmediate(resolve));
    };

    /** One operation every so many milliseconds; the receipts after so many seconds. */
    const offer = async (
        seconds: { readonly all: number; readonly before: number },
        everyMs: number,
        next: (n: number) => readonly [transaction: string, ...keys: string[]],
    ): Promise<readonly Submitted[]> => {
        const { add, move } = counterFunctions;
        const contract = client.contract({ functions: { add: add!, move: move! } });
        const submitted: Promise<Submitted>[] = [];
        const perSecond = 1_000 / everyMs;
        for (let n = 0; n < seconds.all * perSecond; n++) {
            const [transaction, ...keys] = next(n);
            const ticket = await contract.submitAsync(transaction, [...keys, '1']);
            if (n >= seconds.before * perSecond) {
                submitted.push(ticket.receipt.then((receipt) => ({ transaction, receipt })));
            }
            await turn(everyMs);
        }
        for (let n = 0; n < 20; n++) await turn(blockMs / 5);
        const all = await Promise.all(submitted);
        expect(all.every(({ receipt }) => receipt.outcome === 'committed')).to.equal(true);
        return all;
    };

    /** The time within which such a share of them has its receipt, in blocks. */
    const within = (all: readonly Submitted[], share: number, transaction = 'add'): number => {
        const times = all
            .filter((each) => each.transaction === transaction)
            .map(({ receipt }) => receipt.elapsedMs)
            .sort((a, b) => a - b);
        return (times[Math.floor(times.length * share)] ?? Infinity) / blockMs;
    };

    const why = (): string =>
        client.engine.explain().find(({ function: name }) => name === 'counters:scan')?.why ?? '';

    it('does not have all wait for a few whose keys are not known, from its first block on', async () => {
        // A hundred and more a block, of which sixty-four may leave alone; one in six scans.
        const all = await offer({ all: 4, before: 0 }, 4, (n) => [
            n % 6 === 0 ? 'scan' : 'add',
            key(n * 20),
        ]);
        const scans = all.filter(({ transaction }) => transaction === 'scan');
        expect(scans.every(({ receipt }) => receipt.strategy === 'retry')).to.equal(true);
        expect(within(all, 0.5)).to.be.below(1);
        expect(within(all, 0.95, 'scan')).to.be.below(1.25);
    });

    it('catches the block being filled with those crowded out, beside some that gather', async () => {
        const hot = (n: number): boolean => n % 10 === 0;
        const all = await offer({ all: 8, before: 4 }, 4, (n) => [
            'add',
            key(hot(n) ? (n / 10) % 5 : 100 + n),
        ]);
        expect(within(all, 0.95)).to.be.below(1.25);
        expect(within(all, 1 - 1e-9)).to.be.below(2.25);
        expect(network.chain.length).to.be.below(1_500);
    });

    it('has what meets on keys leave together, from its first block on', async () => {
        // Each takes two keys, a few of them most often: whoever waits for one keeps others from the other.
        const some = (n: number): string => key(Math.floor(400 * ((n % 101) / 101) ** 4));
        const all = await offer({ all: 4, before: 0 }, 5, (n) => [
            'move',
            some(n * 37),
            `other-${some(n * 59 + 7)}`,
        ]);
        expect(within(all, 0.5, 'move')).to.be.below(1.25);
        expect(within(all, 0.95, 'move')).to.be.below(3);
    });

    it('starts early in a block what reads much, rather than repeat it or have all wait for it', async () => {
        const all = await offer({ all: 20, before: 10 }, 10, (n) =>
            n % 20 === 0 ? ['scan', key((n * 7) % 90)] : ['add', key((n * 37) % 100)],
        );
        expect(why()).to.match(/it only reads, .* each when a block has just come/);
        expect(within(all, 0.9)).to.be.below(1.25);
        const scans = all.filter(({ transaction }) => transaction === 'scan');
        const atOnce = scans.filter(({ receipt }) => receipt.attempts === 1);
        expect(atOnce.length).to.be.above(0.5 * scans.length);
        expect(within(all, 0.9, 'scan')).to.be.below(3.25);
    });
});
