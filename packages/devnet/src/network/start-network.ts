import { Channel } from '../channel/channel.js';
import { genesisBlock } from '../channel/genesis.js';
import { restoreProtocol } from '../grpc/protocol-registry.js';
import { Membership } from '../identity/membership.js';
import type { SigningIdentity } from '../identity/signing-identity.js';
import { openLedger } from '../ledger/ledger.js';
import { Network } from './network.js';
import { startNodes } from './nodes.js';
import { networkSettings, type NetworkOptions, type NetworkSettings } from './options.js';
import { Organization } from './organization.js';

const ORDERER = { mspId: 'OrdererMSP', domain: 'example.com', peers: 0, users: [] };

async function openChannel(
    id: string,
    settings: NetworkSettings,
    organizations: readonly Organization[],
    orderer: { readonly organization: Organization; readonly identity: SigningIdentity },
): Promise<Channel> {
    const mspIds = organizations.map(({ mspId }) => mspId);
    const ledger = await openLedger({
        channel: id,
        organizations: mspIds,
        stateDatabase: settings.stateDatabase,
    });
    if (ledger.height === 0) {
        const block = genesisBlock(
            {
                channelId: id,
                organizations: organizations.map(({ mspOptions }) => mspOptions),
                orderer: orderer.organization.mspOptions,
                time: settings.clock(),
            },
            orderer.identity,
        );
        await ledger.commit(block, [0]);
    }
    const channel = new Channel({
        id,
        ledger,
        membership: new Membership(organizations.map(({ msp }) => msp)),
        ordererIdentity: orderer.identity,
        settings: settings.block,
        clock: settings.clock,
        failed: (error) => {
            throw error;
        },
    });
    await channel.definitions.load(ledger);
    return channel;
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
    const settings = networkSettings(options);
    const { clock } = settings;
    const organizations: Organization[] = [];
    for (const each of settings.organizations) {
        organizations.push(await Organization.create(each, clock));
    }
    const ordererOrganization = await Organization.create(ORDERER, clock);
    const identity = await ordererOrganization.authority.enrol({
        name: 'orderer.example.com',
        role: 'orderer',
    });
    const channels = new Map<string, Channel>();
    for (const id of settings.channels) {
        const orderer = { organization: ordererOrganization, identity };
        channels.set(id, await openChannel(id, settings, organizations, orderer));
    }
    const parts = { settings, organizations, ordererOrganization, channels };
    return new Network({ ...parts, nodes: await startNodes(parts) });
}
