import type { FolderOptions } from '../chaincode/folder-process.js';
import type { ServiceConnection } from '../chaincode/service-source.js';
import type { ChaincodeCode } from '../chaincode/shim-server.js';
import { DevnetError } from '../errors.js';
import type { CollectionOptions } from './collections.js';

/** What the organisations agree on about a chaincode. */
export interface DefinitionOptions {
    /** The name it is called by. */
    readonly name: string;
    /** @defaultValue `'1.0'` */
    readonly version?: string;
    /** The channels to define it on; all by default. */
    readonly channels?: readonly string[];
    /**
     * Who must endorse: `AND('Org1MSP.peer', 'Org2MSP.peer')`, or the path of a channel's policy.
     * @defaultValue `/Channel/Application/Endorsement`: a majority of the organisations
     */
    readonly endorsementPolicy?: string;
    /** Its private data collections. */
    readonly collections?: readonly CollectionOptions[];
    /**
     * Whether it must be initialised before anything else is called.
     * @defaultValue false
     */
    readonly initRequired?: boolean;
    /**
     * A folder with the chaincode's `META-INF`, whose CouchDB indexes are made.
     * @defaultValue the project's, where the chaincode is one
     */
    readonly indexes?: string;
    /** MSP ids of the organisations whose peers run it; all by default. */
    readonly organizations?: readonly string[];
}

/**
 * What runs: code of this process; a service, by its connection or the file that has it; a project's
 * folder; or a process that registers with the peers by itself.
 */
export type ChaincodeOrigin =
    | ChaincodeCode
    | { readonly connection: ServiceConnection | string }
    | FolderOptions
    | { readonly register: true };

/** A chaincode to deploy: what is agreed on about it, and what runs. */
export type Deployment = DefinitionOptions & ChaincodeOrigin;

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

function checkRunners(organizations: unknown, mspIds: readonly string[]): void {
    const known = Array.isArray(organizations) && organizations.length > 0;
    if (known && organizations.every((mspId) => mspIds.includes(mspId as string))) return;
    throw new DevnetError(
        'DEVNET_OPTION_INVALID',
        `organizations must name some of ${mspIds.join(', ')}, whose peers run the chaincode; got ${JSON.stringify(organizations)}.`,
    );
}

/** Throws `DEVNET_OPTION_INVALID` unless the deployment is one for a network of these organisations. */
export function checkDeployment(deployment: Deployment, mspIds: readonly string[]): void {
    const { name, organizations } = deployment;
    // Which names there may be is for the lifecycle to say.
    if (typeof name !== 'string' || name === '') {
        throw new DevnetError(
            'DEVNET_OPTION_INVALID',
            `A deployment needs the name the chaincode is called by; got ${JSON.stringify(name)}.`,
        );
    }
    if (organizations !== undefined) checkRunners(organizations, mspIds);
    const members = Object.keys(deployment);
    const known = [...DEFINITION, ...ORIGINS, ...('folder' in deployment ? FOLDER : [])];
    const unknown = members.find((member) => !known.includes(member));
    const origins = members.filter((member) => ORIGINS.includes(member));
    if (unknown !== undefined) {
        throw new DevnetError(
            'DEVNET_OPTION_INVALID',
            `A deployment has no member "${unknown}"; it has ${known.join(', ')}.`,
        );
    }
    if (origins.length === 1) return;
    throw new DevnetError(
        'DEVNET_OPTION_INVALID',
        `A deployment says by one of ${ORIGINS.join(', ')} what runs; this one has ${origins.join(' and ') || 'none'}.`,
    );
}
