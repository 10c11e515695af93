import { expect } from 'chai';
import { GatewayError, StatusCode } from '@hyperledger/fabric-gateway';
import type { Network } from '../network/network.js';
import { startNetwork } from '../network/start-network.js';
import { connectClient, type Client } from '../test-support/connect-client.js';
import { CounterContract } from '../test-support/counter-contract.js';
import { EverythingContract } from '../test-support/everything-contract.js';

const BEHIND = 'peer0.org2.example.com';
const AHEAD = 'peer0.org1.example.com';
const both = "AND('Org1MSP.peer', 'Org2MSP.peer')";

describe('a peer that lags', function () {
    this.timeout(180_000);
    let network: Network;
    let ahead: Client;
    let behind: Client;

    before(async () => {
        network = await startNetwork({
            organizations: ['Org1MSP', 'Org2MSP'],
            stateDatabase: 'couchdb',
            block: { timeoutMs: 10 },
        });
        const code = [CounterContract, EverythingContract];
        await network.deploy({
            name: 'one',
            contracts: code,
            endorsementPolicy: "OR('Org1MSP.peer', 'Org2MSP.peer')",
        });
        await network.deploy({ name: 'both', contracts: code, endorsementPolicy: both });
        ahead = connectClient(network, { peer: AHEAD });
        behind = connectClient(network, { identity: 'user1@Org2MSP', peer: BEHIND });
    });
    afterEach(() => {
        network.faults.clear();
    });
    after(async () => {
        ahead.close();
        behind.close();
        await network.stop();
    });

    const put = (key: string, value: string): Promise<Uint8Array> =>
        ahead.contract('one').submitTransaction('put', key, value);
    const seenBy = async (client: Client, key: string): Promise<string> =>
        Buffer.from(await client.contract('one').evaluateTransaction('get', key)).toString();

    it('sees the state of so many blocks ago, and all of it once repaired', async () => {
        await put('a', '1');
        const repair = network.faults.lagPeer({ peer: BEHIND, blocks: 2 });
        expect(await seenBy(behind, 'a')).to.equal('1');
        for (const [value, seen] of [
            ['2', '1'],
            ['3', '1'],
            ['4', '2'],
            ['5', '3'],
        ] as const) {
            await put('a', value);
            expect(await seenBy(ahead, 'a')).to.equal(value);
            expect(await seenBy(behind, 'a')).to.equal(seen);
        }
        repair();
        repair();
        expect(await seenBy(behind, 'a')).to.equal('5');
    });

    it('is repaired once, whoever repairs it and however often', async () => {
        await put('a', '1');
        const late = network.faults.lagPeer({ peer: BEHIND, blocks: 1 });
        network.faults.clear();
        network.faults.clear();
        network.faults.lagPeer({ peer: BEHIND, blocks: 1 });
        late();
        await put('a', '2');
        expect(await seenBy(behind, 'a')).to.equal('1');
    });

    it('sees what was so long ago', async () => {
        await put('b', '1');
        const repair = network.faults.lagPeer({ peer: BEHIND, delayMs: 600_000 });
        await put('b', '2');
        expect(await seenBy(behind, 'b')).to.equal('1');
        repair();
        network.faults.lagPeer({ peer: BEHIND, delayMs: 50 });
        await put('b', '3');
        let seen = '2';
        while (seen === '2') seen = await seenBy(behind, 'b');
        expect(seen).to.equal('3');
    });

    it('endorses otherwise than the others what they have written since: the error says which key', async () => {
        const counter = ahead.contract('both');
        await counter.submitTransaction('increment', 'hot');
        const repair = network.faults.lagPeer({ peer: BEHIND, blocks: 1 });
        await counter.submitTransaction('increment', 'hot');
        const error = await counter
            .submitTransaction('increment', 'hot')
            .catch((caught: unknown) => caught);
        expect(error).to.be.instanceOf(GatewayError);
        const { code, details } = error as GatewayError;
        expect(code).to.equal(10);
        const message = details[0]?.message;
        expect(message).to.include('ProposalResponsePayloads do not match');
        expect(message).to.match(
            /the read of key "hot" of chaincode both is "version \d+:0" on peer0\.org1\.example\.com and "version \d+:0" on peer0\.org2\.example\.com/,
        );
        expect(message).to.include('endorse it again').and.not.include('not deterministic');
        // What the last block has not written both see alike.
        await counter.submitTransaction('increment', 'cold');
        await counter.submitTransaction('increment', 'hot');
        repair();
        expect(
            Buffer.from(await counter.submitTransaction('increment', 'hot')).toString(),
        ).to.equal('4');
    });

    it('is told of a conflict where it endorses alone, as on a real network', async () => {
        await put('c', '1');
        network.faults.lagPeer({ peer: BEHIND, blocks: 1 });
        await put('c', '2');
        const commit = await behind.contract('one').submitAsync('increment', { arguments: ['c'] });
        expect((await commit.getStatus()).code).to.equal(StatusCode.MVCC_READ_CONFLICT);
    });

    it('answers queries, histories and ranges of then, and leaves those of the others alone', async () => {
        const all = (client: Client): ReturnType<Client['contract']> => client.contract('one');
        const query = '{"selector":{"kind":"lag"}}';
        const asked = async (client: Client): Promise<string> =>
            Buffer.from(
                await all(client).evaluateTransaction('everything:query', query),
            ).toString();
        await put('q1', '{"kind":"lag"}');
        network.faults.lagPeer({ peer: BEHIND, blocks: 1 });
        await put('q2', '{"kind":"lag"}');
        expect(await asked(behind)).to.equal('["q1"]');
        expect(await asked(ahead)).to.equal('["q1","q2"]');
        await put('q3', '{"kind":"lag"}');
        expect(await asked(ahead)).to.equal('["q1","q2","q3"]');
        expect(await asked(behind)).to.equal('["q1","q2"]');
    });

    it('goes back with the ledger', async () => {
        const channel = network.channel();
        await put('d', '1');
        const snapshot = await channel.snapshot();
        network.faults.lagPeer({ peer: BEHIND, blocks: 1 });
        await put('d', '2');
        await put('d', '3');
        await channel.restore(snapshot);
        expect(await seenBy(behind, 'd')).to.equal('1');
        await put('d', '4');
        expect(await seenBy(behind, 'd')).to.equal('1');
        await put('d', '5');
        expect(await seenBy(behind, 'd')).to.equal('4');
    });

    it('lets chaincodes be deployed meanwhile, and lags on channels that are added', async () => {
        network.faults.lagPeer({ peer: BEHIND, blocks: 1 });
        await network.addChannel('added');
        await network.deploy({ name: 'later', contracts: [CounterContract], channels: ['added'] });
        const later = behind.contract('later', 'added');
        expect(Buffer.from(await later.evaluateTransaction('get', 'x')).toString()).to.equal('');
    });

    it('lags by one of the two, and is a peer that is there', () => {
        const lag = network.faults.lagPeer.bind(network.faults) as (fault: object) => unknown;
        for (const [fault, message] of [
            [{ peer: 'nobody', blocks: 1 }, 'The network has no peer "nobody"'],
            [{ blocks: 1 }, 'names the peer'],
            [{ peer: BEHIND }, 'by blocks or by delayMs, one of the two'],
            [{ peer: BEHIND, blocks: 1, delayMs: 1 }, 'by blocks or by delayMs, one of the two'],
            [{ peer: BEHIND, blocks: 0 }, 'blocks must be a whole number from 1 to 1000; got 0'],
            [{ peer: BEHIND, delayMs: -1 }, 'delayMs must be a whole number'],
        ] as const) {
            expect(() => lag(fault))
                .to.throw(message)
                .with.property('code', 'DEVNET_OPTION_INVALID');
        }
    });
});
