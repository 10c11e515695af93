import { expect } from 'chai';
import { common, gateway, peer } from '@hyperledger/fabric-protos';
import type { ServiceError } from '@grpc/grpc-js';
import { makeProposal } from '../deploy/make-proposal.js';
import type { Proposal } from '../endorser/proposal.js';
import type { SigningIdentity } from '../identity/signing-identity.js';
import type { Network } from '../network/network.js';
import { startNetwork } from '../network/start-network.js';
import { CounterContract } from '../test-support/counter-contract.js';
import { exchange, rawClients, type RawClients } from '../test-support/raw-client.js';
import { seekEnvelope } from '../test-support/seek-envelope.js';

const { Status } = common;

type Callback<T> = (error: ServiceError | null, response?: T) => void;

function call<T>(make: (callback: Callback<T>) => unknown): Promise<T> {
    return new Promise((resolve, reject) => {
        make((error, response) => {
            if (error === null && response !== undefined) resolve(response);
            else reject(error ?? new Error('no response'));
        });
    });
}

async function refusalOf(work: Promise<unknown>): Promise<ServiceError> {
    try {
        await work;
    } catch (error) {
        return error as ServiceError;
    }
    throw new Error('it was not refused');
}

describe('the services of a peer and an ordering node', function () {
    this.timeout(180_000);
    let network: Network;
    let clients: RawClients;
    let user: SigningIdentity;

    before(async () => {
        network = await startNetwork({ block: { timeoutMs: 'manual' }, limits: { gateway: 3 } });
        await network.deploy({ name: 'counter', contracts: [CounterContract] });
        clients = rawClients(network);
        user = network.organization().users[0]!;
    });
    after(async () => {
        clients.close();
        await network.stop();
    });

    const propose = (
        args: readonly string[],
        { chaincode = 'counter', channelId = 'mychannel', time = new Date(), as = user } = {},
    ): Proposal =>
        makeProposal({ channelId, chaincode, args: args.map((arg) => Buffer.from(arg)), time }, as);
    const process = (signed: peer.SignedProposal): Promise<peer.ProposalResponse> =>
        call((callback) => clients.endorser.processProposal(signed, callback as never));

    it('endorse a proposal, with the payload that a transaction carries', async () => {
        const response = await process(propose(['put', 'a', '1']).signed);
        expect(response.getResponse()?.getStatus()).to.equal(200);
        expect(response.getEndorsement()?.getSignature_asU8().length).to.be.above(60);
    });

    it('answer a contract’s error in the response, unendorsed', async () => {
        const response = await process(propose(['fail', 'why not']).signed);
        expect(response.getResponse()?.getStatus()).to.equal(500);
        expect(response.getResponse()?.getMessage()).to.equal('why not');
        expect(response.hasEndorsement()).to.equal(false);
        expect(response.getPayload_asU8().length).to.be.above(0);
    });

    it('answer for a channel or chaincode that is not there', async () => {
        const noChannel = await process(propose(['x'], { channelId: 'nowhere' }).signed);
        expect(noChannel.getResponse()?.getMessage()).to.equal("channel 'nowhere' not found");
        const noChaincode = await process(propose(['x'], { chaincode: 'nothing' }).signed);
        expect(noChaincode.getResponse()?.getMessage()).to.equal(
            'make sure the chaincode nothing has been successfully defined on channel mychannel and try again: chaincode nothing not found',
        );
    });

    const refused: readonly [string, () => Promise<peer.SignedProposal>, string][] = [
        [
            'a signature that is another’s',
            async () => {
                const { signed } = propose(['put', 'a', '1']);
                signed.setSignature(user.sign(Buffer.from('something else')));
                return Promise.resolve(signed);
            },
            'error validating proposal: access denied: channel [mychannel] creator org [Org1MSP]',
        ],
        [
            'nobody’s identity',
            async () => {
                const { CertificateAuthority } =
                    await import('../identity/certificate-authority.js');
                const ca = await CertificateAuthority.create({ mspId: 'Org1MSP', domain: 'x.y' });
                const as = await ca.enrol({ name: 'mallory', role: 'client' });
                return propose(['put', 'a', '1'], { as }).signed;
            },
            'error validating proposal: access denied: channel [mychannel] creator org unknown, creator is malformed',
        ],
        [
            'a clock an hour behind',
            () =>
                Promise.resolve(
                    propose(['put', 'a', '1'], { time: new Date(Date.now() - 3_600_000) }).signed,
                ),
            'request unauthorized due to incorrect timestamp',
        ],
        [
            'an identity that has expired',
            async () => {
                const as = await network.organization().authority.enrol({
                    name: 'late',
                    role: 'client',
                    notAfter: new Date(Date.now() - 1000),
                });
                return propose(['put', 'a', '1'], { as }).signed;
            },
            'proposal client identity expired',
        ],
        [
            'a peer’s identity, which may not write',
            async () => {
                const as = await network
                    .organization()
                    .authority.enrol({ name: 'p', role: 'peer' });
                return propose(['put', 'a', '1'], { as }).signed;
            },
            "this policy requires 1 of the 'Writers' sub-policies to be satisfied",
        ],
        [
            'what is no proposal',
            () => {
                const signed = new peer.SignedProposal();
                signed.setProposalBytes(Buffer.from('ffff', 'hex'));
                return Promise.resolve(signed);
            },
            'error unmarshalling Proposal',
        ],
    ];
    for (const [what, make, message] of refused) {
        it(`refuse ${what}`, async () => {
            const error = await refusalOf(process(await make()));
            expect(error.code).to.equal(2);
            expect(error.details).to.include(message);
        });
    }

    it('refuse a transaction id that is committed already', async () => {
        const proposal = propose(['put', 'a', '1']);
        const request = new gateway.EndorseRequest();
        request.setChannelId('mychannel');
        request.setTransactionId(proposal.txId);
        request.setProposedTransaction(proposal.signed);
        const { prepared } = {
            prepared: await call<gateway.EndorseResponse>((callback) =>
                clients.gateway.endorse(request, callback as never),
            ),
        };
        const envelope = prepared.getPreparedTransaction()!;
        const unsigned = await exchange(clients.orderer.broadcast(), [envelope]);
        expect(unsigned.responses[0]?.getStatus()).to.equal(Status.FORBIDDEN);
        envelope.setSignature(user.sign(envelope.getPayload_asU8()));
        const sent = await exchange(clients.orderer.broadcast(), [envelope, envelope]);
        expect(sent.responses.map((each) => each.getStatus())).to.deep.equal([
            Status.SUCCESS,
            Status.SUCCESS,
        ]);
        await network.cutBlock();
        const { ledger } = network.channel();
        const block = ledger.blockByNumber(ledger.height - 1);
        expect([...(block?.getMetadata()?.getMetadataList_asU8()[2] ?? [])]).to.deep.equal([0, 9]);
        const error = await refusalOf(process(proposal.signed));
        expect(error.details).to.match(/^duplicate transaction found \[[0-9a-f]{64}\]/);
    });

    it('take no updates of the configuration, and say so', async () => {
        const envelope = seekEnvelope(user, { start: 0, stop: 0 });
        const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
        const header = common.ChannelHeader.deserializeBinary(
            payload.getHeader()?.getChannelHeader_asU8() ?? new Uint8Array(),
        );
        header.setType(common.HeaderType.CONFIG_UPDATE);
        payload.getHeader()?.setChannelHeader(header.serializeBinary());
        envelope.setPayload(payload.serializeBinary());
        envelope.setSignature(user.sign(envelope.getPayload_asU8()));
        const { responses } = await exchange(clients.orderer.broadcast(), [envelope]);
        expect(responses[0]?.getStatus()).to.equal(Status.BAD_REQUEST);
        expect(responses[0]?.getInfo()).to.include('takes no configuration updates');
    });

    it('refuse more calls than they take at a time, waiting ones included', async () => {
        const waiting = ['a', 'b', 'c'].map((txId) => {
            const request = new gateway.CommitStatusRequest();
            request.setChannelId('mychannel');
            request.setTransactionId(txId);
            request.setIdentity(user.serialized);
            const signed = new gateway.SignedCommitStatusRequest();
            signed.setRequest(request.serializeBinary());
            signed.setSignature(user.sign(request.serializeBinary()));
            let cancel = (): void => undefined;
            const done = call<gateway.CommitStatusResponse>((callback) => {
                const made = clients.gateway.commitStatus(signed, callback as never);
                cancel = () => {
                    made.cancel();
                };
            });
            return {
                done: refusalOf(done),
                cancel: () => {
                    cancel();
                },
            };
        });
        const overflow = refusalOf(
            call((callback) =>
                clients.gateway.submit(new gateway.SubmitRequest(), callback as never),
            ),
        );
        const error = await overflow;
        expect(error.code).to.equal(2);
        expect(error.details).to.equal(
            'too many requests for /gateway.Gateway, exceeding concurrency limit (3)',
        );
        for (const { cancel } of waiting) cancel();
        for (const { done } of waiting) expect((await done).code).to.equal(1);
    });

    it('deliver blocks from both sides, and a status at the end', async () => {
        const request = seekEnvelope(user, { start: 'oldest', stop: 'newest' });
        const { responses } = await exchange(clients.deliver.deliver(), [request]);
        const { height } = network.channel().ledger;
        expect(responses).to.have.length(height + 1);
        expect(responses.at(-1)?.getStatus()).to.equal(Status.SUCCESS);
        const ordered = await exchange(clients.orderer.deliver(), [request]);
        expect(ordered.responses).to.have.length(height + 1);
        const [first] = ordered.responses;
        expect(first?.getBlock()?.getHeader()?.getNumber()).to.equal(0);
        expect(first?.getBlock()?.getMetadata()?.getMetadataList_asU8()[2]).to.have.length(0);
    });

    it('answer several requests for blocks on one stream', async () => {
        const request = seekEnvelope(user, { start: 0, stop: 0 });
        const { responses } = await exchange(clients.deliver.deliverFiltered(), [request, request]);
        expect(responses.map((each) => each.hasFilteredBlock())).to.deep.equal([
            true,
            false,
            true,
            false,
        ]);
    });

    const statuses: readonly [string, Parameters<typeof seekEnvelope>[1], number][] = [
        ['a channel that is not there', { channel: 'no', start: 0, stop: 0 }, Status.NOT_FOUND],
        ['a stop before the start', { start: 2, stop: 1 }, Status.BAD_REQUEST],
        ['a start beyond the end', { start: 1000, stop: 1000 }, Status.NOT_FOUND],
        [
            'a block that is not ready, if it must be',
            { start: 0, stop: 1000, failIfNotReady: true },
            Status.NOT_FOUND,
        ],
        [
            'a clock an hour ahead',
            { start: 0, stop: 0, time: new Date(Date.now() + 3_600_000) },
            Status.BAD_REQUEST,
        ],
    ];
    for (const [what, request, status] of statuses) {
        it(`end a request for ${what} with a status`, async () => {
            const { responses } = await exchange(clients.deliver.deliver(), [
                seekEnvelope(user, request),
            ]);
            expect(responses.at(-1)?.getStatus()).to.equal(status);
        });
    }

    it('deliver no blocks to strangers', async () => {
        const request = seekEnvelope(user, { start: 0, stop: 0 });
        request.setSignature(Buffer.from('no signature'));
        const { responses } = await exchange(clients.deliver.deliver(), [request]);
        expect(responses.map((each) => each.getStatus())).to.deep.equal([Status.FORBIDDEN]);
    });

    it('deliver no blocks to an identity that has expired', async () => {
        const expired = await network.organization().authority.enrol({
            name: 'late',
            role: 'client',
            notAfter: new Date(Date.now() - 1000),
        });
        const request = seekEnvelope(expired, { start: 0, stop: 0 });
        const { responses } = await exchange(clients.deliver.deliver(), [request]);
        expect(responses.map((each) => each.getStatus())).to.deep.equal([Status.FORBIDDEN]);
    });

    it('end a stream of blocks when the identity has expired meanwhile', async () => {
        const soon = await network.organization().authority.enrol({
            name: 'soon',
            role: 'client',
            notAfter: new Date(1000 * Math.ceil(Date.now() / 1000) + 1000),
        });
        const { height } = network.channel().ledger;
        const request = seekEnvelope(soon, { start: height, stop: height });
        const answered = exchange(clients.deliver.deliver(), [request]);
        await new Promise((resolve) => setTimeout(resolve, 2_100));
        await network.deploy({ name: 'later', contracts: [CounterContract] });
        const { responses } = await answered;
        expect(responses.map((each) => each.getStatus())).to.deep.equal([Status.FORBIDDEN]);
    });
});
