import { expect } from 'chai';
import { BatchCapabilities } from '../merge/batch-capability.js';
import type { BatchBounds } from '../merge/batch-size.js';
import { counterFunctions, fakeClient } from '../test-support/fake-client.js';
import { FakeNetwork } from '../test-support/fake-network.js';
import type { Submission } from './options.js';
import type { Receipt } from './receipt.js';

const adds = (count: number): Submission[] =>
    Array.from({ length: count }, (_, n) => ({ transaction: 'add', args: [`k${n}`, '1'] }));

const largest = (receipts: readonly Receipt[]): number =>
    Math.max(...receipts.map(({ batchSize }) => batchSize));

describe('a client whose contracts change', () => {
    it('holds batches to what the contract allows now', async () => {
        const allowed = { operations: 1_000, bytes: 1_000_000, keys: 1_000 };
        const capabilities = new BatchCapabilities(
            () => Promise.resolve(Buffer.from('{}')),
            () => undefined,
        );
        let limits: BatchBounds = allowed;
        capabilities.of = () => Promise.resolve({ batchable: true, limits });
        const client = fakeClient(new FakeNetwork(), { strategy: 'merge' }, true, { capabilities });
        const contract = client.contract({ functions: counterFunctions });
        const run = async (count: number): Promise<number> =>
            largest(await contract.submitMany(adds(count)));

        expect(await run(50)).to.equal(50);
        limits = { ...allowed, operations: 5 };
        expect(await run(50)).to.equal(5);
        limits = { ...allowed, keys: 3 };
        expect(await run(50)).to.be.at.most(4);
        limits = allowed;
        for (let round = 0; round < 5; round++) await run(50);
        expect(await run(50)).to.equal(50);
        limits = { ...allowed, bytes: 100 };
        expect(await run(50)).to.be.lessThan(5);
    });

    it('keeps more contracts and functions than are told apart going', async () => {
        const network = new FakeNetwork();
        const client = fakeClient(network, { strategy: 'auto' });
        const receipts = await Promise.all(
            Array.from({ length: 1_200 }, async (_, n) => {
                const contract = client.contract(
                    { contract: `c${n}`, functions: n % 2 === 0 ? counterFunctions : {} },
                    `chaincode${n % 1_100}`,
                );
                return contract.submit('add', [`k${n}`, '1']);
            }),
        );
        expect(receipts).to.have.length(1_200);
        for (let n = 0; n < 1_200; n++) expect(network.value(`k${n}`)).to.equal(1);
        expect(client.engine.held).to.deep.equal({ operations: 0, bytes: 0 });
    });
});
