import { createRequire } from 'node:module';
import { join } from 'node:path';

import type { common } from '@hyperledger/fabric-protos';
import { decodeBlock } from '@goodput/rwset';
import type { Transaction as Recorded } from '@goodput/rwset';
import type { Transaction } from '@hyperledger/fabric-gateway';
import { expect } from 'chai';

import type { ContractClass } from '../chaincode/shim-server.js';
import type { Network } from '../network/network.js';
import { startNetwork } from '../network/start-network.js';
import { connectClient } from '../test-support/connect-client.js';
import type { Client } from '../test-support/connect-client.js';
import { TRANSIENT } from './test-support/lab-contract.js';
import { ENDORSED_A_BLOCK_EARLIER, fixtureBlock } from './test-support/recorded-blocks.js';
import { recordedCodes, resultsOf } from './test-support/recorded-blocks.js';

const FIRST = 4;
/** The next block changes the configuration of the recorded channel. */
const LAST = 36;
const ORGANIZATIONS = ['Org1MSP', 'Org2MSP'];
const LAB = join(__dirname, '..', '..', 'fixtures', 'lab-chaincode', 'index.js');

describe('the recorded chaincode, run by the real shim and called by the official client', function () {
    this.timeout(120_000);
    let network: Network;
    let client: Client;

    before(async () => {
        const { contracts } = createRequire(__filename)(LAB) as { contracts: ContractClass[] };
        network = await startNetwork({
            organizations: ORGANIZATIONS,
            block: { timeoutMs: 10 },
        });
        const ofOrg1 = "OR('Org1MSP.member')";
        await network.deploy({
            name: 'lab',
            contracts,
            collections: [
                { name: 'collA', policy: "OR('Org1MSP.member', 'Org2MSP.member')" },
                { name: 'collShort', policy: ofOrg1, blockToLive: 3 },
                { name: 'collOwn', policy: ofOrg1, endorsementPolicy: ofOrg1 },
            ],
        });
        network.setBlockSettings({ timeoutMs: 'manual', maxMessageCount: 500 });
        client = connectClient(network);
    });
    after(async () => {
        client.close();
        await network.stop();
    });

    it('gives the read/write sets and verdicts of the real peer, block after block', async () => {
        const { ledger } = network.channel();
        expect(ledger.height, 'the recording has its first transactions in block 4').to.equal(
            FIRST,
        );
        const endorsed = new Map<number, Transaction[]>();
        for (let number = FIRST; number <= LAST; number++) {
            for (const each of [number, number + 1]) {
                const early = ENDORSED_A_BLOCK_EARLIER.has(each);
                if (each === number ? !early : early) endorsed.set(each, await endorse(each));
            }
            const commits = [];
            for (const transaction of endorsed.get(number) ?? []) {
                commits.push(await transaction.submit());
            }
            await network.cutBlock();
            await Promise.all(commits.map((commit) => commit.getStatus()));
            const block = ledger.blockByNumber(number);
            expect(block, `block ${number}`).not.to.equal(undefined);
            if (block) compare(block, number);
        }
    });

    async function endorse(number: number): Promise<Transaction[]> {
        const { transactions } = decodeBlock(fixtureBlock(number).serializeBinary());
        const made = new Map<string, Transaction>();
        const all: Transaction[] = [];
        for (const recorded of transactions) {
            // one recorded envelope was ordered twice
            const transaction = made.get(recorded.txId) ?? (await endorseOne(recorded));
            made.set(recorded.txId, transaction);
            all.push(transaction);
        }
        return all;
    }

    async function endorseOne({ functionName, args, endorsers }: Recorded): Promise<Transaction> {
        const [, key = ''] = args.map((arg) => Buffer.from(arg).toString());
        const value = functionName === 'putPrivate' ? TRANSIENT[key] : undefined;
        const proposal = client.contract('lab').newProposal(functionName, {
            arguments: [...args],
            endorsingOrganizations: endorsers.map(({ mspId }) => mspId),
            ...(value === undefined ? {} : { transientData: { value } }),
        });
        return proposal.endorse();
    }
});

function compare(block: common.Block, number: number): void {
    const recorded = fixtureBlock(number);
    const ours = block.getData()?.getDataList_asU8() ?? [];
    const theirs = recorded.getData()?.getDataList_asU8() ?? [];
    expect(ours.length, `transactions of block ${number}`).to.equal(theirs.length);
    const { transactions } = decodeBlock(recorded.serializeBinary());
    for (const [index, envelope] of ours.entries()) {
        expect(
            Buffer.from(resultsOf(envelope)).toString('hex'),
            `${transactions[index]?.functionName}, transaction ${index} of block ${number}`,
        ).to.equal(Buffer.from(resultsOf(theirs[index] ?? new Uint8Array())).toString('hex'));
    }
    expect(recordedCodes(block), `verdicts of block ${number}`).to.deep.equal(
        recordedCodes(recorded),
    );
}
