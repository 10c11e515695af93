import {
    checkKnown,
    checkMembers,
    FUNCTION,
    isFunction,
    isListOf,
    isObject,
    isText,
    refuse,
    shown,
    TEXT,
    YES_OR_NO,
    isWhole,
    type Rule,
    type Rules,
} from '../checks/member-rules.js';
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

const COUNT: Rule = [(value) => isWhole(value, 0), 'a whole number from 0'];

const MEMBERS: Rules = {
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
    onOutput: FUNCTION,
    register: [(value) => value === true, 'true'],
};

const COLLECTION: Rules = {
    name: TEXT,
    policy: TEXT,
    blockToLive: COUNT,
    memberOnlyRead: YES_OR_NO,
    memberOnlyWrite: YES_OR_NO,
    requiredPeerCount: COUNT,
    maxPeerCount: COUNT,
    endorsementPolicy: TEXT,
};

function checkSome(what: string, given: unknown, known: readonly string[], why: string): void {
    if (given === undefined) return;
    if (isListOf(given, (each) => known.includes(each as string))) return;
    refuse(`${what} must name some of ${known.join(', ')}, ${why}; got ${shown(given)}.`);
}

function checkOrigin(deployment: Deployment): void {
    const given: Readonly<Record<string, unknown>> = { ...deployment };
    const origins = ORIGINS.filter((member) => given[member] !== undefined);
    const known = [...DEFINITION, ...ORIGINS, ...(origins.includes('folder') ? FOLDER : [])];
    checkKnown('A deployment', given, known);
    if (origins.length === 1) return;
    refuse(
        `A deployment says by one of ${ORIGINS.join(', ')} what runs; this one has ${origins.join(' and ') || 'none'}.`,
    );
}

function checkCollections(given: unknown): void {
    for (const each of (given ?? []) as readonly Readonly<Record<string, unknown>>[]) {
        const of = `collections: ${shown(each['name'])}: `;
        checkKnown(`${of}a collection`, each, Object.keys(COLLECTION));
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
    checkMembers('', deployment, MEMBERS);
    checkSome('channels', channels, target.channels, 'which it is defined on');
    checkSome('organizations', organizations, target.mspIds, 'whose peers run the chaincode');
    checkCollections(collections);
}
