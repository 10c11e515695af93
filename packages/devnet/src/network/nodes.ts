import type { Server } from '@grpc/grpc-js';
import type { Channel } from '../channel/channel.js';
import type { Broadcast } from '../deliver/broadcast-stream.js';
import type { DeliverContext } from '../deliver/deliver-stream.js';
import { ConcurrencyLimit } from '../grpc/concurrency-limit.js';
import { RefusedEnvelope, type UnpackedEnvelope } from '../orderer/check-envelope.js';
import { listen, ordererServer, peerServer } from '../peer/peer-server.js';
import { Peer } from '../peer/peer.js';
import { cscc } from '../system/cscc.js';
import { lifecycle } from '../system/lifecycle.js';
import { qscc } from '../system/qscc.js';
import type { SystemChaincode } from '../system/system-chaincode.js';
import { RegisteredChaincodes } from '../chaincode/registered-chaincodes.js';
import { common, peer as protocol } from '@hyperledger/fabric-protos';
import type { NetworkSettings } from './options.js';
import type { Organization } from './organization.js';

/** The chaincodes that are part of every peer. */
const systemChaincodes: ReadonlyMap<string, SystemChaincode> = new Map([
    ['_lifecycle', lifecycle],
    ['cscc', cscc],
    ['qscc', qscc],
]);

/** Hosts a node's certificate is for, beside its own name. */
const LOOPBACK = ['localhost', '127.0.0.1'];

/** Everything of the network that listens. */
export interface Nodes {
    readonly peers: readonly Peer[];
    readonly ordererEndpoint: string;
    readonly registered: RegisteredChaincodes;
    /** Stops listening and ends every connection. */
    stop(): void;
}

/** What nodes are started with. */
export interface NodeParts {
    readonly settings: NetworkSettings;
    readonly organizations: readonly Organization[];
    readonly ordererOrganization: Organization;
    readonly channels: ReadonlyMap<string, Channel>;
}

async function createPeers(parts: NodeParts): Promise<Peer[]> {
    const { settings, organizations, channels } = parts;
    const peers: Peer[] = [];
    for (const organization of organizations) {
        const count = settings.organizations.find(
            ({ mspId }) => mspId === organization.mspId,
        )?.peers;
        for (let index = 0; index < (count ?? 1); index += 1) {
            const short = organization.domain.split('.')[0] ?? organization.domain;
            const identity = await organization.authority.enrol({
                name: `peer${index}.${organization.domain}`,
                role: 'peer',
            });
            peers.push(
                new Peer({
                    name: `peer${index}.${short}`,
                    identity,
                    channels,
                    systemChaincodes,
                    executeTimeoutMs: settings.executeTimeoutMs,
                    clock: settings.clock,
                }),
            );
        }
    }
    return peers;
}

async function bind(
    server: Server,
    host: string,
    organization: Organization,
    { settings }: NodeParts,
    index: number,
): Promise<string> {
    const tls = settings.tls
        ? await organization.authority.tlsCertificate({ hosts: [host, ...LOOPBACK] })
        : undefined;
    const port = await listen(server, settings.ports[index] ?? 0, tls);
    return `localhost:${port}`;
}

/** Hands an envelope to the ordering service of its channel. */
export function broadcastTo(channels: ReadonlyMap<string, Channel>): Broadcast {
    return (bytes: Uint8Array, unpacked: UnpackedEnvelope) => {
        const channel = channels.get(unpacked.channelHeader.getChannelId());
        if (channel === undefined) {
            throw new RefusedEnvelope(common.Status.BAD_REQUEST, 'channel does not exist');
        }
        channel.order(bytes, unpacked);
        return Promise.resolve();
    };
}

/** Starts the network's peers and its ordering node. */
export async function startNodes(parts: NodeParts): Promise<Nodes> {
    const { settings, channels, ordererOrganization } = parts;
    const peers = await createPeers(parts);
    const broadcast = broadcastTo(channels);
    const deliverContext: DeliverContext = {
        channels,
        limit: new ConcurrencyLimit('/orderer.AtomicBroadcast', settings.limits.deliver),
        clock: settings.clock,
    };
    const registered = new RegisteredChaincodes(settings.startTimeoutMs);
    const servers: Server[] = [];
    const orderer = ordererServer(broadcast, deliverContext);
    servers.push(orderer);
    const ordererEndpoint = await bind(
        orderer,
        `orderer.${ordererOrganization.domain}`,
        ordererOrganization,
        parts,
        peers.length,
    );
    for (const [index, peer] of peers.entries()) {
        const organization = parts.organizations.find(({ mspId }) => mspId === peer.mspId);
        if (organization === undefined) continue;
        const { server } = peerServer(peer, {
            local: peer,
            peers,
            channels,
            isSystemChaincode: (name) => systemChaincodes.has(name),
            broadcast,
            orderer: { address: ordererEndpoint, mspId: ordererOrganization.mspId },
            clock: settings.clock,
            limits: settings.limits,
        });
        server.addService(protocol.ChaincodeSupportService, {
            register: (stream: Parameters<RegisteredChaincodes['serve']>[0]) => {
                registered.serve(stream, peer.name);
            },
        });
        servers.push(server);
        const host = `${peer.name.split('.')[0] ?? 'peer0'}.${organization.domain}`;
        peer.endpoint = await bind(server, host, organization, parts, index);
    }
    return {
        peers,
        ordererEndpoint,
        registered,
        stop: () => {
            for (const server of servers) server.forceShutdown();
            for (const peer of peers) peer.runtime.close();
        },
    };
}
