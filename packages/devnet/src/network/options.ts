import { blockSettings, type BlockSettings } from '../orderer/batch-settings.js';
import type { ConcurrencyLimits } from '../peer/peer-server.js';
import { checkNames, checkOptions, checkOrganization, checkPorts } from './check-options.js';

/** An organisation of the network. */
export interface OrganizationOptions {
    /** Its membership service provider, e.g. `Org1MSP`. */
    readonly mspId: string;
    /**
     * Its domain, which its hosts and certificates are named by.
     * @defaultValue `org1.example.com` for `Org1MSP`
     */
    readonly domain?: string;
    /**
     * How many peers it has.
     * @defaultValue 1
     */
    readonly peers?: number;
    /**
     * Clients that are enrolled from the start, beside its administrator.
     * @defaultValue `['user1']`
     */
    readonly users?: readonly string[];
}

/** How a network is to be. Everything has a default. */
export interface NetworkOptions {
    /**
     * For people; shown in the profile.
     * @defaultValue `'devnet'`
     */
    readonly name?: string;
    /**
     * The channels; the first is the profile's.
     * @defaultValue `['mychannel']`
     */
    readonly channels?: readonly string[];
    /**
     * The organisations, by MSP id alone or in full.
     * @defaultValue `['Org1MSP']`
     */
    readonly organizations?: readonly (string | OrganizationOptions)[];
    /** When blocks are cut. Fabric's defaults: 500 transactions, 10 MiB, 2 MiB, 2 s. */
    readonly block?: Partial<BlockSettings>;
    /**
     * Whose rules hold for keys, values and rich queries.
     * @defaultValue `'leveldb'`
     */
    readonly stateDatabase?: 'leveldb' | 'couchdb';
    /**
     * The URL of a CouchDB to keep the state in, as a peer would. Only with `stateDatabase: 'couchdb'`;
     * the same rules hold without, on an engine of this process.
     */
    readonly couchdbUrl?: string;
    /**
     * A folder to keep the network in: its identities, blocks and state. In memory where none is
     * given.
     */
    readonly dataDirectory?: string;
    /** Is given what peers would write to their logs. */
    readonly log?: (line: string) => void;
    /**
     * Longest a chaincode may run, in milliseconds.
     * @defaultValue 30000
     */
    readonly executeTimeoutMs?: number;
    /**
     * Longest a chaincode that runs elsewhere may take until it can be called, in milliseconds.
     * @defaultValue 30000
     */
    readonly startTimeoutMs?: number;
    /** How many calls of a service a node takes at a time. Fabric's defaults. */
    readonly limits?: Partial<ConcurrencyLimits>;
    /**
     * The ports to listen on, in the order of the peers; the ordering service's is the last. Free ones
     * where none is given.
     * @example [7051, 9051, 7050]
     */
    readonly ports?: readonly number[];
    /**
     * Whether the services speak TLS.
     * @defaultValue true
     */
    readonly tls?: boolean;
    /** What time it is. The system's time by default. */
    readonly clock?: () => Date;
}

/** {@link NetworkOptions} checked, and with every default filled in. */
export interface NetworkSettings {
    readonly name: string;
    readonly channels: readonly string[];
    readonly organizations: readonly Required<OrganizationOptions>[];
    readonly block: BlockSettings;
    readonly stateDatabase: 'leveldb' | 'couchdb';
    readonly couchdbUrl: string | undefined;
    readonly dataDirectory: string | undefined;
    readonly log: ((line: string) => void) | undefined;
    readonly executeTimeoutMs: number;
    readonly startTimeoutMs: number;
    readonly limits: ConcurrencyLimits;
    readonly ports: readonly number[];
    readonly tls: boolean;
    readonly clock: () => Date;
}

/** Who runs the ordering service: an organisation of its own, which no other may be taken for. */
export const ORDERER = { mspId: 'OrdererMSP', domain: 'example.com' } as const;

function organization(given: string | OrganizationOptions): Required<OrganizationOptions> {
    const options = typeof given === 'string' ? { mspId: given } : given;
    checkOrganization(options);
    const { mspId } = options;
    const short = mspId.replace(/[.-]*MSP$/i, '').toLowerCase() || 'org';
    const { domain = `${short}.example.com`, peers = 1, users = ['user1'] } = options;
    const filled = { mspId, domain, peers, users };
    checkOrganization(filled);
    return filled;
}

/** Options with their defaults, or `DEVNET_OPTION_INVALID` naming what is wrong. */
export function networkSettings(options: NetworkOptions = {}): NetworkSettings {
    checkOptions(options);
    const organizations = (options.organizations ?? ['Org1MSP']).map(organization);
    checkNames(organizations, ORDERER);
    const ports = options.ports ?? [];
    checkPorts(ports, peersOf({ organizations }) + 1);
    return {
        name: options.name ?? 'devnet',
        channels: options.channels ?? ['mychannel'],
        organizations,
        block: blockSettings(options.block),
        stateDatabase: options.stateDatabase ?? 'leveldb',
        couchdbUrl: options.couchdbUrl,
        dataDirectory: options.dataDirectory,
        log: options.log,
        executeTimeoutMs: options.executeTimeoutMs ?? 30_000,
        startTimeoutMs: options.startTimeoutMs ?? 30_000,
        limits: { gateway: 500, endorser: 2500, deliver: 2500, ...options.limits },
        ports,
        tls: options.tls ?? true,
        clock: options.clock ?? (() => new Date()),
    };
}

/** How many peers the network has; the ordering service's port is the one after theirs. */
export function peersOf({ organizations }: Pick<NetworkSettings, 'organizations'>): number {
    return organizations.reduce((sum, { peers }) => sum + peers, 0);
}
