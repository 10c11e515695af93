import { expect } from 'chai';
import { Contract, type Context } from 'fabric-contract-api';
import { startNetwork, type Network } from '@goodput/devnet';
import { connect, type Client } from '@goodput/gateway';
import { defineKey, part, string, uint } from '@goodput/keys';

const reading = defineKey({
    name: 'reading',
    layout: 'composite',
    parts: [part('ward', string()), part('number', uint({ digits: 4 }))],
});

/** A bare contract: the keys are ours, everything else is Fabric's own. */
class Readings extends Contract {
    async write(ctx: Context, ward: string, number: string): Promise<void> {
        const key = reading.build({ ward, number: Number(number) });
        await ctx.stub.putState(key, Buffer.from(number));
    }

    async ofWard(ctx: Context, ward: string): Promise<string> {
        const found: string[] = [];
        for await (const row of ctx.stub.getStateByPartialCompositeKey('reading', [ward])) {
            const parsed = reading.parse(row.key);
            found.push(`${parsed.ward}/${parsed.number}`);
        }
        return found.join(' ');
    }
}

describe('composite keys of ours', function () {
    this.timeout(180_000);
    let network: Network;
    let client: Client;

    before(async () => {
        network = await startNetwork({ block: { timeoutMs: 20 } });
        await network.deploy({ name: 'readings', contracts: [Readings] });
        client = await connect(network.profile, { strategy: 'direct' });
    });
    after(async () => {
        await client.close();
        await network.stop();
    });

    it("are found by the stub's own partial scan, in the order of their numbers", async () => {
        const readings = client.contract('readings');
        for (const [ward, number] of [
            ['west', 10],
            ['west', 9],
            ['western', 1],
            ['west', 100],
        ] as const) {
            await readings.submit('write', [ward, String(number)]);
        }
        const found = Buffer.from(await readings.evaluate('ofWard', ['west'])).toString();
        expect(found).to.equal('west/9 west/10 west/100');
    });
});
