import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { Contract, type Context } from 'fabric-contract-api';
import { startNetwork, type Network } from '@goodput/devnet';
import { connect, type Client } from '@goodput/gateway';
import { withBatching, GoodputContract, type GoodputContext } from '@goodput/chaincode';

async function addOne(stub: Context['stub'], key: string): Promise<number> {
    const sum = Number(Buffer.from(await stub.getState(key)).toString() || '0') + 1;
    await stub.putState(key, Buffer.from(String(sum)));
    return sum;
}

/** A bare contract, as most are. */
class Bare extends Contract {
    add(ctx: Context, key: string): Promise<number> {
        return addOne(ctx.stub, key);
    }
}

class Batched extends withBatching(GoodputContract) {
    add(ctx: GoodputContext, key: string): Promise<number> {
        return addOne(ctx.stub, key);
    }
}

const endorsementPolicy = "AND('Org1MSP.peer', 'Org2MSP.peer')";

describe('a client of two organisations of which one lags', function () {
    this.timeout(180_000);
    let network: Network;
    let client: Client;
    /** What became of the client's transactions, as it logs it. */
    const logged: unknown[] = [];
    const log = (fields: object): void => {
        logged.push('code' in fields ? fields.code : undefined);
    };

    before(async () => {
        network = await startNetwork({
            organizations: ['Org1MSP', 'Org2MSP'],
            block: { timeoutMs: 10 },
        });
        await network.deploy({ name: 'bare', contracts: [Bare], endorsementPolicy });
        await network.deploy({ name: 'batched', contracts: [Batched], endorsementPolicy });
        client = await connect(network.profile, {
            logger: { debug: log, info: log, warn: log, error: log },
        });
    });
    afterEach(() => {
        network.faults.clear();
    });
    after(async () => {
        await client.close();
        await network.stop();
    });

    const lag = (delayMs: number): (() => void) =>
        network.faults.lagPeer({ peer: 'peer0.org2.example.com', delayMs });

    it('loses what it submits as it is, and is told which key differed', async () => {
        lag(600_000);
        const bare = client.contract('bare');
        await bare.submit('add', ['plain'], { strategy: 'direct' });
        const error = await bare
            .submit('add', ['plain'], { strategy: 'direct' })
            .catch((caught: unknown) => caught);
        expect(error).to.have.property('code', 'GATEWAY_ENDORSEMENT_MISMATCH');
        expect(error).to.have.property('message').that.includes('the read of key "plain"');
    });

    for (const name of ['bare', 'batched']) {
        it(`loses nothing of a hot key by itself: ${name} contract`, async () => {
            const contract = client.contract(name);
            const repair = lag(600_000);
            expect((await contract.submit('add', ['hot'])).text()).to.equal('1');
            // The peer that lags has not seen it: what follows at once is endorsed again.
            logged.length = 0;
            const following = contract.submit('add', ['hot']);
            while (!logged.includes('GATEWAY_ENDORSEMENT_MISMATCH')) await pause(1);
            repair();
            const receipt = await following;
            expect(receipt.text()).to.equal('2');
            expect(receipt.attempts).to.be.greaterThan(1);
            lag(30);
            await Promise.all(Array.from({ length: 12 }, () => contract.submit('add', ['hot'])));
            expect((await contract.submit('add', ['hot'])).text()).to.equal('15');
        });
    }
});
