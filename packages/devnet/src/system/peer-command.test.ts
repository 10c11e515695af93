import { expect } from 'chai';
import { common, orderer, peer } from '@hyperledger/fabric-protos';
import { freePort } from '../grpc/ports.js';
import { CertificateAuthority } from '../identity/certificate-authority.js';
import type { SigningIdentity } from '../identity/signing-identity.js';
import { makeProposal } from '../deploy/make-proposal.js';
import { startNetwork } from '../network/start-network.js';
import type { Network } from '../network/network.js';
import { CounterContract } from '../test-support/counter-contract.js';
import { failureOf } from '../test-support/failure-of.js';
import { rawClients, type RawClients } from '../test-support/raw-client.js';

const { lifecycle: lb } = peer;
const { HeaderType } = common;

/** Without a channel: how `peer` asks about the peer itself. */
const NO_CHANNEL = '';

describe('what the peer command asks for', function () {
    this.timeout(180_000);
    let network: Network;
    let clients: RawClients;
    let admin: SigningIdentity;
    let user: SigningIdentity;

    before(async () => {
        network = await startNetwork({
            organizations: ['Org1MSP', 'Org2MSP'],
            channels: ['mychannel', 'second'],
            block: { timeoutMs: 20 },
            ports: [0, 0, 0],
        });
        await network.deploy({ name: 'counter', contracts: [CounterContract], version: '2.1' });
        await network.deploy({
            name: 'elsewhere',
            contracts: [CounterContract],
            channels: ['second'],
            organizations: ['Org2MSP'],
        });
        clients = rawClients(network);
        admin = network.organization().admin;
        user = network.organization().users[0]!;
    });
    after(async () => {
        clients.close();
        await network.stop();
    });

    interface Asked {
        readonly as?: SigningIdentity;
        readonly channelId?: string;
        readonly type?: number;
    }

    /** A proposal as `peer` makes it, and what the peer answers. */
    function ask(
        chaincode: string,
        args: readonly (string | Uint8Array)[],
        { as = admin, channelId = NO_CHANNEL, type = HeaderType.ENDORSER_TRANSACTION }: Asked = {},
    ): Promise<peer.ProposalResponse> {
        const bytes = args.map((arg) => Buffer.from(arg));
        const call = { channelId, chaincode, args: bytes, time: new Date(), type };
        return new Promise((resolve, reject) => {
            clients.endorser.processProposal(
                makeProposal(call, as).signed,
                (error: Error | null, response?: peer.ProposalResponse) => {
                    if (response === undefined) reject(error ?? new Error('no response'));
                    else resolve(response);
                },
            );
        });
    }

    async function payload(...asked: Parameters<typeof ask>): Promise<Uint8Array> {
        const response = (await ask(...asked)).getResponse();
        expect(response?.getMessage()).to.equal('');
        expect(response?.getStatus()).to.equal(200);
        return response!.getPayload_asU8();
    }

    async function refusal(...asked: Parameters<typeof ask>): Promise<[number, string]> {
        const response = (await ask(...asked)).getResponse();
        return [response?.getStatus() ?? 0, response?.getMessage() ?? ''];
    }

    async function installed(): Promise<peer.lifecycle.QueryInstalledChaincodesResult.AsObject> {
        const args = new lb.QueryInstalledChaincodesArgs().serializeBinary();
        const answer = await payload('_lifecycle', ['QueryInstalledChaincodes', args]);
        return lb.QueryInstalledChaincodesResult.deserializeBinary(answer).toObject();
    }

    describe('lifecycle chaincode queryinstalled', () => {
        it('lists what the peer can run, by package, with the channels that use it', async () => {
            const { installedChaincodesList } = await installed();
            expect(installedChaincodesList).to.have.length(1);
            const [counter] = installedChaincodesList;
            expect(counter?.label).to.equal('counter_2.1');
            expect(counter?.packageId).to.match(/^counter_2\.1:[0-9a-f]{64}$/);
            const chaincodesList = [{ name: 'counter', version: '2.1' }];
            expect(counter?.referencesMap).to.deep.equal([
                ['mychannel', { chaincodesList }],
                ['second', { chaincodesList }],
            ]);
        });

        it('gives the package id under which queryapproved says it was approved', async () => {
            const [counter] = (await installed()).installedChaincodesList;
            const args = new lb.QueryApprovedChaincodeDefinitionArgs();
            args.setName('counter');
            const answer = lb.QueryApprovedChaincodeDefinitionResult.deserializeBinary(
                await payload(
                    '_lifecycle',
                    ['QueryApprovedChaincodeDefinition', args.serializeBinary()],
                    { channelId: 'mychannel' },
                ),
            );
            const source = answer.getSource()?.getLocalPackage()?.getPackageId();
            expect(source).to.equal(counter?.packageId);
            expect(answer.getSequence()).to.equal(1);
        });

        it('gives one of them by its id, and says when there is none of that id', async () => {
            const [counter] = (await installed()).installedChaincodesList;
            const one = (packageId: string): Uint8Array => {
                const args = new lb.QueryInstalledChaincodeArgs();
                args.setPackageId(packageId);
                return args.serializeBinary();
            };
            const id = counter?.packageId ?? '';
            const found = lb.QueryInstalledChaincodeResult.deserializeBinary(
                await payload('_lifecycle', ['QueryInstalledChaincode', one(id)]),
            ).toObject();
            expect(found).to.deep.equal(counter);
            expect(
                await refusal('_lifecycle', ['QueryInstalledChaincode', one('x:1')]),
            ).to.deep.equal([
                500,
                "failed to invoke backing implementation of 'QueryInstalledChaincode': could not find chaincode with package id 'x:1'",
            ]);
        });

        it('is not endorsed, so that it can never be submitted', async () => {
            const args = new lb.QueryInstalledChaincodesArgs().serializeBinary();
            const answer = await ask('_lifecycle', ['QueryInstalledChaincodes', args]);
            expect(answer.hasEndorsement()).to.equal(false);
            expect(answer.getPayload_asU8()).to.have.length(0);
        });

        it('is for administrators of the peer’s own organisation', async () => {
            const call = ['QueryInstalledChaincodes', new Uint8Array()] as const;
            const [status, message] = await refusal('_lifecycle', call, { as: user });
            expect(status).to.equal(500);
            expect(message)
                .to.include('policy [Admins]')
                .and.include('does not contain OU [ADMIN]');
            const as = network.organization('Org2MSP').admin;
            const error = await failureOf(ask('_lifecycle', call, { as }));
            expect(error)
                .to.have.property('message')
                .that.includes('channel [] creator org unknown, creator is malformed');
        });
    });

    it('lifecycle chaincode install: says how chaincodes get here instead', async () => {
        const [status, message] = await refusal('_lifecycle', ['InstallChaincode', 'x']);
        expect(status).to.equal(500);
        expect(message).to.include('network.deploy()');
        const args = new lb.GetInstalledChaincodePackageArgs();
        args.setPackageId('x:1');
        const [missing, why] = await refusal('_lifecycle', [
            'GetInstalledChaincodePackage',
            args.serializeBinary(),
        ]);
        expect(missing).to.equal(500);
        expect(why).to.include(
            "failed to invoke backing implementation of 'GetInstalledChaincodePackage': could not load cc install package: chaincode install package 'x:1' not found",
        );
    });

    it('lifecycle chaincode queryapproved: lists all that the organisation has approved', async () => {
        const answer = lb.QueryApprovedChaincodeDefinitionsResult.deserializeBinary(
            await payload('_lifecycle', ['QueryApprovedChaincodeDefinitions', ''], {
                channelId: 'second',
            }),
        );
        const found = answer
            .getApprovedChaincodeDefinitionsList()
            .map((each) => [each.getName(), each.getSequence(), each.getVersion()]);
        expect(found).to.deep.equal([
            ['counter', 1, '2.1'],
            ['elsewhere', 1, '1.0'],
        ]);
    });

    it('lifecycle chaincode querycommitted: answers 404 for what is not defined', async () => {
        const args = new lb.QueryChaincodeDefinitionArgs();
        args.setName('nothing');
        const asked = ['QueryChaincodeDefinition', args.serializeBinary()] as const;
        const inChannel = { channelId: 'mychannel', as: user };
        expect(await refusal('_lifecycle', asked, inChannel)).to.deep.equal([
            404,
            'namespace nothing is not defined',
        ]);
        const [, message] = await refusal('_lifecycle', asked);
        expect(message).to.include('[/Channel/Application/Writers] not recognized');
        const [, unknown] = await refusal('_lifecycle', ['Nonsense', ''], inChannel);
        expect(unknown).to.include('Unmapped policy for _lifecycle/Nonsense');
        expect(await refusal('_lifecycle', ['a', 'b', 'c'], inChannel)).to.deep.equal([
            500,
            'lifecycle scc operations require exactly two arguments but received 3',
        ]);
    });

    it('lifecycle chaincode approveformyorg: is for the organisation’s administrators', async () => {
        const args = new lb.ApproveChaincodeDefinitionForMyOrgArgs();
        args.setName('counter');
        const asked = ['ApproveChaincodeDefinitionForMyOrg', args.serializeBinary()] as const;
        for (const as of [user, network.organization('Org2MSP').admin]) {
            const [, message] = await refusal('_lifecycle', asked, { channelId: 'mychannel', as });
            expect(message).to.include('failed ACL check').and.include('policy [Admins]');
        }
    });

    it('channel list: names the channels, for every member', async () => {
        const answer = peer.ChannelQueryResponse.deserializeBinary(
            await payload('cscc', ['GetChannels'], { as: user }),
        );
        const ids = answer.getChannelsList().map((each) => each.getChannelId());
        expect(ids).to.deep.equal(['mychannel', 'second']);
    });

    it('channel getinfo: says how high a channel is', async () => {
        const answer = await payload('qscc', ['GetChainInfo', 'second'], { as: user });
        const info = common.BlockchainInfo.deserializeBinary(answer);
        expect(info.getHeight()).to.equal(network.channel('second').ledger.height);
        expect(await refusal('qscc', ['GetChainInfo', 'nowhere'])).to.deep.equal([
            500,
            'Invalid chain ID, nowhere',
        ]);
    });

    it('channel fetch: gives the block of the configuration', async () => {
        const answer = await payload('cscc', ['GetConfigBlock', 'mychannel'], { as: user });
        expect(common.Block.deserializeBinary(answer).getHeader()?.getNumber()).to.equal(0);
        for (const name of ['GetConfigBlock', 'GetChannelConfig']) {
            expect(await refusal('cscc', [name, 'nowhere'])).to.deep.equal([
                500,
                `access denied for [${name}][nowhere]: Failed to get policy manager for channel [nowhere]`,
            ]);
        }
    });

    it('channel join: says that the peer has joined, or how to have the channel', async () => {
        const genesis = await payload('cscc', ['GetConfigBlock', 'second']);
        const type = HeaderType.CONFIG;
        expect(await refusal('cscc', ['JoinChain', genesis], { type })).to.deep.equal([
            500,
            'cannot create ledger from genesis block: ledger [second] already exists with state [ACTIVE]',
        ]);
        await using other = await startNetwork({ channels: ['third'] });
        const foreign = other.channel().ledger.blockByNumber(0)!.serializeBinary();
        const [, message] = await refusal('cscc', ['JoinChain', foreign], { type });
        expect(message).to.include('[third]').and.include('when you start it');
        const [, denied] = await refusal('cscc', ['JoinChain', foreign], { type, as: user });
        expect(denied).to.include('access denied for [JoinChain][third]');
        const [, garbage] = await refusal('cscc', ['JoinChain', 'garbage'], { type });
        expect(garbage).to.include('Failed to reconstruct the genesis block');
        const status = await payload('cscc', ['JoinBySnapshotStatus']);
        expect(peer.JoinBySnapshotStatus.deserializeBinary(status).getInProgress()).to.equal(false);
        const [, snapshot] = await refusal('cscc', ['JoinChainBySnapshot', '/snapshots/1']);
        expect(snapshot).to.include('no snapshots');
        expect((await refusal('cscc', ['GetChannelConfig']))[1]).to.include('arguments, 1');
    });

    it('chaincode invoke: finds in the configuration what it looks for in it', async () => {
        const bytes = await payload('cscc', ['GetChannelConfig', 'mychannel'], {
            type: HeaderType.CONFIG,
            as: user,
        });
        const channel = common.Config.deserializeBinary(bytes).getChannelGroup()!;
        const group = (...path: string[]): common.ConfigGroup =>
            path.reduce((at, name) => at.getGroupsMap().get(name)!, channel);
        const names = (map: { keys(): unknown }): unknown[] => [
            ...(map.keys() as Iterable<unknown>),
        ];
        expect(names(channel.getValuesMap())).to.have.members([
            'HashingAlgorithm',
            'BlockDataHashingStructure',
            'Capabilities',
        ]);
        expect(names(group('Orderer').getValuesMap())).to.have.members([
            'ConsensusType',
            'BatchSize',
            'BatchTimeout',
            'ChannelRestrictions',
            'Capabilities',
        ]);
        const timeout = group('Orderer').getValuesMap().get('BatchTimeout')!.getValue_asU8();
        expect(orderer.BatchTimeout.deserializeBinary(timeout).getTimeout()).to.equal('20ms');
        expect(names(group('Application').getPoliciesMap())).to.have.members([
            'Readers',
            'Writers',
            'Admins',
            'Endorsement',
            'LifecycleEndorsement',
        ]);
        expect(names(group('Application', 'Org2MSP').getPoliciesMap())).to.have.members([
            'Readers',
            'Writers',
            'Admins',
            'Endorsement',
        ]);
        // Which port it will be is not known before the network listens, unless it was given one.
        expect(names(group('Orderer', 'OrdererMSP').getValuesMap())).to.deep.equal(['MSP']);
    });

    it('chaincode invoke: finds the ordering service in it, if its port was given', async () => {
        const port = await freePort();
        await using fixed = await startNetwork({ ports: [0, port] });
        const block = fixed.channel().ledger.blockByNumber(0)!.serializeBinary();
        expect(Buffer.from(block).includes(`localhost:${port}`)).to.equal(true);
        expect(fixed.profile.orderers?.[0]?.endpoint).to.equal(`localhost:${port}`);
    });

    it('refuses an application’s chaincode without a channel', async () => {
        const [status, message] = await refusal('counter', ['get', 'a'], { as: user });
        expect(status).to.equal(500);
        expect(message).to.include('chaincode counter not found');
    });

    it('refuses a stranger, and an old proposal, without a channel too', async () => {
        const ca = await CertificateAuthority.create({ mspId: 'Org1MSP', domain: 'x.y' });
        const as = await ca.enrol({ name: 'mallory', role: 'admin' });
        const error = await failureOf(ask('cscc', ['GetChannels'], { as }));
        expect(error).to.have.property('message').that.includes('creator org unknown');
        const type = HeaderType.MESSAGE;
        const wrong = await failureOf(ask('cscc', ['GetChannels'], { type }));
        expect(wrong).to.have.property('message').that.includes('invalid header type MESSAGE');
    });
});
