import { startNetwork, type Network } from '@goodput/devnet';
import { resolveProfile } from '@goodput/network';
import { expect } from 'chai';
import sinon from 'sinon';
import { PlainCounters } from '../test-support/counters-contract.js';
import { FabricTransport } from './fabric-transport.js';
import { signingOf } from './signing.js';

describe('the transport', function () {
    this.timeout(180_000);
    let network: Network;
    let transport: FabricTransport;
    before(async () => {
        network = await startNetwork({ block: { timeoutMs: 30 } });
        await network.deploy({ name: 'plain', contracts: [PlainCounters] });
        const profile = resolveProfile(network.profile);
        const { channel, peers } = profile;
        transport = await FabricTransport.open({
            channel,
            peers,
            signing: signingOf(profile.identity()),
            concurrency: { max: 10, initial: 10 },
            wholeBlocks: true,
            stallMs: 60_000,
        });
    });
    after(async () => {
        sinon.restore();
        await transport.close();
        await network.stop();
    });

    /** Until the stream is open and has shown what there is; the test's own time limit ends the wait. */
    const isCurrent = async (): Promise<void> => {
        while (!transport.current) await new Promise((resolve) => setTimeout(resolve, 10));
    };

    it('does not call itself current while it knows of a block that has not come in', async () => {
        await isCurrent();
        const seen = transport.feed.height;
        const stalled = sinon.stub(transport.feed, 'height').get(() => seen);
        sinon.stub(transport.tracker, 'recent').returns(undefined);
        const call = { chaincode: 'plain', transaction: 'add', args: ['k', '1'] };
        const endorsed = await transport.endorse(call, { timeoutMs: 10_000 });
        await transport.submit(endorsed, { timeoutMs: 10_000 });
        const status = await transport.lookup(endorsed.transactionId, { timeoutMs: 10_000 });
        expect(status?.code).to.equal(0);
        expect(transport.current).to.equal(false);
        stalled.restore();
        await isCurrent();
        expect(transport.height).to.equal(seen + 1n);
    });
});
