import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { startNetwork, type Network as Devnet, type NetworkOptions } from '@goodput/devnet';
import { loadNetwork, resolveProfile, type Network, type NetworkIdentity } from '@goodput/network';
import { connectTo, type Client, type ConnectOptions } from './client.js';

/** What a case may need of the network it runs on, and why one may not have it. */
const NEEDS = {
    'two organisations': 'the profile names peers and identities of one organisation only',
    'an ordering node': 'the profile names no orderer',
    'an administrator': 'the profile has no identity that is an administrator',
    'another chaincode':
        'the profile names no chaincode "other", a second deployment of the same code',
    'a second channel': 'the profile does not say that there is one',
    'rich queries': 'the profile names no CouchDB',
    'a check of clocks':
        'peers compare clocks since Fabric 3.0, and GOODPUT_FABRIC does not say that these are',
    'an embedded network': 'only a network that this suite starts itself can do this',
} as const;

/** Something not every network has. */
export type Need = keyof typeof NEEDS;

/** Name under which the collections' members are known to the suite. */
export const COLLECTIONS = [
    {
        name: 'collA',
        policy: "OR('Org1MSP.member', 'Org2MSP.member')",
        maxPeerCount: 1,
    },
    { name: 'collShort', policy: "OR('Org1MSP.member')", maxPeerCount: 1, blockToLive: 3 },
    {
        name: 'collOwn',
        policy: "OR('Org1MSP.member')",
        maxPeerCount: 1,
        endorsementPolicy: "OR('Org1MSP.member')",
    },
];

/** The contracts of the suite's chaincode, the same files that are deployed to a real network. */
export function labContracts(): [] {
    const folder = join(__dirname, '..', '..', '..', 'conformance', 'chaincode');
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    return (require(folder) as { contracts: [] }).contracts;
}

/** The network that cases run on. */
export class Target {
    readonly network: Network;
    /** The network itself, if it is the embedded one. */
    readonly devnet: Devnet | undefined;
    readonly lab: string;
    readonly #clients = new Map<string, Client>();

    constructor(network: Network, devnet?: Devnet) {
        this.network = network;
        this.devnet = devnet;
        this.lab = network.chaincodes['lab'] ?? 'lab';
    }

    /** The official client, as an identity of the profile and over one of its peers. */
    client(options: ConnectOptions = {}): Client {
        const key = JSON.stringify(options);
        let client = this.#clients.get(key);
        if (client === undefined) {
            client = connectTo(this.network, this.lab, options);
            this.#clients.set(key, client);
        }
        return client;
    }

    /** The organisations that have a peer and an identity in the profile. */
    get organizations(): readonly string[] {
        const withPeer = this.network.peers.map(({ mspId }) => mspId);
        const named = this.network.identities.map(({ mspId }) => mspId);
        return [...new Set(withPeer)].filter((mspId) => named.includes(mspId));
    }

    /** A client identity of that organisation. */
    user(mspId: string): NetworkIdentity {
        const found = this.network.identities.find(
            (each) => each.mspId === mspId && !isAdmin(each),
        );
        return found ?? this.network.identity();
    }

    /** An administrator of any organisation. */
    get admin(): NetworkIdentity | undefined {
        return this.network.identities.find(isAdmin);
    }

    #has(need: Need): boolean {
        switch (need) {
            case 'two organisations':
                return this.organizations.length >= 2;
            case 'an ordering node':
                return this.network.orderers.length > 0;
            case 'an administrator':
                return this.admin !== undefined;
            case 'another chaincode':
                return this.network.chaincodes['other'] !== undefined || this.devnet !== undefined;
            case 'a second channel':
            case 'an embedded network':
                return this.devnet !== undefined;
            case 'a check of clocks':
                return (
                    /^[3-9]/.test(process.env['GOODPUT_FABRIC'] ?? '') || this.devnet !== undefined
                );
            case 'rich queries':
                return this.network.couchdbUrl !== undefined || this.devnet !== undefined;
        }
    }

    /** Skips the case if the network does not have what it needs, and says why in its title. */
    needs(context: Mocha.Context, ...needs: readonly Need[]): void {
        const missing = needs.find((need) => !this.#has(need));
        if (missing === undefined) return;
        titled(context).title += ` (skipped: ${NEEDS[missing]})`;
        context.skip();
    }

    async close(): Promise<void> {
        for (const client of this.#clients.values()) client.close();
        await this.devnet?.stop();
    }
}

/** What a skip leaves out: the case, or the whole suite in a hook that runs before all of it. */
function titled(context: Mocha.Context): { title: string } {
    const runnable = context.runnable();
    if (runnable.title.startsWith('"before all"')) return runnable.parent ?? runnable;
    return context.currentTest ?? runnable;
}

function isAdmin({ certificate }: NetworkIdentity): boolean {
    return /^OU=admin$/m.test(new X509Certificate(certificate).subject);
}

/** Starts the embedded network that the suite runs on when no other is named. */
export async function startDevnet(options: NetworkOptions = {}): Promise<Devnet> {
    const devnet = await startNetwork({
        organizations: ['Org1MSP', 'Org2MSP'],
        channels: ['mychannel', 'another'],
        block: { timeoutMs: 25 },
        ...options,
    });
    const contracts = labContracts();
    await devnet.deploy({ name: 'lab', contracts, collections: COLLECTIONS });
    return devnet;
}

/**
 * The network that the cases of a file run on: the one whose profile `GOODPUT_NETWORK` names, or an
 * embedded one, started before the first case and stopped after the last.
 *
 * @param options - of the embedded network
 */
export function useTarget(options: NetworkOptions = {}): { readonly current: Target } {
    let target: Target | undefined;
    before(async function () {
        this.timeout(120_000);
        const profile = process.env['GOODPUT_NETWORK'];
        if (profile !== undefined && profile !== '') {
            target = new Target(loadNetwork(profile));
            return;
        }
        const devnet = await startDevnet(options);
        target = new Target(resolveProfile(devnet.profile), devnet);
    });
    after(async () => {
        await target?.close();
    });
    return {
        get current(): Target {
            if (target === undefined) throw new Error('The network has not been started yet.');
            return target;
        },
    };
}
