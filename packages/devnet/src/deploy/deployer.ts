import type { Channel } from '../channel/channel.js';
import type { RegisteredChaincodes } from '../chaincode/registered-chaincodes.js';
import type { Organization } from '../network/organization.js';
import type { Peer } from '../peer/peer.js';
import { applicationPolicy } from '../policy/channel-policies.js';
import { checkDeployment } from './check-deployment.js';
import { collectionPackage } from './collections.js';
import { defineChaincode, type NewDefinition } from './define-chaincode.js';
import type { Deployment } from './deployment.js';
import { indexFilesOf } from './index-files.js';
import { prepare, type Prepared } from './install.js';

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
    readonly prepared: Prepared;
}

function definitionOf(deployment: Deployment): NewDefinition {
    return {
        name: deployment.name,
        version: deployment.version ?? '1.0',
        initRequired: deployment.initRequired ?? false,
        policy: applicationPolicy(deployment.endorsementPolicy),
        collections: collectionPackage(deployment.collections),
    };
}

/** Without members whose value is undefined, which say no more than members that are not there. */
function withoutGaps(deployment: Deployment): Deployment {
    const given = Object.entries(deployment).filter(([, value]) => value !== undefined);
    return Object.fromEntries(given) as unknown as Deployment;
}

/** Deploys chaincodes, and stops each when no channel has it any more. */
export class Deployer {
    readonly #parts: DeployerParts;
    readonly #installations = new Set<Installation>();
    /** The last deployment of each name: two of one name take turns, for the second replaces the first. */
    readonly #latest = new Map<string, Promise<void>>();

    constructor(parts: DeployerParts) {
        this.#parts = parts;
    }

    /** The names of what is deployed, each once. */
    get names(): readonly string[] {
        return [...new Set([...this.#installations].map(({ name }) => name))];
    }

    /** Refuses what cannot be deployed before anything is defined. */
    async deploy(given: Deployment): Promise<void> {
        const { channels, organizations } = this.#parts;
        const mspIds = organizations.map(({ mspId }) => mspId);
        checkDeployment(given, { mspIds, channels: [...channels.keys()] });
        const deployment = withoutGaps(given);
        const { name } = deployment;
        const before = this.#latest.get(name) ?? Promise.resolve();
        const deploying = before.then(() => this.#deploy(deployment));
        const ended = deploying.catch(() => undefined);
        this.#latest.set(name, ended);
        await deploying;
    }

    async stop(): Promise<void> {
        for (const { prepared } of this.#installations) await prepared.stop();
        this.#installations.clear();
    }

    async #deploy(deployment: Deployment): Promise<void> {
        const { channels: all, checkRunning } = this.#parts;
        const { name, channels = [...all.keys()] } = deployment;
        checkRunning();
        const definition = definitionOf(deployment);
        const prepared = await prepare(deployment, this.#parts);
        try {
            const indexes = indexFilesOf(deployment);
            for (const [id, channel] of all) {
                if (!channels.includes(id)) continue;
                await this.#define(channel, definition);
                await channel.ledger.deployIndexes(name, indexes);
            }
            checkRunning();
        } catch (error) {
            await prepared.stop();
            throw error;
        }
        const replaced = [...this.#installations].filter((each) => each.name === name);
        prepared.install(channels);
        this.#installations.add({ name, channels: new Set(channels), prepared });
        await this.#withdraw(replaced, channels);
    }

    #define(channel: Channel, definition: NewDefinition): Promise<void> {
        const { peers, organizations, clock } = this.#parts;
        const signatories = organizations.flatMap(({ admin, mspId }) => {
            const peer = peers.find((each) => each.mspId === mspId);
            return peer === undefined ? [] : [{ admin, peer }];
        });
        return defineChaincode(channel, definition, signatories, clock);
    }

    /** Takes chaincodes from channels; what runs for no other channel is stopped. */
    async #withdraw(replaced: readonly Installation[], channels: readonly string[]): Promise<void> {
        for (const each of replaced) {
            for (const channel of channels) each.channels.delete(channel);
            if (each.channels.size > 0) continue;
            this.#installations.delete(each);
            await each.prepared.stop();
        }
    }
}
