import { resolve } from 'node:path';
import type { NetworkProfile, PeerProfile } from '@goodput/network';
import type { Channel } from '../channel/channel.js';
import { collectionPackage } from '../deploy/collections.js';
import { defineChaincode } from '../deploy/define-chaincode.js';
import { checkDeployment, type Deployment } from '../deploy/deployment.js';
import { indexFilesOf } from '../deploy/index-files.js';
import { install, type Installed } from '../deploy/install.js';
import { DevnetError } from '../errors.js';
import type { CommittedBlock } from '../ledger/ledger.js';
import type { BlockSettings } from '../orderer/batch-settings.js';
import type { Peer } from '../peer/peer.js';
import { applicationPolicy } from '../policy/channel-policies.js';
import type { Faults } from '../faults/faults.js';
import {
    exportOrderer,
    exportOrganization,
    type ExportedOrganization,
} from '../identity/export-organization.js';
import { networkProfile, writeProfile } from '../identity/network-profile.js';
import { storedNetwork, writeStored } from './data-directory.js';
import type { Nodes } from './nodes.js';
import type { NetworkSettings } from './options.js';
import { organizationOf, type Organization } from './organization.js';

/** What a network is made of. */
export interface NetworkParts {
    readonly settings: NetworkSettings;
    readonly organizations: readonly Organization[];
    readonly ordererOrganization: Organization;
    readonly channels: ReadonlyMap<string, Channel>;
    readonly nodes: Nodes;
    readonly faults: Faults;
    /** Why a channel stands still, if one does. */
    readonly failures: readonly unknown[];
}

/** A running network. Made by {@link startNetwork}. */
export class Network implements AsyncDisposable {
    readonly #parts: NetworkParts;
    readonly #installed = new Map<string, Installed>();
    #stopped: Promise<void> | undefined;

    /** @internal */
    constructor(parts: NetworkParts) {
        this.#parts = parts;
        parts.faults.attach(
            parts.nodes.peers.map(({ peer, listener }) => ({
                name: peer.name,
                listener,
                disconnect: () => {
                    peer.runtime.disconnect();
                },
            })),
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
            ...(this.#installed.size > 0 && {
                chaincodes: Object.fromEntries(
                    [...this.#installed.keys()].map((name) => [name, name]),
                ),
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

    /** The channel's ledger, ordering service and definitions; the first channel by default. */
    channel(id?: string): Channel {
        const wanted = id ?? this.#parts.settings.channels[0] ?? '';
        const found = this.#parts.channels.get(wanted);
        if (found !== undefined) return found;
        const known = [...this.#parts.channels.keys()].join(', ');
        throw new DevnetError(
            'DEVNET_OPTION_INVALID',
            `The network has no channel ${JSON.stringify(wanted)}; it has ${known}.`,
        );
    }

    /**
     * Deploys a chaincode: it runs on the peers, and the organisations agree on its definition. A
     * second deployment of a name takes the first one's place.
     *
     * @example
     * ```ts
     * await network.deploy({ name: 'assets', contracts: [AssetContract] });
     * ```
     */
    async deploy(deployment: Deployment): Promise<void> {
        this.#checkRunning();
        checkDeployment(
            deployment,
            this.organizations.map(({ mspId }) => mspId),
        );
        const { name, version = '1.0' } = deployment;
        const definition = {
            name,
            version,
            initRequired: deployment.initRequired ?? false,
            policy: applicationPolicy(deployment.endorsementPolicy),
            collections: collectionPackage(deployment.collections),
        };
        const indexes = indexFilesOf(deployment);
        const signatories = this.organizations.flatMap(({ admin, mspId }) => {
            const peer = this.peers.find((each) => each.mspId === mspId);
            return peer === undefined ? [] : [{ admin, peer }];
        });
        for (const id of deployment.channels ?? this.#parts.settings.channels) {
            const { clock } = this.#parts.settings;
            await defineChaincode(this.channel(id), definition, signatories, clock);
            await this.channel(id).ledger.deployIndexes(name, indexes);
        }
        const { startTimeoutMs } = this.#parts.settings;
        const { registered } = this.#parts.nodes;
        await this.#installed.get(name)?.stop();
        this.#installed.set(
            name,
            await install(deployment, { peers: this.peers, registered, startTimeoutMs }),
        );
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
        await this.#parts.nodes.stop();
        for (const installed of this.#installed.values()) await installed.stop();
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
