import { resolve } from 'node:path';
import type { NetworkProfile, PeerProfile } from '@goodput/network';
import type { Channel } from '../channel/channel.js';
import { Deployer } from '../deploy/deployer.js';
import type { Deployment } from '../deploy/deployment.js';
import { DevnetError } from '../errors.js';
import type { CommittedBlock } from '../ledger/ledger.js';
import type { BlockSettings } from '../orderer/batch-settings.js';
import type { Peer } from '../peer/peer.js';
import type { Faults } from '../faults/faults.js';
import {
    exportOrderer,
    exportOrganization,
    type ExportedOrganization,
} from '../identity/export-organization.js';
import { networkProfile, writeProfile } from '../identity/network-profile.js';
import { storedNetwork, writeStored } from './data-directory.js';
import type { Nodes } from './nodes.js';
import { checkChannelNames } from './check-options.js';
import type { NetworkSettings } from './options.js';
import { organizationOf, type Organization } from './organization.js';

/** What a network is made of. */
export interface NetworkParts {
    readonly settings: NetworkSettings;
    readonly organizations: readonly Organization[];
    readonly ordererOrganization: Organization;
    readonly channels: ReadonlyMap<string, Channel>;
    /** Makes a channel, or opens the one kept in the folder, and puts it among the channels. */
    readonly openChannel: (id: string) => Promise<Channel>;
    readonly nodes: Nodes;
    readonly faults: Faults;
    /** Why a channel stands still, if one does. */
    readonly failures: readonly unknown[];
}

/** A running network. Made by {@link startNetwork}. */
export class Network implements AsyncDisposable {
    readonly #parts: NetworkParts;
    readonly #deployer: Deployer;
    readonly #underWay = new Set<Promise<unknown>>();
    readonly #opening = new Set<string>();
    #stopped: Promise<void> | undefined;

    /** @internal */
    constructor(parts: NetworkParts) {
        this.#parts = parts;
        this.#deployer = new Deployer({
            organizations: parts.organizations,
            peers: parts.nodes.peers.map(({ peer }) => peer),
            channels: parts.channels,
            registered: parts.nodes.registered,
            startTimeoutMs: parts.settings.startTimeoutMs,
            clock: parts.settings.clock,
            checkRunning: () => {
                this.#checkRunning();
            },
        });
        parts.faults.attach(
            parts.nodes.peers.map(({ peer, listener }) => ({
                name: peer.name,
                listener,
                disconnect: () => {
                    peer.runtime.disconnect();
                },
            })),
            { channels: parts.channels, keepPast: parts.settings.couchdbUrl === undefined },
        );
    }

    /** The organisations, whose users sign transactions. */
    get organizations(): readonly Organization[] {
        return this.#parts.organizations;
    }

    /** The organisation with that MSP id; the first one by default. */
    organization(mspId?: string): Organization {
        return organizationOf(this.organizations, mspId);
    }

    /** The peers. */
    get peers(): readonly Peer[] {
        return this.#parts.nodes.peers.map(({ peer }) => peer);
    }

    /** Things that go wrong on request. */
    get faults(): Faults {
        return this.#parts.faults;
    }

    /** The one file by which every tool reaches the network; everything it needs is inside. */
    get profile(): NetworkProfile {
        const { settings, ordererOrganization, organizations, nodes } = this.#parts;
        const { orderer } = nodes;
        const profile = networkProfile({
            name: settings.name,
            channel: settings.channels[0] ?? '',
            organizations: organizations.map((each) => this.#exported(each)),
            orderers: [
                {
                    name: orderer.name,
                    mspId: ordererOrganization.mspId,
                    endpoint: orderer.listener.endpoint,
                    tlsRootCert: { pem: ordererOrganization.authority.tlsRootCertificate },
                    hostOverride: orderer.name,
                },
            ],
            ...(this.#deployer.names.length > 0 && {
                chaincodes: Object.fromEntries(this.#deployer.names.map((name) => [name, name])),
            }),
            ...(settings.couchdbUrl !== undefined && { couchdbUrl: settings.couchdbUrl }),
        });
        return settings.tls ? profile : withoutTls(profile);
    }

    /** Writes the {@link profile} to a file; it holds private keys, so that only its owner may read it. */
    writeProfile(file: string): Promise<void> {
        return writeProfile(file, this.profile);
    }

    /**
     * Writes down what {@link IdentityRegistry} needs to enrol users while the network runs: the keys of
     * its authorities, or, of a network kept in a folder, that folder.
     */
    writeAuthorities(file: string): Promise<void> {
        const { settings, organizations, ordererOrganization } = this.#parts;
        const { dataDirectory } = settings;
        return writeStored(
            file,
            dataDirectory === undefined
                ? storedNetwork(organizations, ordererOrganization)
                : { version: 1, dataDirectory: resolve(dataDirectory) },
        );
    }

    /**
     * Writes the organisations down where Fabric's samples and tools look for them: MSP folders, TLS
     * certificates, connection profiles and what the ordering service is reached by. Resolves to the folder of
     * each organisation that has peers.
     */
    async exportTo(folder: string): Promise<readonly string[]> {
        const folders: string[] = [];
        for (const each of this.organizations) {
            folders.push(await exportOrganization(folder, this.#exported(each)));
        }
        const { ordererOrganization, nodes } = this.#parts;
        await exportOrderer(folder, ordererOrganization.authority, nodes.orderer.name);
        return folders;
    }

    /** The names of the channels; the first is the profile's. */
    get channels(): readonly string[] {
        return [...this.#parts.channels.keys()];
    }

    /**
     * Adds a channel of all organisations to the running network: with a ledger and an ordering service of
     * its own, and without chaincodes. Of a network kept in a folder it is what was kept under that name;
     * the next start has it again when `channels` names it, or when it is added again.
     *
     * @example
     * ```ts
     * await network.addChannel('audit');
     * await network.deploy({ name: 'log', contracts: [LogContract], channels: ['audit'] });
     * ```
     */
    addChannel(id: string): Promise<Channel> {
        return this.#whileRunning(async () => {
            checkChannelNames([...this.channels, ...this.#opening, id]);
            this.#opening.add(id);
            try {
                return await this.#parts.openChannel(id);
            } finally {
                this.#opening.delete(id);
            }
        });
    }

    /** The channel's ledger, ordering service and definitions; the first channel by default. */
    channel(id?: string): Channel {
        const wanted = id ?? this.#parts.settings.channels[0] ?? '';
        const found = this.#parts.channels.get(wanted);
        if (found !== undefined) return found;
        const known = this.channels.join(', ');
        throw new DevnetError(
            'DEVNET_OPTION_INVALID',
            `The network has no channel ${JSON.stringify(wanted)}; it has ${known}.`,
        );
    }

    /**
     * Deploys a chaincode: it runs on the peers, and the organisations agree on its definition. A
     * second deployment of a name takes the first one's place on the channels it is for.
     *
     * @example
     * ```ts
     * await network.deploy({ name: 'assets', contracts: [AssetContract] });
     * ```
     */
    deploy(deployment: Deployment): Promise<void> {
        return this.#whileRunning(() => this.#deployer.deploy(deployment));
    }

    /** Changes when blocks are cut, from now on. */
    setBlockSettings(settings: Partial<BlockSettings>, channel?: string): void {
        this.channel(channel).orderer.configure(settings);
    }

    /** Cuts a block of what is pending; resolves when it is committed. */
    cutBlock(channel?: string): Promise<void> {
        return this.channel(channel).orderer.cut();
    }

    /** Calls back after each block is committed, until the function returned is called. */
    onBlock(listener: (block: CommittedBlock) => void, channel?: string): () => void {
        return this.channel(channel).ledger.onCommit(listener);
    }

    /** Stops everything. Nothing is left running, and a second call waits for the first. */
    stop(): Promise<void> {
        this.#stopped ??= this.#stop();
        return this.#stopped;
    }

    [Symbol.asyncDispose](): Promise<void> {
        return this.stop();
    }

    async #stop(): Promise<void> {
        this.faults.clear();
        await this.#parts.nodes.stop();
        // What a deployment or a new channel has begun meanwhile is there to be stopped once it has ended.
        await Promise.allSettled(this.#underWay);
        await this.#deployer.stop();
        for (const channel of this.#parts.channels.values()) await channel.close();
    }

    #exported(organization: Organization): ExportedOrganization {
        const { mspId, authority, users, admin } = organization;
        const peers = this.#parts.nodes.peers
            .filter(({ peer }) => peer.mspId === mspId)
            .map(({ peer, identity, tls }) => ({
                name: peer.name,
                endpoint: peer.endpoint,
                identity,
                tls,
            }));
        return { authority, peers, users: [...users, admin] };
    }

    /** What takes its time: stopping waits for it. */
    async #whileRunning<T>(work: () => Promise<T>): Promise<T> {
        this.#checkRunning();
        const working = work();
        this.#underWay.add(working);
        try {
            return await working;
        } finally {
            this.#underWay.delete(working);
        }
    }

    #checkRunning(): void {
        const [failure] = this.#parts.failures;
        if (failure !== undefined) {
            throw new DevnetError(
                'DEVNET_CHANNEL_FAILED',
                `A block could not be committed: ${failure instanceof Error ? failure.message : 'for an unknown reason'}. Start the network anew.`,
                { cause: failure },
            );
        }
        if (this.#stopped === undefined) return;
        throw new DevnetError(
            'DEVNET_STOPPED',
            'The network has been stopped. Start another one with startNetwork().',
        );
    }
}

function withoutTls(profile: NetworkProfile): NetworkProfile {
    const plain = ({ name, mspId, endpoint }: PeerProfile): PeerProfile => ({
        name,
        mspId,
        endpoint,
    });
    return {
        ...profile,
        peers: profile.peers.map(plain),
        ...(profile.orderers && { orderers: profile.orderers.map(plain) }),
    };
}
