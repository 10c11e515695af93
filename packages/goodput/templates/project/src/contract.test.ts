import { expect } from 'chai';
import { startNetwork, type Network } from '@goodput/devnet';
import { connect, type Client } from '@goodput/gateway';
import { BedContract } from './contract.js';

describe('the wards', () => {
    let network: Network;

    before(async () => {
        network = await startNetwork({ block: { timeoutMs: 100 } });
        await network.deploy({ name: '{{name}}', contracts: [BedContract] });
    });
    after(() => network.stop());

    async function withClient<T>(
        strategy: 'direct' | 'auto',
        use: (client: Client) => Promise<T>,
    ): Promise<T> {
        const client = await connect(network.profile, { strategy });
        try {
            return await use(client);
        } finally {
            await client.close();
        }
    }

    it('lose admissions that meet on a key when each is a transaction of its own', async () => {
        const outcomes = await withClient('direct', (client) =>
            client
                .contract('{{name}}')
                .submitMany(
                    Array.from({ length: 20 }, () => ({ transaction: 'admit', args: ['west'] })),
                ),
        );
        const codes = outcomes.map((each) =>
            each.outcome === 'committed' ? 'VALID' : each.error.code,
        );
        expect(codes).to.include('VALID').and.to.include('GATEWAY_MVCC_CONFLICT');
    });

    it('lose none with a client that knows the dependencies', async () => {
        const taken = await withClient('auto', async (client) => {
            const beds = client.contract('{{name}}');
            await Promise.all(Array.from({ length: 100 }, () => beds.submit('admit', ['east'])));
            return Buffer.from(await beds.evaluate('taken', ['east'])).toString();
        });
        expect(taken).to.equal('100');
    });

    it('are never overfilled', async () => {
        await withClient('auto', async (client) => {
            const beds = client.contract('{{name}}');
            const receipts = await beds.submitMany(
                Array.from({ length: 250 }, () => ({ transaction: 'admit', args: ['north'] })),
            );
            const refused = receipts.filter(({ outcome }) => outcome === 'rejected');
            expect(refused).to.have.length(50);
        });
    });
});
