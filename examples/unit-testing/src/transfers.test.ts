// A contract's tests on a real network in the test's own process: real reads, real blocks, real conflicts.
import { expect } from 'chai';
import { startNetwork, type Network } from '@goodput/devnet';
import { connect, type Client } from '@goodput/gateway';
import { Transfers } from './transfers.js';

describe('transfers', () => {
    let network: Network;
    let client: Client;

    before(async () => {
        network = await startNetwork({ block: { timeoutMs: 50 } });
        await network.deploy({ name: 'transfers', contracts: [Transfers] });
        client = await connect(network.profile);
    });
    after(async () => {
        await client.close();
        await network.stop();
    });

    async function balance(account: string): Promise<string> {
        const value = await client.contract('transfers').evaluate('balance', [account]);
        return Buffer.from(value).toString();
    }

    it('move money', async () => {
        const transfers = client.contract('transfers');
        await transfers.submit('deposit', ['a', '10']);
        await transfers.submit('transfer', ['a', 'b', '4']);
        expect(await balance('a')).to.equal('6');
        expect(await balance('b')).to.equal('4');
    });

    it('are refused when they would overdraw, and leave no trace', async () => {
        const refused = await client
            .contract('transfers')
            .submit('transfer', ['poor', 'b', '1'])
            .catch((error: unknown) => error);
        expect(refused).to.include({
            code: 'GATEWAY_CONTRACT_REJECTED',
            contractCode: 'OVERDRAWN',
        });
        expect(await balance('poor')).to.equal('0');
    });

    it('all get through when fifty people pay into one account at once', async () => {
        const transfers = client.contract('transfers');
        const paid = Array.from({ length: 50 }, () => transfers.submit('deposit', ['pot', '2']));
        await Promise.all(paid);
        expect(await balance('pot')).to.equal('100');
    });
});
