import {
    checkKnown,
    checkMembers,
    checkValue,
    FUNCTION,
    isListOf,
    isObject,
    isText,
    isWhole,
    refuse,
    shown,
    TEXT,
    YES_OR_NO,
    type Rule,
    type Rules,
} from '../checks/member-rules.js';
import type { NetworkOptions, OrganizationOptions } from './options.js';

/** Timers of Node.js take no more. */
const LONGEST_MS = 2 ** 31 - 1;
/** So that the names of its hosts are names of hosts. */
const LONGEST_DOMAIN = 200;

const DURATION: Rule = [
    (value) => isWhole(value, 1, LONGEST_MS),
    `a whole number of milliseconds from 1 to ${LONGEST_MS}`,
];
const COUNT: Rule = [(value) => isWhole(value, 1), 'a whole number of at least 1'];
const CHANNEL: Rule = [
    (value) => typeof value === 'string' && /^[a-z][a-z0-9.-]{0,248}$/.test(value),
    'names of lower-case letters, digits, "." and "-"',
];

function isUrl(value: unknown): boolean {
    return typeof value === 'string' && URL.canParse(value) && /^https?:/i.test(value);
}

function isClock(value: unknown): boolean {
    if (typeof value !== 'function') return false;
    const time = (value as () => unknown)();
    return time instanceof Date && !Number.isNaN(time.getTime());
}

const OPTIONS: Readonly<Record<keyof NetworkOptions, Rule>> = {
    name: TEXT,
    channels: [(value) => isListOf(value, () => true), 'a list of at least one name'],
    organizations: [
        (value) => isListOf(value, (each) => typeof each === 'string' || isObject(each)),
        'a list of at least one MSP id, or object with an mspId',
    ],
    block: [isObject, 'an object of settings'],
    stateDatabase: [
        (value) => value === 'leveldb' || value === 'couchdb',
        '"leveldb" or "couchdb"',
    ],
    couchdbUrl: [isUrl, 'a URL that begins with http:// or https://'],
    dataDirectory: [isText, 'the path of a folder'],
    log: FUNCTION,
    executeTimeoutMs: DURATION,
    startTimeoutMs: DURATION,
    limits: [isObject, 'an object of numbers'],
    ports: [Array.isArray, 'a list of numbers'],
    tls: YES_OR_NO,
    clock: [isClock, 'a function that returns a valid Date'],
};

const LIMITS: Rules = { gateway: COUNT, endorser: COUNT, deliver: COUNT };

const ORGANIZATION: Readonly<Record<keyof OrganizationOptions, Rule>> = {
    mspId: [
        (value) => typeof value === 'string' && /^[A-Za-z0-9][A-Za-z0-9.-]*$/.test(value),
        'of letters, digits, "." and "-"',
    ],
    domain: [
        (value) =>
            typeof value === 'string' &&
            value.length <= LONGEST_DOMAIN &&
            /^[\w-]+(\.[\w-]+)*$/.test(value),
        `a domain of at most ${LONGEST_DOMAIN} characters, as org1.example.com`,
    ],
    peers: COUNT,
    users: [
        (value) => Array.isArray(value) && value.every((each) => typeof each === 'string'),
        'a list of names',
    ],
};

function checkUnique(what: string, names: readonly string[]): void {
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) {
        refuse(`${what} must be a list without a name given twice; got ${shown(twice)}.`);
    }
}

/** Throws `DEVNET_OPTION_INVALID` unless each option by itself is one that a network can have. */
export function checkOptions(options: NetworkOptions): void {
    checkValue('The options of a network', options, [isObject, 'an object']);
    checkKnown('A network', options, Object.keys(OPTIONS));
    checkMembers('', options, OPTIONS);
    const { channels, limits = {}, stateDatabase, couchdbUrl } = options;
    if (channels !== undefined) checkChannelNames(channels);
    checkKnown('limits', limits, Object.keys(LIMITS));
    checkMembers('limits.', limits, LIMITS);
    if (couchdbUrl !== undefined && stateDatabase !== 'couchdb') {
        refuse(
            `stateDatabase must be "couchdb" where a couchdbUrl is given; got ${shown(stateDatabase)}.`,
        );
    }
}

/** Throws `DEVNET_OPTION_INVALID` unless each of the names is one a channel can have, and no other has. */
export function checkChannelNames(channels: readonly string[]): void {
    for (const channel of channels) checkValue('channels', channel, CHANNEL);
    checkUnique('channels', channels);
}

/** Throws `DEVNET_OPTION_INVALID` unless it can be an organisation of a network. */
export function checkOrganization(organization: OrganizationOptions): void {
    const { mspId } = organization;
    checkKnown('An organisation', organization, Object.keys(ORGANIZATION));
    checkValue('organizations: the mspId of each', mspId, ORGANIZATION.mspId);
    checkMembers(`organizations: ${mspId}: `, organization, ORGANIZATION);
}

/** Throws `DEVNET_OPTION_INVALID` unless organisations, with who runs the ordering service, can be told apart. */
export function checkNames(
    organizations: readonly Required<OrganizationOptions>[],
    orderer: Pick<Required<OrganizationOptions>, 'mspId' | 'domain'>,
): void {
    const all = [...organizations, orderer];
    checkUnique(
        'organizations (with the one of the ordering service)',
        all.map(({ mspId }) => mspId),
    );
    checkUnique(
        'the domains of the organizations (with the one of the ordering service)',
        all.map(({ domain }) => domain),
    );
    for (const { mspId, users } of organizations) {
        checkUnique(`organizations: the users of ${mspId}`, users);
    }
}

/** Throws `DEVNET_OPTION_INVALID` unless so many nodes can listen there. */
export function checkPorts(ports: readonly number[], nodes: number): void {
    for (const port of ports) {
        checkValue('ports', port, [
            (value) => isWhole(value, 0, 65_535),
            'whole numbers from 0 to 65535',
        ]);
    }
    checkUnique('ports', ports.filter((port) => port !== 0).map(String));
    if (ports.length > nodes) {
        refuse(
            `ports must be at most ${nodes}, one a peer and one for the ordering service; got ${shown(ports)}.`,
        );
    }
}
