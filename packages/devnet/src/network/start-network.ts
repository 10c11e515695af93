import { Channel } from '../channel/channel.js';
import { genesisBlock } from '../channel/genesis.js';
import { Faults } from '../faults/faults.js';
import { boundProtocolReader } from '../grpc/bounded-reader.js';
import { restoreProtocol } from '../grpc/protocol-registry.js';
import { RememberingMembership } from '../channel/remembering-membership.js';
import type { SigningIdentity } from '../identity/signing-identity.js';
import { DevnetError } from '../errors.js';
import { openLedger, type Ledger } from '../ledger/ledger.js';
import {
    checkOrganizations,
    ledgerDirectory,
    loadNetwork,
    restoreOrganizations,
    saveNetwork,
} from './data-directory.js';
import { Network } from './network.js';
import { startNodes } from './nodes.js';
import {
    networkSettings,
    ORDERER,
    peersOf,
    type NetworkOptions,
    type NetworkSettings,
} from './options.js';
import { Organization, organizationOf } from './organization.js';

interface ChannelParts {
    readonly settings: NetworkSettings;
    readonly organizations: readonly Organization[];
    readonly ordererOrganization: Organization;
    readonly identity: SigningIdentity;
    readonly faults: Faults;
    readonly failed: (error: unknown) => void;
}

async function openChannel(id: string, parts: ChannelParts): Promise<Channel> {
    const { settings, organizations, ordererOrganization, identity, faults } = parts;
    const { dataDirectory, couchdbUrl, log } = settings;
    const ledger = await openLedger({
        channel: id,
        organizations: organizations.map(({ mspId }) => mspId),
        stateDatabase: settings.stateDatabase,
        ...(dataDirectory !== undefined && { directory: ledgerDirectory(dataDirectory, id) }),
        ...(couchdbUrl !== undefined && { couchdb: couchdbUrl }),
        ...(log !== undefined && { log }),
    });
    if (ledger.height === 0) {
        const ordererPort = settings.ports[peersOf(settings)] ?? 0;
        const block = genesisBlock(
            {
                channelId: id,
                organizations: organizations.map(({ mspOptions }) => mspOptions),
                orderer: ordererOrganization.mspOptions,
                block: settings.block,
                ...(ordererPort > 0 && { ordererEndpoint: `localhost:${ordererPort}` }),
                time: settings.clock(),
            },
            identity,
        );
        await ledger.commit(block, [0]);
    } else if (!begunBy(ledger, organizations)) {
        await ledger.close();
        throw new DevnetError(
            'DEVNET_DATA_UNUSABLE',
            `The ledger of ${id} in ${dataDirectory ?? couchdbUrl ?? ''} was begun by a network with other keys, which are lost. Start with an empty folder.`,
        );
    }
    const channel = new Channel({
        id,
        ledger,
        membership: new RememberingMembership(organizations.map(({ msp }) => msp)),
        ordererIdentity: identity,
        settings: settings.block,
        clock: settings.clock,
        beforeCommit: () => faults.beforeCommit(),
        failed: parts.failed,
    });
    await channel.definitions.load(ledger);
    return channel;
}

/** Whether the first block of a ledger names these authorities, and no others of their names. */
function begunBy(ledger: Ledger, organizations: readonly Organization[]): boolean {
    const first = Buffer.from(ledger.blockByNumber(0)?.serializeBinary() ?? []);
    return organizations.every(({ authority }) => first.includes(authority.rootCertificate));
}

async function setUpOrganizations(
    settings: NetworkSettings,
): Promise<{ organizations: Organization[]; ordererOrganization: Organization }> {
    const { clock, dataDirectory } = settings;
    const stored = dataDirectory === undefined ? undefined : await loadNetwork(dataDirectory);
    if (dataDirectory !== undefined && stored !== undefined) {
        const kept = restoreOrganizations(stored, dataDirectory, clock);
        checkOrganizations(dataDirectory, kept.organizations, settings);
        const organizations = settings.organizations.map(({ mspId }) =>
            organizationOf(kept.organizations, mspId),
        );
        return { organizations, ordererOrganization: kept.orderer };
    }
    const organizations: Organization[] = [];
    for (const each of settings.organizations) {
        organizations.push(await Organization.create(each, clock));
    }
    const ordererOrganization = await Organization.create(
        { ...ORDERER, peers: 0, users: [] },
        clock,
    );
    return { organizations, ordererOrganization };
}

/** Keeps the organisations in the folder, if there is one: one time after another, each as they are then. */
function keeper(
    directory: string | undefined,
    organizations: readonly Organization[],
    orderer: Organization,
): () => Promise<void> {
    if (directory === undefined) return () => Promise.resolve();
    let before: Promise<void> = Promise.resolve();
    return () => {
        const saving = before.then(() => saveNetwork(directory, organizations, orderer));
        before = saving.catch(() => undefined);
        return saving;
    };
}

/**
 * Starts a Fabric network in this process: peers, ordering service and certificate authorities, which
 * the official clients and chaincodes connect to as to any other.
 *
 * @example
 * ```ts
 * const network = await startNetwork({ block: { timeoutMs: 50 } });
 * await network.deploy({ name: 'assets', contracts: [AssetContract] });
 * const profile = resolveProfile(network.profile);
 * // … connect with @hyperledger/fabric-gateway …
 * await network.stop();
 * ```
 */
export async function startNetwork(options: NetworkOptions = {}): Promise<Network> {
    restoreProtocol();
    boundProtocolReader();
    const settings = networkSettings(options);
    const { dataDirectory } = settings;
    const { organizations, ordererOrganization } = await setUpOrganizations(settings);
    const identity = await ordererOrganization.nodeIdentity('orderer.example.com', 'orderer');
    const save = keeper(dataDirectory, organizations, ordererOrganization);
    // Before the first block names them: whatever ends this process, no ledger has lost its owners.
    await save();
    const faults = new Faults();
    const failures: unknown[] = [];
    const channels = new Map<string, Channel>();
    const parts = { settings, organizations, ordererOrganization, channels, faults };
    const failed = (error: unknown): void => {
        failures.push(error);
        settings.log?.(
            `A block could not be committed, and its channel stands still: ${String(error)}`,
        );
    };
    const open = async (id: string): Promise<Channel> => {
        const channel = await openChannel(id, { ...parts, identity, failed });
        channels.set(id, channel);
        return channel;
    };
    try {
        for (const id of settings.channels) await open(id);
        const nodes = await startNodes(parts);
        await save().catch(async (error: unknown) => {
            await nodes.stop();
            throw error;
        });
        for (const each of organizations) each.keepWith(save);
        return new Network({ ...parts, openChannel: open, nodes, failures });
    } catch (error) {
        for (const channel of channels.values()) await channel.close();
        throw error;
    }
}
