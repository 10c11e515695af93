import type { Server } from '@grpc/grpc-js';
import { common, peer as protocol } from '@hyperledger/fabric-protos';
import type { Channel } from '../channel/channel.js';
import { RegisteredChaincodes } from '../chaincode/registered-chaincodes.js';
import type { Broadcast } from '../deliver/broadcast-stream.js';
import type { DeliverContext } from '../deliver/deliver-stream.js';
import type { Faults } from '../faults/faults.js';
import { ConcurrencyLimit } from '../grpc/concurrency-limit.js';
import type { TlsPair } from '../identity/export-organization.js';
import { Membership } from '../identity/membership.js';
import type { SigningIdentity } from '../identity/signing-identity.js';
import { RefusedEnvelope, type UnpackedEnvelope } from '../orderer/check-envelope.js';
import { ordererServer, peerServer } from '../peer/peer-server.js';
import { Peer } from '../peer/peer.js';
import { cscc } from '../system/cscc.js';
import { lifecycle } from '../system/lifecycle.js';
import { qscc } from '../system/qscc.js';
import type { SystemChaincode } from '../system/system-chaincode.js';
import { Listener } from './listener.js';
import { peersOf, type NetworkSettings } from './options.js';
import type { Organization } from './organization.js';

/** The chaincodes that are part of every peer. */
const systemChaincodes: ReadonlyMap<string, SystemChaincode> = new Map([
    ['_lifecycle', lifecycle],
    ['cscc', cscc],
    ['qscc', qscc],
]);

/** Hosts a node's certificate is for, beside its own name. */
const LOOPBACK = ['localhost', '127.0.0.1'];

/** A peer, and what it listens with. */
export interface PeerNode {
    readonly peer: Peer;
    readonly identity: SigningIdentity;
    readonly tls: TlsPair;
    readonly listener: Listener;
}

/** Everything of the network that listens. */
export interface Nodes {
    readonly peers: readonly PeerNode[];
    readonly orderer: { readonly name: string; readonly listener: Listener };
    readonly registered: RegisteredChaincodes;
    /** Stops listening and ends every connection. */
    stop(): Promise<void>;
}

/** What nodes are started with. */
export interface NodeParts {
    readonly settings: NetworkSettings;
    readonly organizations: readonly Organization[];
    readonly ordererOrganization: Organization;
    readonly channels: ReadonlyMap<string, Channel>;
    readonly faults: Faults;
}

/** Hands an envelope to the ordering service of its channel. */
function broadcastTo(channels: ReadonlyMap<string, Channel>, faults: Faults): Broadcast {
    return async (bytes: Uint8Array, unpacked: UnpackedEnvelope) => {
        if (faults.isOrdererDown) {
            throw new RefusedEnvelope(
                common.Status.SERVICE_UNAVAILABLE,
                'the ordering service is down',
            );
        }
        const channel = channels.get(unpacked.channelHeader.getChannelId());
        if (channel === undefined) {
            throw new RefusedEnvelope(common.Status.BAD_REQUEST, 'channel does not exist');
        }
        await channel.order(bytes, unpacked);
    };
}

/** Makes nodes and has them listen. */
class NodeStarter {
    readonly #parts: NodeParts;
    readonly #registered: RegisteredChaincodes;
    readonly #broadcast: Broadcast;
    #started = 0;

    constructor(parts: NodeParts) {
        this.#parts = parts;
        this.#registered = new RegisteredChaincodes(parts.settings.startTimeoutMs);
        this.#broadcast = broadcastTo(parts.channels, parts.faults);
    }

    async start(): Promise<Nodes> {
        const { settings, organizations, ordererOrganization } = this.#parts;
        const nodes: PeerNode[] = [];
        const peers: Peer[] = [];
        const ordererName = `orderer.${ordererOrganization.domain}`;
        const { listener: orderer } = await this.#listener(
            ordererOrganization,
            ordererName,
            () => this.#ordererServer(),
            peersOf(settings),
        );
        for (const organization of organizations) {
            const count = settings.organizations.find(
                ({ mspId }) => mspId === organization.mspId,
            )?.peers;
            for (let index = 0; index < (count ?? 1); index += 1) {
                const name = `peer${index}.${organization.domain}`;
                const node = await this.#peerNode(name, organization, peers, orderer);
                nodes.push(node);
                peers.push(node.peer);
            }
        }
        const stop = async (): Promise<void> => {
            const listeners = [orderer, ...nodes.map(({ listener }) => listener)];
            const stopping = listeners.map((each) => each.close());
            for (const { peer } of nodes) peer.runtime.close();
            await Promise.all(stopping);
        };
        try {
            await orderer.start();
            for (const { peer, listener } of nodes) {
                await listener.start();
                peer.endpoint = listener.endpoint;
            }
        } catch (error) {
            await stop();
            throw error;
        }
        return {
            peers: nodes,
            orderer: { name: ordererName, listener: orderer },
            registered: this.#registered,
            stop,
        };
    }

    async #peerNode(
        name: string,
        organization: Organization,
        peers: readonly Peer[],
        orderer: Listener,
    ): Promise<PeerNode> {
        const { settings, channels, ordererOrganization, faults } = this.#parts;
        const identity = await organization.nodeIdentity(name, 'peer');
        const peer = new Peer({
            name,
            identity,
            channels,
            localMembership: new Membership([organization.msp]),
            systemChaincodes,
            executeTimeoutMs: settings.executeTimeoutMs,
            clock: settings.clock,
            beforeProposal: () => faults.beforeProposal(name),
            viewOf: (channel) => faults.viewOf(name, channel),
        });
        const context = {
            local: peer,
            peers,
            channels,
            isSystemChaincode: (chaincode: string) => systemChaincodes.has(chaincode),
            broadcast: this.#broadcast,
            orderer: () => ({ address: orderer.endpoint, mspId: ordererOrganization.mspId }),
            clock: settings.clock,
            limits: settings.limits,
            copiesOfBlocks: () => faults.copiesOfBlocks,
        };
        const make = (): Server => {
            const server = peerServer(peer, context);
            server.addService(protocol.ChaincodeSupportService, {
                register: (stream: Parameters<RegisteredChaincodes['serve']>[0]) => {
                    this.#registered.serve(stream, name);
                },
            });
            return server;
        };
        const index = this.#started;
        this.#started += 1;
        return { peer, identity, ...(await this.#listener(organization, name, make, index)) };
    }

    #ordererServer(): Server {
        const { settings, channels, faults } = this.#parts;
        const deliverContext: DeliverContext = {
            channels,
            limit: new ConcurrencyLimit('/orderer.AtomicBroadcast', settings.limits.deliver),
            clock: settings.clock,
            copiesOfBlocks: () => faults.copiesOfBlocks,
        };
        return ordererServer(this.#broadcast, deliverContext);
    }

    async #listener(
        organization: Organization,
        host: string,
        make: () => Server,
        index: number,
    ): Promise<{ readonly listener: Listener; readonly tls: TlsPair }> {
        const { settings } = this.#parts;
        const hosts = [host, ...LOOPBACK];
        const tls = await organization.authority.tlsCertificate({ hosts });
        const port = settings.ports[index] ?? 0;
        return { listener: new Listener(make, port, settings.tls ? tls : undefined), tls };
    }
}

/** Starts the network's peers and its ordering node. */
export function startNodes(parts: NodeParts): Promise<Nodes> {
    return new NodeStarter(parts).start();
}
