import { execFile } from 'node:child_process';
import { expect } from 'chai';

const devnet = require.resolve('../index.js');
const contracts = require.resolve('../test-support/counter-contract.js');
const client = require.resolve('../test-support/connect-client.js');

/** A program that loads these first, has a transaction committed, and ends by `last`. */
function program(order: readonly string[], last: string): string {
    return `
        for (const each of ${JSON.stringify(order)}) require(each);
        const { startNetwork } = require(${JSON.stringify(devnet)});
        const { CounterContract } = require(${JSON.stringify(contracts)});
        const { connectClient } = require(${JSON.stringify(client)});
        async function main() {
            const network = await startNetwork({ block: { timeoutMs: 20 } });
            await network.deploy({ name: 'counter', contracts: [CounterContract] });
            const connected = connectClient(network);
            const contract = connected.contract('counter');
            await contract.submitTransaction('increment', 'k');
            connected.close();
            await network.stop();
            ${last}
        }
        main().catch((error) => {
            console.log(error);
            process.exit(3);
        });`;
}

async function exitCode(text: string): Promise<{ code: unknown; output: string }> {
    return new Promise((resolve) => {
        execFile(process.execPath, ['-e', text], { cwd: __dirname }, (error, stdout, stderr) => {
            resolve({ code: error?.code ?? 0, output: stdout + stderr });
        });
    });
}

describe('the protocol, of which a process may hold two copies', () => {
    const orders = [
        ['fabric-shim'],
        ['fabric-shim', '@hyperledger/fabric-gateway'],
        ['@hyperledger/fabric-gateway', 'fabric-shim'],
        [devnet, 'fabric-shim'],
    ];
    for (const order of orders) {
        const names = order.map((each) => (each === devnet ? 'the network' : each));
        it(`works when what is loaded first is ${names.join(', then ')}`, async function () {
            this.timeout(180_000);
            const { code, output } = await exitCode(program(order, ''));
            expect(code, output).to.equal(0);
        });
    }
});

describe('a program with a network in it', () => {
    for (const last of [
        "setImmediate(() => { throw new Error('late'); });",
        "void Promise.reject(new Error('late'));",
    ]) {
        it(`ends badly on an error nobody catches: ${last}`, async function () {
            this.timeout(180_000);
            const { code, output } = await exitCode(program(['fabric-shim'], last));
            expect(code, output).to.equal(1);
            expect(output).to.include('Error: late');
        });
    }
});
