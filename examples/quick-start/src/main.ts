// Connect, submit, read. Give a network profile to run it on a network of yours.
import { GoodputContract, withBatching, type GoodputContext } from '@goodput/chaincode';
import { startNetwork } from '@goodput/devnet';
import { connect } from '@goodput/gateway';

class Greetings extends withBatching(GoodputContract) {
    async greet(ctx: GoodputContext, name: string): Promise<string> {
        await ctx.stub.putState(name, Buffer.from(`hello, ${name}`));
        return `hello, ${name}`;
    }

    async greeting(ctx: GoodputContext, name: string): Promise<string> {
        return (await ctx.stub.getState(name)).toString();
    }
}

async function main(): Promise<void> {
    const network = await startNetwork({ block: { timeoutMs: 100 } });
    await network.deploy({ name: 'greetings', contracts: [Greetings] });

    const client = await connect(process.argv[2] ?? network.profile);
    const greetings = client.contract('greetings');

    const receipt = await greetings.submit('greet', ['ada']);
    console.log(receipt.outcome); // => committed
    console.log(receipt.text()); // => hello, ada
    const greeting = await greetings.evaluate('greeting', ['ada']);
    console.log(Buffer.from(greeting).toString()); // => hello, ada

    await client.close();
    await network.stop();
}

void main();
