import { DevnetError } from '../errors.js';
import { blockSettings, type BlockSettings } from '../orderer/batch-settings.js';
import type { ConcurrencyLimits } from '../peer/peer-server.js';
import { checkForm } from './options-form.js';

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
     * where none is given, out of those that the system gives to connections.
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

const ORGANIZATION = ['mspId', 'domain', 'peers', 'users'];
const LIMITS = ['gateway', 'endorser', 'deliver'];
/** Who runs the ordering service: an organisation of its own, which no other may be taken for. */
export const ORDERER = { mspId: 'OrdererMSP', domain: 'example.com' } as const;
/** Timers of Node.js take no more. */
const LONGEST_MS = 2 ** 31 - 1;

function isCount(value: unknown, most = Number.MAX_SAFE_INTEGER): boolean {
    return Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= most;
}

function checkMembers(what: string, value: object, known: readonly string[]): void {
    const unknown = Object.keys(value).find((name) => !known.includes(name));
    if (unknown !== undefined) refuse(what, `of ${known.join(', ')}`, unknown);
}

function checkNumbers(options: NetworkOptions): void {
    for (const name of ['executeTimeoutMs', 'startTimeoutMs'] as const) {
        const value = options[name];
        if (value === undefined || isCount(value, LONGEST_MS)) continue;
        refuse(name, `a whole number of milliseconds from 1 to ${LONGEST_MS}`, value);
    }
    const { limits = {} } = options;
    checkMembers('The limits', limits, LIMITS);
    for (const [name, value] of Object.entries(limits)) {
        if (!isCount(value)) refuse(`limits.${name}`, 'a whole number of at least 1', value);
    }
}

function checkPorts(ports: readonly number[], nodes: number): void {
    const wrong = ports.find((port) => port !== 0 && !isCount(port, 65_535));
    if (wrong !== undefined) refuse('ports', 'whole numbers from 0 to 65535', wrong);
    const fixed = ports.filter((port) => port !== 0);
    if (fixed.length > 0) checkUnique('ports', fixed.map(String));
    if (ports.length > nodes) {
        refuse('ports', `at most ${nodes}, one a peer and one for the ordering service`, ports);
    }
}

function checkOrganizations(organizations: readonly Required<OrganizationOptions>[]): void {
    const all = [...organizations, ORDERER];
    checkUnique(
        'organizations (with the one of the ordering service)',
        all.map(({ mspId }) => mspId),
    );
    checkUnique(
        'the domains of the organizations (with the one of the ordering service)',
        all.map(({ domain }) => domain),
    );
    for (const { mspId, users } of organizations) {
        if (users.length > 0) checkUnique(`organizations: the users of ${mspId}`, users);
    }
}

function organization(given: string | OrganizationOptions): Required<OrganizationOptions> {
    const options = typeof given === 'string' ? { mspId: given } : given;
    checkMembers('An organisation', options, ORGANIZATION);
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

/** Throws `DEVNET_OPTION_INVALID` unless each of the names is one a channel can have, and no other has. */
export function checkChannelNames(channels: readonly string[]): void {
    checkUnique('channels', channels);
    for (const channel of channels) {
        if (/^[a-z][a-z0-9.-]{0,248}$/.test(channel)) continue;
        refuse('channels', 'names of lower-case letters, digits, "." and "-"', channel);
    }
}

/** Options with their defaults, or `DEVNET_OPTION_INVALID` naming what is wrong. */
export function networkSettings(options: NetworkOptions = {}): NetworkSettings {
    checkMembers('The options', options, KNOWN);
    checkForm(options);
    checkNumbers(options);
    const channels = options.channels ?? ['mychannel'];
    checkChannelNames(channels);
    const organizations = (options.organizations ?? ['Org1MSP']).map(organization);
    if (organizations.length === 0) refuse('organizations', 'a list of at least one', []);
    checkOrganizations(organizations);
    const ports = options.ports ?? [];
    checkPorts(ports, peersOf({ organizations }) + 1);
    const stateDatabase = options.stateDatabase ?? 'leveldb';
    if (!['leveldb', 'couchdb'].includes(stateDatabase)) {
        refuse('stateDatabase', '"leveldb" or "couchdb"', stateDatabase);
    }
    if (options.couchdbUrl !== undefined && stateDatabase !== 'couchdb') {
        refuse('stateDatabase', '"couchdb" where a couchdbUrl is given', stateDatabase);
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
        ports,
        tls: options.tls ?? true,
        clock: options.clock ?? (() => new Date()),
    };
}

/** How many peers the network has; the ordering service's port is the one after theirs. */
export function peersOf({ organizations }: Pick<NetworkSettings, 'organizations'>): number {
    return organizations.reduce((sum, { peers }) => sum + peers, 0);
}
