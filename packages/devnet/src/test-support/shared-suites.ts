import { expect } from 'chai';
import { Context, Contract } from 'fabric-contract-api';
import type { Network } from '../network/network.js';
import { expectCodes, useNetwork, type NetworkFixture } from '../testing/index.js';

// Suites for mocha to run as a whole and in part: see the tests of shared networks.

const networks = new Set<Network>();

/** A suite on the shared network, whose chaincode has the same name as every other's and says whose it is. */
function useChannel(title: string): NetworkFixture {
    class SuiteContract extends Contract {
        constructor() {
            super('suite');
        }

        title(): Promise<string> {
            return Promise.resolve(title);
        }

        async add(context: Context, key: string): Promise<string> {
            const sum = Number(Buffer.from(await context.stub.getState(key)).toString() || '0') + 1;
            await context.stub.putState(key, Buffer.from(String(sum)));
            return String(sum);
        }
    }
    const fabric = useNetwork({
        isolate: 'channel',
        organizations: ['Org1MSP', 'Org2MSP'],
        chaincodes: [{ name: 'same', contracts: [SuiteContract] }],
    });
    before(() => void networks.add(fabric.network));
    return fabric;
}

async function usesItsOwn(fabric: NetworkFixture, title: string): Promise<void> {
    const { network, channel } = fabric;
    const same = fabric.contract('same');
    expect(await same.evaluate('title')).to.equal(title);
    expect(await same.submit('add', 'key')).to.include({ code: 'VALID', result: '1' });
    const meeting = [same.propose('add', 'key'), same.propose('add', 'key')];
    expectCodes(await fabric.conflict(...meeting), 'VALID', 'MVCC_READ_CONFLICT');
    // Genesis, two approvals, one commit, and the two blocks of this test.
    expect(network.channel(channel).ledger.height).to.equal(6);
    await fabric.reset();
    expect(network.channel(channel).ledger.height).to.equal(4);
    expect(Math.abs(fabric.clock.now().getTime() - Date.now())).to.be.lessThan(60_000);
}

describe('one suite', () => {
    const fabric = useChannel('one');

    it('has a ledger and chaincodes of its own', () => usesItsOwn(fabric, 'one'));

    describe('with another inside', () => {
        const inner = useChannel('inner');

        it('shares neither', () => usesItsOwn(inner, 'inner'));
    });

    describe('with a part that uses its channel', () => {
        it('still has what it deployed', () => usesItsOwn(fabric, 'one'));

        afterEach('leave things in disorder', () => {
            fabric.clock.set('2031-01-01T00:00:00Z');
            fabric.network.faults.stopOrderer();
        });
    });
});

describe('another suite', () => {
    const fabric = useChannel('another');

    it('has a ledger and chaincodes of its own', () => usesItsOwn(fabric, 'another'));
});

after(() => {
    expect(networks.size).to.equal(1);
});
