// A counter that everybody increments: first as it usually is, then with two changes.
import { connect as plainConnect, hash } from '@hyperledger/fabric-gateway';
import { GoodputContract, withBatching, type GoodputContext } from '@goodput/chaincode';
import { startNetwork } from '@goodput/devnet';
import { connect } from '@goodput/gateway';
import { dial, nativeSigner, resolveProfile, type NetworkProfile } from '@goodput/network';

const CALLS = 50;

// Change 1: the contract takes batches. Its code stays as it is: read, add, write.
class Counter extends withBatching(GoodputContract) {
    async add(ctx: GoodputContext, key: string): Promise<number> {
        const next = (await this.value(ctx, key)) + 1;
        await ctx.stub.putState(key, Buffer.from(String(next)));
        return next;
    }

    async value(ctx: GoodputContext, key: string): Promise<number> {
        return Number((await ctx.stub.getState(key)).toString() || '0');
    }
}

/** Before: the official client. Of those endorsed on one version of the key, Fabric keeps one. */
async function before(profile: NetworkProfile): Promise<number> {
    const network = resolveProfile(profile);
    const { mspId, certificate, privateKey } = network.identity();
    const client = dial(network.peer());
    const gateway = plainConnect({
        client,
        identity: { mspId, credentials: Buffer.from(certificate) },
        signer: nativeSigner(privateKey).sign,
        hash: hash.none,
    });
    const contract = gateway.getNetwork(network.channel).getContract('counter');
    const calls = Array.from({ length: CALLS }, async () => {
        const submitted = await contract.submitAsync('add', { arguments: ['before'] });
        return (await submitted.getStatus()).successful;
    });
    const valid = (await Promise.all(calls)).filter(Boolean).length;
    gateway.close();
    client.close();
    return valid;
}

/** After, with change 2: a client that knows what the calls depend on. */
async function after(profile: NetworkProfile): Promise<number> {
    const client = await connect(profile);
    const counter = client.contract('counter');
    await Promise.all(Array.from({ length: CALLS }, () => counter.submit('add', ['after'])));
    const value = Number(Buffer.from(await counter.evaluate('value', ['after'])).toString());
    await client.close();
    return value;
}

async function main(): Promise<void> {
    const network = await startNetwork({ block: { timeoutMs: 200 } });
    await network.deploy({ name: 'counter', contracts: [Counter] });
    const valid = await before(network.profile);
    console.log(`before: ${valid < CALLS / 2 ? 'most' : 'some'} were lost`); // => before: most were lost
    console.log(`after: ${await after(network.profile)} of ${CALLS}`); // => after: 50 of 50
    await network.stop();
}

void main();
