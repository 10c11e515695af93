import { expect } from 'chai';
import { Contract, type Context } from 'fabric-contract-api';
import { GatewayError } from '@hyperledger/fabric-gateway';
import type { Network } from '../network/network.js';
import { startNetwork } from '../network/start-network.js';
import { connectClient, type Client } from '../test-support/connect-client.js';

/** Takes keys as JSON: on the wire there is no half of a surrogate pair. */
class KeysContract extends Contract {
    async put(context: Context, key: string, value: string): Promise<void> {
        await context.stub.putState(JSON.parse(key) as string, Buffer.from(value));
    }

    async get(context: Context, key: string): Promise<string> {
        return Buffer.from(await context.stub.getState(JSON.parse(key) as string)).toString();
    }

    async keys(context: Context): Promise<string> {
        const found: string[] = [];
        const iterator = await context.stub.getStateByRange('', '');
        for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
            found.push(next.value.key);
        }
        await iterator.close();
        return JSON.stringify(found);
    }
}

const LONG = 'k'.repeat(64 * 1024);
const TAKEN = ['a', 'ä', '\ue000', '\u{1f600}', 'a\u0000b', '\u0000a', '\u{10ffff}', ' ', LONG];
const ONLY_ON_LEVELDB: readonly [key: string, refusal: string][] = [
    ['', 'Empty string is not supported as a key by couchdb'],
    ['_a', 'cannot begin with "_"'],
];

function byBytes(one: string, other: string): number {
    return Buffer.compare(Buffer.from(one), Buffer.from(other));
}

for (const stateDatabase of ['leveldb', 'couchdb'] as const) {
    describe(`keys of every kind, on ${stateDatabase}`, function () {
        this.timeout(180_000);
        let network: Network;
        let client: Client;

        before(async () => {
            network = await startNetwork({ stateDatabase, block: { timeoutMs: 10 } });
            await network.deploy({ name: 'keys', contracts: [KeysContract] });
            client = connectClient(network);
        });
        after(async () => {
            client.close();
            await network.stop();
        });

        const put = async (key: string): Promise<string> => {
            try {
                await client.contract('keys').submitTransaction('put', JSON.stringify(key), 'v');
                return 'taken';
            } catch (error) {
                return (error as GatewayError).details[0]?.message ?? '';
            }
        };
        const ask = async (...call: readonly [string, ...string[]]): Promise<string> =>
            Buffer.from(await client.contract('keys').evaluateTransaction(...call)).toString();

        it('are taken, read again, and found in the order of their bytes', async () => {
            for (const key of TAKEN) {
                expect(await put(key), JSON.stringify(key.slice(0, 9))).to.equal('taken');
                expect(await ask('get', JSON.stringify(key))).to.equal('v');
            }
            // A range without ends begins after the composite keys.
            const expected = TAKEN.filter((key) => !key.startsWith('\u0000')).toSorted(byBytes);
            expect(JSON.parse(await ask('keys'))).to.deep.equal(expected);
        });

        for (const [key, refusal] of ONLY_ON_LEVELDB) {
            it(`are refused where the database cannot hold them: ${JSON.stringify(key)}`, async () => {
                const outcome = await put(key);
                if (stateDatabase === 'leveldb') expect(outcome).to.equal('taken');
                else expect(outcome).to.include(refusal);
            });
        }

        for (const key of ['\ud800', 'a\udfffb']) {
            it(`are refused where they are no text: ${JSON.stringify(key)}`, async () => {
                expect(await put(key)).to.include('invalid UTF-8');
            });
        }
    });
}
