import type { Channel } from '../channel/channel.js';
import type { RegisteredChaincodes } from '../chaincode/registered-chaincodes.js';
import type { Organization } from '../network/organization.js';
import type { Peer } from '../peer/peer.js';
import { applicationPolicy } from '../policy/channel-policies.js';
import { collectionPackage } from './collections.js';
import { defineChaincode } from './define-chaincode.js';
import { checkDeployment, type Deployment } from './deployment.js';
import { indexFilesOf } from './index-files.js';
import { install, type Installed } from './install.js';

/** What deploying needs of the network. */
export interface DeployerParts {
    readonly organizations: readonly Organization[];
    readonly peers: readonly Peer[];
    readonly channels: ReadonlyMap<string, Channel>;
    readonly registered: RegisteredChaincodes;
    readonly startTimeoutMs: number;
    readonly clock: () => Date;
    /** Throws if the network has been stopped. */
    readonly checkRunning: () => void;
}

interface Installation {
    readonly name: string;
    /** The channels it still runs for. */
    readonly channels: Set<string>;
    readonly installed: Installed;
}

/** Deploys chaincodes, and stops each when no channel has it any more. */
export class Deployer {
    readonly #parts: DeployerParts;
    readonly #installations = new Set<Installation>();

    constructor(parts: DeployerParts) {
        this.#parts = parts;
    }

    /** The names of what is deployed, each once. */
    get names(): readonly string[] {
        return [...new Set([...this.#installations].map(({ name }) => name))];
    }

    async deploy(deployment: Deployment): Promise<void> {
        const { peers, channels: all, organizations, checkRunning } = this.#parts;
        const mspIds = organizations.map(({ mspId }) => mspId);
        checkDeployment(deployment, { mspIds, channels: [...all.keys()] });
        const { name, channels = [...all.keys()] } = deployment;
        const definition = {
            name,
            version: deployment.version ?? '1.0',
            initRequired: deployment.initRequired ?? false,
            policy: applicationPolicy(deployment.endorsementPolicy),
            collections: collectionPackage(deployment.collections),
        };
        const indexes = indexFilesOf(deployment);
        const signatories = organizations.flatMap(({ admin, mspId }) => {
            const peer = peers.find((each) => each.mspId === mspId);
            return peer === undefined ? [] : [{ admin, peer }];
        });
        for (const [id, channel] of all) {
            if (!channels.includes(id)) continue;
            await defineChaincode(channel, definition, signatories, this.#parts.clock);
            await channel.ledger.deployIndexes(name, indexes);
        }
        checkRunning();
        await this.#withdraw(name, channels);
        const installed = await install(deployment, { ...this.#parts, channels });
        this.#installations.add({ name, channels: new Set(channels), installed });
    }

    async stop(): Promise<void> {
        for (const { installed } of this.#installations) await installed.stop();
        this.#installations.clear();
    }

    /** Takes a chaincode from channels; what runs for no other channel is stopped. */
    async #withdraw(name: string, channels: readonly string[]): Promise<void> {
        for (const each of this.#installations) {
            if (each.name !== name) continue;
            for (const channel of channels) each.channels.delete(channel);
            if (each.channels.size > 0) continue;
            this.#installations.delete(each);
            await each.installed.stop();
        }
    }
}
