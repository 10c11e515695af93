import { common, peer } from '@hyperledger/fabric-protos';
import { expect } from 'chai';
import { commit, freshKey, type Client } from './support/client.js';
import { failureOf } from './support/failure.js';
import { readWriteSetOf } from './support/read-write-set.js';
import { labContracts, useTarget } from './support/target.js';

describe('qscc', () => {
    const target = useTarget();
    let client: Client;
    before(() => {
        client = target.current.client();
    });

    function ask(name: string, ...args: (string | Uint8Array)[]): Promise<Uint8Array> {
        const contract = client.gateway.getNetwork(client.channel).getContract('qscc');
        return contract.evaluateTransaction(name, client.channel, ...args);
    }

    it('says how high the chain is, and the hashes at its end', async () => {
        const { block } = await client.must('put', freshKey(), 'x');
        const info = common.BlockchainInfo.deserializeBinary(await ask('GetChainInfo'));
        expect(info.getHeight()).to.be.at.least(block + 1);
        expect(info.getCurrentblockhash_asU8()).to.have.length(32);
        expect(info.getPreviousblockhash_asU8()).to.have.length(32);
    });

    it('gives a block by its number', async () => {
        const { block } = await client.must('put', freshKey(), 'x');
        const found = common.Block.deserializeBinary(await ask('GetBlockByNumber', String(block)));
        expect(found.getHeader()!.getNumber()).to.equal(block);
    });

    it('gives a block by its hash', async () => {
        await client.must('put', freshKey(), 'x');
        const info = common.BlockchainInfo.deserializeBinary(await ask('GetChainInfo'));
        const hash = info.getCurrentblockhash_asU8();
        const found = common.Block.deserializeBinary(await ask('GetBlockByHash', hash));
        expect(found.getHeader()!.getNumber()).to.equal(info.getHeight() - 1);
    });

    it('gives a block by one of its transactions', async () => {
        const { block, txId } = await client.must('put', freshKey(), 'x');
        const found = common.Block.deserializeBinary(await ask('GetBlockByTxID', txId));
        expect(found.getHeader()!.getNumber()).to.equal(block);
    });

    it('gives a transaction and its verdict', async () => {
        const { txId } = await client.must('put', freshKey(), 'x');
        const found = peer.ProcessedTransaction.deserializeBinary(
            await ask('GetTransactionByID', txId),
        );
        expect(found.getValidationcode()).to.equal(0);
        expect(found.getTransactionenvelope()!.getPayload_asU8().length).to.be.greaterThan(0);
    });

    it('gives the verdict on a transaction that was not valid', async () => {
        const key = freshKey();
        const stale = await client.endorse('inc', [key]);
        await client.must('inc', key);
        const { txId } = await commit(stale);
        const found = peer.ProcessedTransaction.deserializeBinary(
            await ask('GetTransactionByID', txId),
        );
        expect(found.getValidationcode()).to.equal(peer.TxValidationCode.MVCC_READ_CONFLICT);
    });

    const missing: [string, (string | Uint8Array)[]][] = [
        ['GetBlockByNumber', ['99999999']],
        ['GetBlockByNumber', ['none']],
        ['GetBlockByHash', [Buffer.alloc(32)]],
        ['GetBlockByTxID', ['00'.repeat(32)]],
        ['GetTransactionByID', ['00'.repeat(32)]],
        ['GetSomethingElse', ['x']],
    ];
    for (const [name, args] of missing) {
        it(`fails when asked to ${name} for ${Buffer.from(args[0]!).toString('hex', 0, 4)}`, async () => {
            const failure = await failureOf(ask(name, ...args));
            expect(failure.status).to.be.oneOf(['UNKNOWN', 'ABORTED']);
            expect(failure.details.length).to.be.greaterThan(0);
        });
    }

    it('fails when asked about a channel that the peer has not', async () => {
        const contract = client.gateway.getNetwork(client.channel).getContract('qscc');
        const failure = await failureOf(contract.evaluateTransaction('GetChainInfo', 'nowhere'));
        expect(failure.text).to.include('Invalid chain ID, nowhere');
    });

    it('cannot be submitted to', async () => {
        const contract = client.gateway.getNetwork(client.channel).getContract('qscc');
        const proposal = contract.newProposal('GetChainInfo', { arguments: [client.channel] });
        let valid: boolean;
        try {
            const submitted = await (await proposal.endorse()).submit();
            valid = (await submitted.getStatus()).successful;
        } catch {
            valid = false;
        }
        expect(valid).to.equal(false);
    });
});

describe('_lifecycle', () => {
    const target = useTarget();
    let client: Client;
    before(function () {
        target.current.needs(this, 'an administrator');
        client = target.current.client({ identity: target.current.admin!.name });
    });

    const { lifecycle } = peer;

    function ask(name: string, message: { serializeBinary(): Uint8Array }): Promise<Uint8Array> {
        const contract = client.gateway.getNetwork(client.channel).getContract('_lifecycle');
        return contract.evaluateTransaction(name, message.serializeBinary());
    }

    it('says what the channel has agreed on about a chaincode', async () => {
        const args = new lifecycle.QueryChaincodeDefinitionArgs();
        args.setName(target.current.lab);
        const result = lifecycle.QueryChaincodeDefinitionResult.deserializeBinary(
            await ask('QueryChaincodeDefinition', args),
        );
        expect(result.getSequence()).to.be.at.least(1);
        expect(result.getVersion()).to.not.equal('');
        expect(result.getEndorsementPlugin()).to.equal('escc');
        expect(result.getValidationPlugin()).to.equal('vscc');
        const collections = result
            .getCollections()!
            .getConfigList()
            .map((each) => each.getStaticCollectionConfig()!.getName());
        expect(collections).to.include.members(['collA', 'collShort', 'collOwn']);
        const approvals: [string, boolean][] = [];
        result.getApprovalsMap().forEach((approved, mspId) => {
            approvals.push([mspId, approved]);
        });
        expect(approvals.filter(([, approved]) => approved)).to.have.length.greaterThan(0);
    });

    it('lists the chaincodes of the channel', async () => {
        const result = lifecycle.QueryChaincodeDefinitionsResult.deserializeBinary(
            await ask('QueryChaincodeDefinitions', new lifecycle.QueryChaincodeDefinitionsArgs()),
        );
        const names = result.getChaincodeDefinitionsList().map((each) => each.getName());
        expect(names).to.include(target.current.lab);
    });

    it('looks for the chaincode in the old lifecycle before it is first defined', async () => {
        const { name, mspId } = target.current.admin!;
        const { gateway, channel } = target.current.client({ identity: name });
        const args = new lifecycle.ApproveChaincodeDefinitionForMyOrgArgs();
        args.setName(freshKey('new').replaceAll('_', '-'));
        args.setVersion('1');
        args.setSequence(1);
        // Endorsed and never submitted: nothing is left behind.
        const approval = await gateway
            .getNetwork(channel)
            .getContract('_lifecycle')
            .newProposal('ApproveChaincodeDefinitionForMyOrg', {
                arguments: [args.serializeBinary()],
                endorsingOrganizations: [mspId],
            })
            .endorse();
        const old = readWriteSetOf(approval, 'lscc');
        expect(old.reads).to.deep.equal([{ key: args.getName(), version: undefined }]);
        expect(old.writes).to.deep.equal([]);
    });

    it('does not know what is not there', async () => {
        const args = new lifecycle.QueryChaincodeDefinitionArgs();
        args.setName('absent');
        const failure = await failureOf(ask('QueryChaincodeDefinition', args));
        expect(failure.text).to.contain('absent');
    });
});

describe('chaincode called by chaincode', () => {
    const target = useTarget();
    let client: Client;
    let other: string;
    before(async function () {
        this.timeout(180_000);
        const { current } = target;
        current.needs(this, 'another chaincode');
        client = current.client();
        other = current.network.chaincodes['other'] ?? 'other';
        if (current.devnet !== undefined) {
            await current.devnet.deploy({ name: other, contracts: labContracts() });
        }
    });

    const call = (...args: string[]): Promise<string> =>
        client.evaluate('call', other, '', JSON.stringify(args));

    it('gives its answer', async () => {
        expect(JSON.parse(await call('args', 'a', 'b'))).to.deep.equal(['a', 'b']);
    });

    it('knows the same client and transaction', async () => {
        const proposal = client.contract.newProposal('call', {
            arguments: [other, '', '["whoami"]'],
        });
        const known = JSON.parse(Buffer.from(await proposal.evaluate()).toString()) as {
            msp: string;
            tx: string;
        };
        expect(known.tx).to.equal(proposal.getTransactionId());
        expect(known.msp).to.equal(target.current.network.identity().mspId);
    });

    it('writes in a namespace of its own, in one transaction', async () => {
        const key = freshKey();
        await client.must('putBoth', other, key, 'both');
        expect(await client.evaluate('get', key)).to.equal('both');
        expect(await call('get', key)).to.equal('both');
        await client.must('put', key, 'here only');
        expect(await call('get', key)).to.equal('both');
    });

    it('conflicts in its own namespace', async () => {
        const key = freshKey();
        const calls = await Promise.all([
            client.endorse('call', [other, '', JSON.stringify(['inc', key])]),
            client.endorse('call', [other, '', JSON.stringify(['inc', key])]),
            client.endorse('inc', [key]),
        ]);
        const codes: string[] = [];
        for (const each of calls) codes.push((await commit(each)).code);
        expect(codes).to.deep.equal(['VALID', 'MVCC_READ_CONFLICT', 'VALID']);
    });

    it('fails the caller when it fails', async () => {
        const failure = await failureOf(call('fail', 'from below'));
        expect(failure.text).to.contain('from below');
    });

    it('fails the caller when it is not there', async () => {
        const failure = await failureOf(client.evaluate('call', 'absent', '', '["get","k"]'));
        expect(failure.text).to.contain('absent');
    });

    it('on another channel is only read', async function () {
        target.current.needs(this, 'a second channel');
        const key = freshKey();
        const elsewhere = client.gateway.getNetwork('another').getContract(target.current.lab);
        await elsewhere.submitTransaction('put', key, 'elsewhere');
        const { lab } = target.current;
        expect(
            await client.evaluate('call', lab, 'another', JSON.stringify(['get', key])),
        ).to.equal('elsewhere');
        const { code } = await client.submit('call', [
            lab,
            'another',
            JSON.stringify(['put', key, 'changed']),
        ]);
        expect(code).to.equal('VALID');
        const value = await elsewhere.evaluateTransaction('get', key);
        expect(Buffer.from(value).toString()).to.equal('elsewhere');
    });
});
