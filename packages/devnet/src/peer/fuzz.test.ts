import { Client } from '@grpc/grpc-js';
import { dial, resolveProfile } from '@goodput/network';
import { gateway, peer } from '@hyperledger/fabric-protos';
import { expect } from 'chai';
import fc from 'fast-check';
import { makeProposal } from '../deploy/make-proposal.js';
import type { SigningIdentity } from '../identity/signing-identity.js';
import type { Network } from '../network/network.js';
import { startNetwork } from '../network/start-network.js';
import { connectClient } from '../test-support/connect-client.js';
import { CounterContract } from '../test-support/counter-contract.js';
import { seekEnvelope } from '../test-support/seek-envelope.js';

const DEADLINE_EXCEEDED = 4;
const UNIMPLEMENTED = 12;
/** Messages to each service, shared out among its methods; `DEVNET_FUZZ=100000` sends them all. */
const messages = Number(process.env['DEVNET_FUZZ'] ?? 1000);
const methodsOf: Readonly<Record<string, number>> = {
    'gateway.Gateway': 5,
    'protos.Endorser': 1,
    'protos.Deliver': 3,
    'orderer.AtomicBroadcast': 2,
    'protos.ChaincodeSupport': 1,
};
/** Messages on their way at a time. */
const atATime = 50;

const bytes = (value: Buffer): Buffer => value;

/** One change of a message: a byte changed, some bytes cut out or put in, or the end cut off. */
type Mutation =
    | { readonly kind: 'set'; readonly at: number; readonly value: number }
    | { readonly kind: 'cut'; readonly at: number; readonly length: number }
    | { readonly kind: 'insert'; readonly at: number; readonly bytes: Uint8Array }
    | { readonly kind: 'end'; readonly at: number };

const position = fc.double({ min: 0, max: 1, noNaN: true });
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
    fc.record({ kind: fc.constant('set' as const), at: position, value: fc.nat(255) }),
    fc.record({ kind: fc.constant('cut' as const), at: position, length: fc.nat(20) }),
    fc.record({
        kind: fc.constant('insert' as const),
        at: position,
        bytes: fc.uint8Array({ maxLength: 20 }),
    }),
    fc.record({ kind: fc.constant('end' as const), at: position }),
);

function mutate(message: Uint8Array, change: Mutation): Buffer {
    const source = Buffer.from(message);
    const at = Math.floor(change.at * source.length);
    switch (change.kind) {
        case 'set':
            if (source.length > 0) source[Math.min(at, source.length - 1)] = change.value;
            return source;
        case 'cut':
            return Buffer.concat([source.subarray(0, at), source.subarray(at + change.length)]);
        case 'insert':
            return Buffer.concat([source.subarray(0, at), change.bytes, source.subarray(at)]);
        case 'end':
            return source.subarray(0, at);
    }
}

/** Random bytes, or a good message with up to five mutations. */
function fuzzed(good: Uint8Array): fc.Arbitrary<Buffer> {
    return fc.oneof(
        fc.uint8Array({ maxLength: 200 }).map((random) => Buffer.from(random)),
        fc
            .array(mutation, { minLength: 1, maxLength: 5 })
            .map((changes) => changes.reduce<Buffer>(mutate, Buffer.from(good))),
    );
}

/** A method, and how to send it something; resolves with the status of the answer. */
interface Method {
    readonly path: string;
    readonly send: (message: Buffer) => Promise<number>;
}

describe('services that are sent random and mutated messages', function () {
    this.timeout(messages > 1000 ? 3_600_000 : 300_000);
    let network: Network;
    let client: Client;
    let ordererClient: Client;
    let user: SigningIdentity;

    before(async () => {
        network = await startNetwork({ block: { timeoutMs: 20 }, executeTimeoutMs: 2000 });
        await network.deploy({ name: 'counter', contracts: [CounterContract] });
        await network.deploy({ name: 'coming', register: true });
        const profile = resolveProfile(network.profile);
        client = dial(profile.peer());
        ordererClient = dial(profile.orderers[0]!);
        user = network.organization().users[0]!;
    });
    after(async () => {
        client.close();
        ordererClient.close();
        await network.stop();
    });

    async function survive(good: Uint8Array, { path, send }: Method): Promise<void> {
        const service = path.split('/')[1] ?? '';
        const numRuns = Math.ceil(messages / (methodsOf[service] ?? 1));
        const samples = fc.sample(fuzzed(good), { numRuns, seed: 42 });
        for (let from = 0; from < samples.length; from += atATime) {
            const batch = samples.slice(from, from + atATime);
            const codes = await Promise.all(batch.map(send));
            const unanswered = batch.filter((_, at) => codes[at] === DEADLINE_EXCEEDED);
            const shown = unanswered.slice(0, 3).map((message) => message.toString('base64'));
            expect(shown, `${unanswered.length} without an answer`).to.deep.equal([]);
            expect(codes, 'a method this test has no right name for').not.to.include(UNIMPLEMENTED);
        }
        const still = connectClient(network);
        await still.contract('counter').submitTransaction('put', 'still', 'there');
        still.close();
    }

    const unary = (path: string): Method => ({
        path,
        send: (message) =>
            new Promise((resolve) => {
                const deadline = Date.now() + 90_000;
                client.makeUnaryRequest(
                    path,
                    bytes,
                    bytes,
                    message,
                    { deadline },
                    (error: { readonly code: number } | null) => {
                        resolve(error?.code ?? 0);
                    },
                );
            }),
    });

    const stream = (path: string, over: () => Client): Method => ({
        path,
        send: (message) =>
            new Promise((resolve) => {
                const call = over().makeBidiStreamRequest(path, bytes, bytes, {
                    deadline: Date.now() + 90_000,
                });
                const timer = setTimeout(() => {
                    call.cancel();
                }, 200);
                call.on('data', () => undefined);
                call.on('error', () => undefined);
                call.on('status', (status: { readonly code: number }) => {
                    clearTimeout(timer);
                    resolve(status.code);
                });
                call.write(message);
                call.end();
            }),
    });

    /** One message to the peer, a stream of answers back: cancelled when it is silent for a moment. */
    const serverStream = (path: string): Method => ({
        path,
        send: (message) =>
            new Promise((resolve) => {
                const call = client.makeServerStreamRequest(path, bytes, bytes, message, {
                    deadline: Date.now() + 90_000,
                });
                const timer = setTimeout(() => {
                    call.cancel();
                }, 200);
                call.on('data', () => undefined);
                call.on('error', () => undefined);
                call.on('status', (status: { readonly code: number }) => {
                    clearTimeout(timer);
                    resolve(status.code);
                });
            }),
    });

    function proposal(): peer.SignedProposal {
        const args = ['put', 'fuzz', '1'].map((arg) => Buffer.from(arg));
        return makeProposal(
            { channelId: 'mychannel', chaincode: 'counter', args, time: new Date() },
            user,
        ).signed;
    }

    it('Gateway.Endorse', () => {
        const request = new gateway.EndorseRequest();
        request.setChannelId('mychannel');
        request.setProposedTransaction(proposal());
        return survive(request.serializeBinary(), unary('/gateway.Gateway/Endorse'));
    });

    it('Gateway.Evaluate', () => {
        const request = new gateway.EvaluateRequest();
        request.setChannelId('mychannel');
        request.setProposedTransaction(proposal());
        return survive(request.serializeBinary(), unary('/gateway.Gateway/Evaluate'));
    });

    it('Gateway.Submit', () => {
        const request = new gateway.SubmitRequest();
        request.setChannelId('mychannel');
        request.setPreparedTransaction(seekEnvelope(user, { start: 0, stop: 0 }));
        return survive(request.serializeBinary(), unary('/gateway.Gateway/Submit'));
    });

    it('Gateway.CommitStatus', () => {
        const inner = new gateway.CommitStatusRequest();
        inner.setChannelId('mychannel');
        inner.setTransactionId(
            network.channel().ledger.blockByNumber(1) === undefined ? '' : 'unknown',
        );
        inner.setIdentity(user.serialized);
        const request = new gateway.SignedCommitStatusRequest();
        request.setRequest(inner.serializeBinary());
        request.setSignature(Buffer.from('not a signature'));
        return survive(request.serializeBinary(), unary('/gateway.Gateway/CommitStatus'));
    });

    it('Gateway.ChaincodeEvents', () => {
        const inner = new gateway.ChaincodeEventsRequest();
        inner.setChannelId('mychannel');
        inner.setChaincodeId('counter');
        inner.setIdentity(user.serialized);
        const request = new gateway.SignedChaincodeEventsRequest();
        request.setRequest(inner.serializeBinary());
        request.setSignature(user.sign(request.getRequest_asU8()));
        const events = serverStream('/gateway.Gateway/ChaincodeEvents');
        return survive(request.serializeBinary(), events);
    });

    it('Endorser.ProcessProposal', () =>
        survive(proposal().serializeBinary(), unary('/protos.Endorser/ProcessProposal')));

    for (const method of ['Deliver', 'DeliverFiltered', 'DeliverWithPrivateData']) {
        it(`Deliver.${method}`, () =>
            survive(
                seekEnvelope(user, { start: 0, stop: 0 }).serializeBinary(),
                stream(`/protos.Deliver/${method}`, () => client),
            ));
    }

    for (const method of ['Broadcast', 'Deliver']) {
        it(`AtomicBroadcast.${method}`, () =>
            survive(
                seekEnvelope(user, { start: 0, stop: 0 }).serializeBinary(),
                stream(`/orderer.AtomicBroadcast/${method}`, () => ordererClient),
            ));
    }

    it('ChaincodeSupport.Register', () => {
        const id = new peer.ChaincodeID();
        id.setName('coming');
        const message = new peer.ChaincodeMessage();
        message.setType(peer.ChaincodeMessage.Type.REGISTER);
        message.setPayload(id.serializeBinary());
        return survive(
            message.serializeBinary(),
            stream('/protos.ChaincodeSupport/Register', () => client),
        );
    });
});
