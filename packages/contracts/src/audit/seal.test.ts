import type { GoodputContext } from '@goodput/chaincode';
import { compareKeys } from '@goodput/keys';
import { expect } from 'chai';
import { auditKeys } from './keys.js';
import { DAY_MS } from './days.js';
import { checkBucket, sealBucket } from './seal.js';

const tenant = 'default';
const day = Date.UTC(2026, 10, 20);

/** A peer whose operator lets a query give four results: it ends there, and says nothing of it. */
class FrugalPeer {
    readonly #rows = new Map<string, string>();
    read = 0;

    append(shard: number, on: number, count: number): void {
        for (let seq = 0; seq < count; seq++) {
            const parts = { tenant, day: on, shard, at: on + 1, tx: 'ab'.repeat(32), seq };
            this.#rows.set(auditKeys.event.build(parts), JSON.stringify({ seq }));
        }
    }

    context(): GoodputContext {
        const rows = this.#rows;
        // eslint-disable-next-line @typescript-eslint/no-this-alias
        const peer = this;
        const stub = {
            getTxID: () => 'cd'.repeat(32),
            getState: (key: string) => Promise.resolve(Buffer.from(rows.get(key) ?? '')),
            putState: (key: string, value: string) => Promise.resolve(void rows.set(key, value)),
            async *getStateByRange(startKey: string, endKey: string) {
                const inside = [...rows.keys()]
                    .filter(
                        (key) => compareKeys(key, startKey) >= 0 && compareKeys(key, endKey) < 0,
                    )
                    .sort(compareKeys);
                for (const key of inside.slice(0, 4)) {
                    peer.read++;
                    yield await Promise.resolve({ key, value: Buffer.from(rows.get(key) ?? '') });
                }
            },
        };
        const context = { stub, time: { ms: day + 9 * DAY_MS }, emit: () => undefined };
        return context as unknown as GoodputContext;
    }
}

describe('sealing on a peer that ends queries early', () => {
    for (const count of [0, 1, 3, 4, 5, 8, 9]) {
        it(`seals all of ${count} rows`, async () => {
            const peer = new FrugalPeer();
            peer.append(2, day, count);
            const bucket = { tenant, shard: 2, day };
            expect(await sealBucket(peer.context(), bucket)).to.include({ count });
            const { intact, found } = await checkBucket(peer.context(), bucket);
            expect({ intact, count: found.count }).to.deep.equal({ intact: true, count });
        });
    }

    it('sees a day that would be skipped behind the rows of other shards', async () => {
        const peer = new FrugalPeer();
        peer.append(0, day, 20);
        peer.append(7, day, 20);
        peer.append(5, day + DAY_MS, 1);
        const error = await sealBucket(peer.context(), {
            tenant,
            shard: 5,
            day: day + 2 * DAY_MS,
        }).catch((thrown: unknown) => thrown);
        expect(String(error)).to.contain('2026-11-21 has rows and is not sealed');
        // From bucket to bucket, not through what they hold.
        expect(peer.read).to.be.at.most(4);
    });

    it('begins a shard that had no rows yet, however many the others have', async () => {
        const peer = new FrugalPeer();
        for (const shard of [0, 4, 6]) peer.append(shard, day, 20);
        const sealed = await sealBucket(peer.context(), { tenant, shard: 5, day: day + DAY_MS });
        expect(sealed).to.include({ count: 0, index: 0 });
    });
});
