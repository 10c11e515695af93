import { DevnetError } from '../errors.js';
import { blockSettings, type BlockSettings } from '../orderer/batch-settings.js';
import type { ConcurrencyLimits } from '../peer/peer-server.js';

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

const KNOWN = [
    'name',
    'channels',
    'organizations',
    'block',
    'stateDatabase',
    'couchdbUrl',
    'dataDirectory',
    'log',
    'executeTimeoutMs',
    'startTimeoutMs',
    'limits',
    'ports',
    'tls',
    'clock',
];

function refuse(what: string, expected: string, got: unknown): never {
    throw new DevnetError(
        'DEVNET_OPTION_INVALID',
        `${what} must be ${expected}; got ${JSON.stringify(got)}.`,
    );
}

function checkUnique(what: string, names: readonly string[]): void {
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (names.length === 0) refuse(what, 'a list of at least one', names);
    if (twice !== undefined) refuse(what, 'a list without a name given twice', twice);
}

function organization(given: string | OrganizationOptions): Required<OrganizationOptions> {
    const options = typeof given === 'string' ? { mspId: given } : given;
    const { mspId } = options;
    if (!/^[A-Za-z0-9][A-Za-z0-9.-]*$/.test(mspId)) {
        refuse('organizations', 'MSP ids of letters, digits, "." and "-"', mspId);
    }
    const short = mspId.replace(/MSP$/i, '').toLowerCase() || 'org';
    const { domain = `${short}.example.com`, peers = 1, users = ['user1'] } = options;
    if (!Number.isInteger(peers) || peers < 1) {
        refuse(`organizations: the peers of ${mspId}`, 'a whole number of at least 1', peers);
    }
    return { mspId, domain, peers, users };
}

/** Options with their defaults, or `DEVNET_OPTION_INVALID` naming what is wrong. */
export function networkSettings(options: NetworkOptions = {}): NetworkSettings {
    const unknown = Object.keys(options).find((name) => !KNOWN.includes(name));
    if (unknown !== undefined) refuse('The options', `of ${KNOWN.join(', ')}`, unknown);
    const channels = options.channels ?? ['mychannel'];
    checkUnique('channels', channels);
    for (const channel of channels) {
        if (/^[a-z][a-z0-9.-]{0,248}$/.test(channel)) continue;
        refuse('channels', 'names of lower-case letters, digits, "." and "-"', channel);
    }
    const organizations = (options.organizations ?? ['Org1MSP']).map(organization);
    checkUnique(
        'organizations',
        organizations.map(({ mspId }) => mspId),
    );
    const stateDatabase = options.stateDatabase ?? 'leveldb';
    if (!['leveldb', 'couchdb'].includes(stateDatabase)) {
        refuse('stateDatabase', '"leveldb" or "couchdb"', stateDatabase);
    }
    return {
        name: options.name ?? 'devnet',
        channels,
        organizations,
        block: blockSettings(options.block),
        stateDatabase,
        couchdbUrl: options.couchdbUrl,
        dataDirectory: options.dataDirectory,
        log: options.log,
        executeTimeoutMs: options.executeTimeoutMs ?? 30_000,
        startTimeoutMs: options.startTimeoutMs ?? 30_000,
        limits: { gateway: 500, endorser: 2500, deliver: 2500, ...options.limits },
        ports: options.ports ?? [],
        tls: options.tls ?? true,
        clock: options.clock ?? (() => new Date()),
    };
}

/** How many peers the network has; the ordering service's port is the one after theirs. */
export function peersOf({ organizations }: NetworkSettings): number {
    return organizations.reduce((sum, { peers }) => sum + peers, 0);
}
