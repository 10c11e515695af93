import { expect } from 'chai';
import { EndorseError, GatewayError } from '@hyperledger/fabric-gateway';
import { parseSignaturePolicy } from '../policy/signature-policy.js';
import { connectClient, type Client } from '../test-support/connect-client.js';
import { EverythingContract } from '../test-support/everything-contract.js';
import type { Network } from './network.js';
import { startNetwork } from './start-network.js';

function text(bytes: Uint8Array): string {
    return Buffer.from(bytes).toString();
}

async function failureOf(work: Promise<unknown>): Promise<GatewayError> {
    try {
        await work;
    } catch (error) {
        expect(error).to.be.instanceOf(GatewayError);
        return error as EndorseError;
    }
    throw new Error('it did not fail');
}

describe('a network of two organisations', function () {
    this.timeout(120_000);
    let network: Network;
    let client: Client;

    before(async () => {
        network = await startNetwork({
            organizations: ['Org1MSP', 'Org2MSP'],
            channels: ['mychannel', 'other'],
            block: { timeoutMs: 20 },
        });
        const both = "AND('Org1MSP.peer', 'Org2MSP.peer')";
        await network.deploy({
            name: 'all',
            contracts: [EverythingContract],
            endorsementPolicy: both,
            collections: [
                {
                    name: 'shared',
                    policy: "OR('Org1MSP.member', 'Org2MSP.member')",
                    memberOnlyRead: true,
                },
                {
                    name: 'own',
                    policy: "OR('Org1MSP.member')",
                    endorsementPolicy: "OR('Org1MSP.peer')",
                    memberOnlyRead: true,
                },
            ],
        });
        await network.deploy({ name: 'second', contracts: [EverythingContract] });
        client = connectClient(network);
    });
    after(async () => {
        client.close();
        await network.stop();
    });

    const submit = (name: string, ...args: string[]): Promise<Uint8Array> =>
        client.contract('all').submitTransaction(name, ...args);
    const evaluate = async (name: string, ...args: string[]): Promise<string> =>
        text(await client.contract('all').evaluateTransaction(name, ...args));

    it('has each organisation endorse by itself, as the policy demands', async () => {
        const transaction = await client
            .contract('all')
            .newProposal('put', { arguments: ['a', '1'] })
            .endorse();
        const { peer, common } = await import('@hyperledger/fabric-protos');
        const { gateway } = await import('@hyperledger/fabric-protos');
        const prepared = gateway.PreparedTransaction.deserializeBinary(transaction.getBytes());
        const payload = common.Payload.deserializeBinary(
            prepared.getEnvelope()?.getPayload_asU8() ?? new Uint8Array(),
        );
        const [action] = peer.Transaction.deserializeBinary(
            payload.getData_asU8(),
        ).getActionsList();
        const endorsements = peer.ChaincodeActionPayload.deserializeBinary(
            action?.getPayload_asU8() ?? new Uint8Array(),
        )
            .getAction()
            ?.getEndorsementsList();
        expect(endorsements).to.have.length(2);
        const commit = await transaction.submit();
        expect((await commit.getStatus()).successful).to.equal(true);
    });

    it('says which key and value differed when the organisations disagree', async () => {
        const error = await failureOf(submit('random', 'dice'));
        expect(error.code).to.equal(10);
        const [detail] = error.details;
        expect(detail?.mspId).to.equal('Org2MSP');
        expect(detail?.message).to.match(
            /ProposalResponsePayloads do not match: the write to key "dice" of chaincode all is "0\.\d+" on peer0\.org1\.example\.com and "0\.\d+" on peer0\.org2\.example\.com/,
        );
    });

    it('says so of private data as well, though what they sign has hashes alone', async () => {
        const error = await failureOf(submit('randomPrivate', 'shared', 'secret dice'));
        expect(error.details[0]?.message).to.match(
            /do not match: the private write to key "secret dice" in collection shared of chaincode all is "0\.\d+" on peer0\.org1\.example\.com and "0\.\d+" on peer0\.org2/,
        );
    });

    it('reads ranges across the peer’s batches, and page by page', async () => {
        await submit('fill', 'r', '205');
        const keys = JSON.parse(await evaluate('range', 'r', 's')) as string[];
        expect(keys).to.have.length(205);
        expect(keys[204]).to.equal('r0204');
        const pages = JSON.parse(await evaluate('pages', 'r', 's', '100')) as string[][];
        expect(pages.map((page) => page.length)).to.deep.equal([100, 100, 5]);
    });

    it('tells the history of a key', async () => {
        await submit('put', 'h', 'one');
        await submit('put', 'h', 'two');
        await submit('remove', 'h');
        expect(JSON.parse(await evaluate('history', 'h'))).to.deep.equal(['deleted', 'two', 'one']);
    });

    it('refuses rich queries, as a peer with LevelDB does', async () => {
        const error = await failureOf(evaluate('query', '{"selector":{}}'));
        expect(error.details[0]?.message).to.include('not supported for leveldb');
    });

    it('keeps private data out of the block and from those who are no members', async () => {
        await client.contract('all').submit('putPrivate', {
            arguments: ['own', 'secret'],
            transientData: { value: Buffer.from('42') },
        });
        expect(await evaluate('getPrivate', 'own', 'secret')).to.equal('42');
        const hash = await evaluate('getPrivateHash', 'own', 'secret');
        expect(hash).to.match(/^[0-9a-f]{64}$/);
        const stranger = connectClient(network, { identity: 'user1@Org2MSP' });
        try {
            const error = await failureOf(
                stranger.contract('all').evaluateTransaction('getPrivate', 'own', 'secret'),
            );
            expect(error.details[0]?.message).to.include(
                'tx creator does not have read access permission on privatedata in chaincodeName:all collectionName: own',
            );
        } finally {
            stranger.close();
        }
        await submit('purgePrivate', 'own', 'secret');
        expect(await evaluate('getPrivate', 'own', 'secret')).to.equal('');
    });

    it('lets a key’s own policy decide who must endorse', async () => {
        await submit('put', 'mine', '1');
        const policy = parseSignaturePolicy("OR('Org1MSP.peer')").toBytes();
        const hex = Buffer.from(policy).toString('hex');
        await submit('setPolicy', 'mine', hex);
        expect(await evaluate('getPolicy', 'mine')).to.equal(hex);
        await client.contract('all').submit('put', {
            arguments: ['mine', '2'],
            endorsingOrganizations: ['Org1MSP'],
        });
        expect(await evaluate('get', 'mine')).to.equal('2');
    });

    it('commits as invalid what too few have endorsed', async () => {
        const failed = await client
            .contract('all')
            .submit('put', { arguments: ['x', '1'], endorsingOrganizations: ['Org2MSP'] })
            .catch((error: unknown) => error as { readonly code?: number });
        expect((failed as { readonly code: number }).code).to.equal(10);
        expect(await evaluate('get', 'x')).to.equal('');
    });

    it('lets chaincode call chaincode, on its own channel and read-only on another', async () => {
        await submit('call', 'second', '', '["put","shared-key","by second"]');
        const own = await client.contract('second').evaluateTransaction('get', 'shared-key');
        expect(text(own)).to.equal('by second');
        await client.contract('second', 'other').submitTransaction('put', 'far', 'away');
        const answer = await submit('call', 'second', 'other', '["get","far"]');
        expect(JSON.parse(text(answer))).to.deep.equal({
            status: 200,
            message: '',
            payload: 'away',
        });
        await submit('call', 'second', 'other', '["put","far","changed"]');
        const far = await client.contract('second', 'other').evaluateTransaction('get', 'far');
        expect(text(far)).to.equal('away');
    });

    it('does not let a chaincode call itself', async () => {
        const error = await failureOf(submit('call', 'all', '', '["get","a"]'));
        expect(error.details[0]?.message).to.match(/txid: [0-9a-f]{64}\(mychannel\) exists/);
    });

    it('tells a chaincode who calls it, with the attributes of the enrolment', async () => {
        const org = network.organization('Org2MSP');
        await org.enrol({ name: 'doctor', attributes: { role: 'surgeon' } });
        const doctor = connectClient(network, { identity: 'doctor' });
        try {
            const who = await doctor.contract('all').evaluateTransaction('who');
            expect(JSON.parse(text(who))).to.deep.equal({ msp: 'Org2MSP', role: 'surgeon' });
        } finally {
            doctor.close();
        }
    });

    it('answers questions about the chain through qscc and _lifecycle', async () => {
        const { common, peer } = await import('@hyperledger/fabric-protos');
        const qscc = client.contract('qscc');
        const info = common.BlockchainInfo.deserializeBinary(
            await qscc.evaluateTransaction('GetChainInfo', 'mychannel'),
        );
        expect(info.getHeight()).to.equal(network.channel().ledger.height);
        const block = common.Block.deserializeBinary(
            await qscc.evaluateTransaction('GetBlockByNumber', 'mychannel', '1'),
        );
        expect(block.getHeader()?.getNumber()).to.equal(1);
        const byHash = await qscc.evaluate('GetBlockByHash', {
            arguments: ['mychannel', Buffer.from(info.getCurrentblockhash_asU8())],
        });
        expect(common.Block.deserializeBinary(byHash).getHeader()?.getNumber()).to.equal(
            info.getHeight() - 1,
        );
        const error = await failureOf(
            qscc.evaluateTransaction('GetTransactionByID', 'mychannel', 'nothing'),
        );
        expect(error.details[0]?.message).to.include('no such transaction ID [nothing] in index');
        const args = new peer.lifecycle.QueryChaincodeDefinitionArgs();
        args.setName('all');
        const definition = peer.lifecycle.QueryChaincodeDefinitionResult.deserializeBinary(
            await client.contract('_lifecycle').evaluate('QueryChaincodeDefinition', {
                arguments: [args.serializeBinary()],
            }),
        );
        expect(definition.getSequence()).to.equal(1);
        expect([...definition.getApprovalsMap().entries()]).to.deep.equal([
            ['Org1MSP', true],
            ['Org2MSP', true],
        ]);
    });
});
