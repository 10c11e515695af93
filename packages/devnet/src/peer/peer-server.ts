import type { Server } from '@grpc/grpc-js';
import { gateway, orderer, peer } from '@hyperledger/fabric-protos';
import { broadcastStream, type Broadcast } from '../deliver/broadcast-stream.js';
import { deliver, type DeliverContext } from '../deliver/deliver-stream.js';
import {
    blocksWithPrivateData,
    filteredBlocks,
    fullBlocks,
    orderedBlocks,
} from '../deliver/response-formats.js';
import { unpackProposal } from '../endorser/proposal.js';
import { chaincodeEvents } from '../gateway/chaincode-events.js';
import { commitStatus } from '../gateway/commit-status.js';
import { endorseTransaction } from '../gateway/endorse.js';
import { evaluate } from '../gateway/evaluate.js';
import type { GatewayContext } from '../gateway/gateway-context.js';
import { submit } from '../gateway/submit.js';
import { ConcurrencyLimit } from '../grpc/concurrency-limit.js';
import { nodeServer } from '../grpc/node-server.js';
import { toServiceError } from '../grpc/rpc-error.js';
import { unary } from '../grpc/unary.js';
import { privateDataOf } from '../deliver/private-data.js';
import type { Peer } from './peer.js';

/** How many calls of a service a node takes at a time: Fabric's defaults. */
export interface ConcurrencyLimits {
    /** @defaultValue 500 */
    readonly gateway: number;
    /** @defaultValue 2500 */
    readonly endorser: number;
    /** @defaultValue 2500 */
    readonly deliver: number;
}

type Stream = Parameters<typeof deliver>[0];

const identity = (bytes: Buffer): Buffer => bytes;

/** Blocks are serialized once for all clients: what these methods send is bytes already. */
const { deliver: full, deliverFiltered, deliverWithPrivateData } = peer.DeliverService;
const rawDeliverService = {
    deliver: { ...full, responseSerialize: identity },
    deliverFiltered: { ...deliverFiltered, responseSerialize: identity },
    deliverWithPrivateData: { ...deliverWithPrivateData, responseSerialize: identity },
};
const rawBroadcastService = {
    ...orderer.AtomicBroadcastService,
    deliver: { ...orderer.AtomicBroadcastService.deliver, responseSerialize: identity },
};

/** A server with the services of a peer. */
export function peerServer(
    local: Peer,
    context: GatewayContext & {
        readonly clock: () => Date;
        readonly limits: ConcurrencyLimits;
        readonly copiesOfBlocks: () => number;
    },
): Server {
    const server = nodeServer();
    const deliverContext: DeliverContext = {
        channels: context.channels,
        limit: new ConcurrencyLimit('/protos.Deliver', context.limits.deliver),
        clock: context.clock,
        copiesOfBlocks: context.copiesOfBlocks,
    };
    addGateway(server, context, context.limits.gateway);
    const endorserLimit = new ConcurrencyLimit('/protos.Endorser', context.limits.endorser);
    server.addService(peer.EndorserService, {
        processProposal: unary(
            endorserLimit,
            async (signed: peer.SignedProposal) =>
                (await local.process(unpackProposal(signed))).response,
        ),
    });
    const formats = {
        deliver: fullBlocks(),
        deliverFiltered: filteredBlocks(),
        deliverWithPrivateData: blocksWithPrivateData(privateDataOf),
    };
    server.addService(rawDeliverService, {
        deliver: (stream: Stream) => {
            deliver(stream, deliverContext, formats.deliver);
        },
        deliverFiltered: (stream: Stream) => {
            deliver(stream, deliverContext, formats.deliverFiltered);
        },
        deliverWithPrivateData: (stream: Stream) => {
            deliver(stream, deliverContext, formats.deliverWithPrivateData);
        },
    });
    return server;
}

function addGateway(server: Server, context: GatewayContext, limit: number): void {
    const gatewayLimit = new ConcurrencyLimit('/gateway.Gateway', limit);
    server.addService(gateway.GatewayService, {
        endorse: unary(gatewayLimit, (request: gateway.EndorseRequest) =>
            endorseTransaction(context, request),
        ),
        submit: unary(gatewayLimit, (request: gateway.SubmitRequest) => submit(context, request)),
        commitStatus: unary(gatewayLimit, (request: gateway.SignedCommitStatusRequest, call) =>
            commitStatus(context, request, call),
        ),
        evaluate: unary(gatewayLimit, (request: gateway.EvaluateRequest) =>
            evaluate(context, request),
        ),
        chaincodeEvents: (stream: Parameters<typeof chaincodeEvents>[1]) => {
            let leave: () => void;
            try {
                leave = gatewayLimit.enter();
            } catch (error) {
                stream.emit('error', toServiceError(error));
                return;
            }
            chaincodeEvents(context, stream)
                .catch((error: unknown) => {
                    stream.emit('error', toServiceError(error));
                })
                .finally(leave);
        },
    });
}

/** A server with the services of an ordering node. */
export function ordererServer(broadcast: Broadcast, deliverContext: DeliverContext): Server {
    const server = nodeServer();
    const format = orderedBlocks();
    server.addService(rawBroadcastService, {
        broadcast: (stream: Parameters<typeof broadcastStream>[0]) => {
            broadcastStream(stream, broadcast);
        },
        deliver: (stream: Stream) => {
            deliver(stream, deliverContext, format);
        },
    });
    return server;
}
