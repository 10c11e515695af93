import { DevnetError } from '../errors.js';
import type { Deployment } from './deployment.js';

/** What there is in the network that a deployment can name. */
export interface DeploymentTarget {
    readonly mspIds: readonly string[];
    readonly channels: readonly string[];
}

const DEFINITION = [
    'name',
    'version',
    'channels',
    'endorsementPolicy',
    'collections',
    'initRequired',
    'indexes',
    'organizations',
];
const ORIGINS = ['contracts', 'chaincode', 'connection', 'folder', 'register'];
const FOLDER = ['command', 'watch', 'onOutput'];

/** A member's value: whether it is right, and what it should have been. */
type Rule = readonly [holds: (value: unknown) => boolean, expected: string];

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';
const isFunction = (value: unknown): boolean => typeof value === 'function';
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
const isListOf = (value: unknown, holds: (item: unknown) => boolean): boolean =>
    Array.isArray(value) && value.length > 0 && value.every(holds);
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;

const TEXT: Rule = [isText, 'a text that is not empty'];
const YES_OR_NO: Rule = [(value) => typeof value === 'boolean', 'true or false'];
const COUNT: Rule = [isCount, 'a whole number from 0'];

const MEMBERS: Readonly<Record<string, Rule>> = {
    version: TEXT,
    endorsementPolicy: TEXT,
    initRequired: YES_OR_NO,
    indexes: [isText, 'the path of a folder'],
    collections: [
        (value) => Array.isArray(value) && value.every(isObject),
        'a list of collections, each with a name and a policy',
    ],
    contracts: [
        (value) => isListOf(value, isFunction),
        'a list of contract classes, at least one, as fabric-contract-api has them',
    ],
    chaincode: [
        (value) => isObject(value) && isFunction(value['Init']) && isFunction(value['Invoke']),
        'an object with the methods Init and Invoke',
    ],
    connection: [
        (value) => isText(value) || isObject(value),
        'the members of a connection.json, or the path of one',
    ],
    folder: [isText, 'the path of a chaincode project'],
    command: [
        (value) => isListOf(value, isText),
        'a program and its arguments, as a list of texts that are not empty',
    ],
    watch: YES_OR_NO,
    onOutput: [isFunction, 'a function'],
    register: [(value) => value === true, 'true'],
};

const COLLECTION: Readonly<Record<string, Rule>> = {
    name: TEXT,
    policy: TEXT,
    blockToLive: COUNT,
    memberOnlyRead: YES_OR_NO,
    memberOnlyWrite: YES_OR_NO,
    requiredPeerCount: COUNT,
    maxPeerCount: COUNT,
    endorsementPolicy: TEXT,
};

function shown(value: unknown): string {
    if (typeof value === 'function') return `the function ${value.name}`;
    return JSON.stringify(value, (_key, inner: unknown) =>
        typeof inner === 'function' ? `function ${inner.name}` : inner,
    );
}

function refuse(message: string): never {
    throw new DevnetError('DEVNET_OPTION_INVALID', message);
}

function checkMembers(
    of: string,
    given: Readonly<Record<string, unknown>>,
    rules: Readonly<Record<string, Rule>>,
): void {
    for (const [member, [holds, expected]] of Object.entries(rules)) {
        const value = given[member];
        if (value === undefined || holds(value)) continue;
        refuse(`${of}${member} must be ${expected}; got ${shown(value)}.`);
    }
}

function checkSome(what: string, given: unknown, known: readonly string[], why: string): void {
    if (given === undefined) return;
    if (isListOf(given, (each) => known.includes(each as string))) return;
    refuse(`${what} must name some of ${known.join(', ')}, ${why}; got ${shown(given)}.`);
}

function checkOrigin(deployment: Deployment): void {
    const given: Readonly<Record<string, unknown>> = { ...deployment };
    const origins = ORIGINS.filter((member) => given[member] !== undefined);
    const known = [...DEFINITION, ...ORIGINS, ...(origins.includes('folder') ? FOLDER : [])];
    const unknown = Object.keys(given).find((member) => !known.includes(member));
    if (unknown !== undefined) {
        refuse(`A deployment has no member "${unknown}"; it has ${known.join(', ')}.`);
    }
    if (origins.length === 1) return;
    refuse(
        `A deployment says by one of ${ORIGINS.join(', ')} what runs; this one has ${origins.join(' and ') || 'none'}.`,
    );
}

function checkCollections(given: unknown): void {
    for (const each of (given ?? []) as readonly Readonly<Record<string, unknown>>[]) {
        const of = `collections: ${shown(each['name'])}: `;
        const unknown = Object.keys(each).find((member) => !(member in COLLECTION));
        if (unknown !== undefined) {
            const known = Object.keys(COLLECTION).join(', ');
            refuse(`${of}a collection has no member "${unknown}"; it has ${known}.`);
        }
        checkMembers(
            of,
            { ...each, name: each['name'] ?? '', policy: each['policy'] ?? '' },
            COLLECTION,
        );
    }
}

/** Throws `DEVNET_OPTION_INVALID` unless the deployment is one for such a network. */
export function checkDeployment(deployment: Deployment, target: DeploymentTarget): void {
    // Which names there may be is for the lifecycle to say.
    if (!isObject(deployment) || !isText(deployment.name)) {
        const got = isObject(deployment) ? deployment.name : deployment;
        refuse(`A deployment needs the name the chaincode is called by; got ${shown(got)}.`);
    }
    const { channels, organizations, collections } = deployment;
    checkOrigin(deployment);
    checkMembers('', { ...deployment }, MEMBERS);
    checkSome('channels', channels, target.channels, 'which it is defined on');
    checkSome('organizations', organizations, target.mspIds, 'whose peers run the chaincode');
    checkCollections(collections);
}
