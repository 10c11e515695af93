import { writeFile } from 'node:fs/promises';
import type { NetworkProfile } from '@goodput/network';
import type { Channel } from '../channel/channel.js';
import { collectionPackage } from '../deploy/collections.js';
import { defineChaincode } from '../deploy/define-chaincode.js';
import { checkDeployment, type Deployment } from '../deploy/deployment.js';
import { install, type Installed } from '../deploy/install.js';
import { DevnetError } from '../errors.js';
import type { CommittedBlock } from '../ledger/ledger.js';
import type { BlockSettings } from '../orderer/batch-settings.js';
import type { Peer } from '../peer/peer.js';
import { applicationPolicy } from '../policy/channel-policies.js';
import type { Nodes } from './nodes.js';
import type { NetworkSettings } from './options.js';
import type { Organization } from './organization.js';
import { profileOf } from './profile-of.js';

/** What a network is made of. */
export interface NetworkParts {
    readonly settings: NetworkSettings;
    readonly organizations: readonly Organization[];
    readonly ordererOrganization: Organization;
    readonly channels: ReadonlyMap<string, Channel>;
    readonly nodes: Nodes;
}

/** A running network. Made by {@link startNetwork}. */
export class Network implements AsyncDisposable {
    readonly #parts: NetworkParts;
    readonly #installed = new Map<string, Installed>();
    #stopped: Promise<void> | undefined;

    /** @internal */
    constructor(parts: NetworkParts) {
        this.#parts = parts;
    }

    /** The organisations, whose users sign transactions. */
    get organizations(): readonly Organization[] {
        return this.#parts.organizations;
    }

    /** The organisation with that MSP id; the first one by default. */
    organization(mspId?: string): Organization {
        const found = this.organizations.find(
            (each) => mspId === undefined || each.mspId === mspId,
        );
        if (found !== undefined) return found;
        const known = this.organizations.map((each) => each.mspId).join(', ');
        throw new DevnetError(
            'DEVNET_OPTION_INVALID',
            `The network has no organisation ${JSON.stringify(mspId)}; it has ${known}.`,
        );
    }

    /** The peers. */
    get peers(): readonly Peer[] {
        return this.#parts.nodes.peers;
    }

    /** The one file by which every tool reaches the network; everything it needs is inside. */
    get profile(): NetworkProfile {
        const { settings, ordererOrganization, organizations, nodes } = this.#parts;
        return profileOf({
            name: settings.name,
            channel: settings.channels[0] ?? '',
            organizations,
            peers: nodes.peers,
            orderer: {
                name: `orderer.${ordererOrganization.domain}`,
                mspId: ordererOrganization.mspId,
                endpoint: nodes.ordererEndpoint,
                tlsRootCertificate: ordererOrganization.authority.tlsRootCertificate,
            },
            chaincodes: [...this.#installed.keys()],
            tls: settings.tls,
        });
    }

    /** Writes the {@link profile} to a file; it holds private keys, so that only its owner may read it. */
    async writeProfile(file: string): Promise<void> {
        await writeFile(file, `${JSON.stringify(this.profile, null, 2)}\n`, { mode: 0o600 });
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
        checkDeployment(deployment);
        const { name, version = '1.0' } = deployment;
        const definition = {
            name,
            version,
            initRequired: deployment.initRequired ?? false,
            policy: applicationPolicy(deployment.endorsementPolicy),
            collections: collectionPackage(deployment.collections),
        };
        const signatories = this.organizations.flatMap(({ admin, mspId }) => {
            const peer = this.peers.find((each) => each.mspId === mspId);
            return peer === undefined ? [] : [{ admin, peer }];
        });
        for (const id of deployment.channels ?? this.#parts.settings.channels) {
            const { clock } = this.#parts.settings;
            await defineChaincode(this.channel(id), definition, signatories, clock);
        }
        const { startTimeoutMs } = this.#parts.settings;
        const { peers, registered } = this.#parts.nodes;
        await this.#installed.get(name)?.stop();
        this.#installed.set(name, await install(deployment, { peers, registered, startTimeoutMs }));
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
        this.#parts.nodes.stop();
        for (const installed of this.#installed.values()) await installed.stop();
        for (const channel of this.#parts.channels.values()) await channel.close();
    }

    #checkRunning(): void {
        if (this.#stopped === undefined) return;
        throw new DevnetError(
            'DEVNET_STOPPED',
            'The network has been stopped. Start another one with startNetwork().',
        );
    }
}
