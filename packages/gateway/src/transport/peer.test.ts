import { Client, credentials, status as Grpc } from '@grpc/grpc-js';
import type { Gateway } from '@hyperledger/fabric-gateway';
import { expect } from 'chai';
import { grpcError } from '../test-support/fake-network.js';
import { Peer } from './peer.js';

describe('what a peer is taken for after a call has failed', () => {
    const after = async (error: Error): Promise<Peer> => {
        // Neither is used: the call is made up.
        const client = new Client('127.0.0.1:1', credentials.createInsecure());
        const gateway = {} as Gateway;
        const peer = new Peer({ name: 'peer0', client, gateway }, { max: 16, initial: 16 });
        await peer.call(() => Promise.reject(error), 'cc').catch(() => undefined);
        client.close();
        return peer;
    };

    it('is out of reach when nobody answered', async () => {
        const { health } = await after(grpcError(Grpc.UNAVAILABLE, 'connection refused'));
        expect(health.available()).to.equal(false);
    });

    it('is well when it answered for others, or that a chaincode runs nowhere', async () => {
        for (const error of [
            grpcError(Grpc.UNAVAILABLE, 'failed to submit', ['no orderer could be reached']),
            grpcError(
                Grpc.UNAVAILABLE,
                'no peers available to evaluate chaincode sick in channel c',
            ),
            grpcError(Grpc.ABORTED, 'failed to endorse', ['chaincode response 500, no']),
        ]) {
            expect((await after(error)).health.available(), error.message).to.equal(true);
        }
    });

    it('gets fewer calls at once when it has too many', async () => {
        const text = 'too many requests for /gateway.Gateway, exceeding concurrency limit (500)';
        const { health, limit } = await after(grpcError(Grpc.UNAVAILABLE, text));
        expect([health.available(), limit.limit]).to.deep.equal([true, 8]);
    });
});
