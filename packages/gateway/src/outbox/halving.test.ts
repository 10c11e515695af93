import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { status as Grpc } from '@grpc/grpc-js';
import { expect } from 'chai';
import { counterFunctions } from '../test-support/fake-client.js';
import { FakeNetwork, grpcError } from '../test-support/fake-network.js';
import { outboxSession } from '../test-support/outbox-session.js';
import { Outbox } from './outbox.js';

/** Accepts and endorses batches of any size, and orders those that write no more than so many keys. */
function networkOf(mostKeys: number): FakeNetwork {
    const network = new FakeNetwork();
    network.faults.submit = (transactionId) => {
        if (network.writesOf(transactionId).size <= mostKeys) return;
        throw grpcError(Grpc.UNAVAILABLE, 'no orderers could successfully process transaction', [
            'message payload is 20971520 bytes and exceeds maximum allowed 10485760 bytes',
        ]);
    };
    return network;
}

describe('a crash while a batch that is too large is halved', function () {
    this.timeout(180_000);
    let folder: string;
    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), 'goodput-halving-'));
    });
    afterEach(() => {
        rmSync(folder, { recursive: true, force: true });
    });

    const keys = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    const contractOptions = { strategy: 'merge', functions: counterFunctions } as const;

    // The number of envelopes that are written before the process dies.
    for (const writes of [1, 2, 3, 4, 5, 6, 7]) {
        it(`after envelope ${writes} loses nothing and does nothing twice`, async () => {
            const network = networkOf(2);
            const first = await outboxSession(folder, network);
            const { outbox } = first;
            const write = outbox.addEnvelope.bind(outbox);
            let written = 0;
            const died = new Promise<void>((resolve) => {
                outbox.addEnvelope = async (...args) => {
                    written += 1;
                    if (written <= writes) await write(...args);
                    if (written < writes) return;
                    resolve();
                    // A dead process sends nothing any more.
                    await new Promise(() => undefined);
                };
            });
            const contract = first.client.contract(contractOptions);
            await Promise.all(keys.map((key) => contract.submitAsync('add', [key, '1'])));
            await died;
            await first.crash();

            const second = await outboxSession(folder, network);
            await second.client.engine.drain(10_000);
            expect(keys.map((key) => network.value(key))).to.deep.equal(keys.map(() => 1));
            await second.crash();
            const after = await Outbox.open(folder);
            expect(await after.list()).to.deep.equal([]);
            expect(await after.envelopes()).to.deep.equal([]);
            await after.close();
        });
    }

    it('marks only what the half on its way carries as sent', async () => {
        const network = networkOf(4);
        const first = await outboxSession(folder, network);
        const { outbox } = first;
        const write = outbox.addEnvelope.bind(outbox);
        const half = new Promise<void>((resolve) => {
            outbox.addEnvelope = async (record, replaces) => {
                await write(record, replaces);
                if (record.operations.length === keys.length) return;
                resolve();
                await new Promise(() => undefined);
            };
        });
        const contract = first.client.contract(contractOptions);
        await Promise.all(keys.map((key) => contract.submitAsync('add', [key, '1'])));
        await half;
        const states = (await outbox.list()).map(({ state }) => state);
        expect(states).to.deep.equal(keys.map((_, n) => (n < 4 ? 'sent' : 'waiting')));
        await first.crash();
    });
});
