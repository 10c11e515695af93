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
    /** The channels to define it on, and to run it for; all there are by default. */
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

function checkSome(what: string, given: unknown, known: readonly string[], why: string): void {
    const some = Array.isArray(given) && given.length > 0;
    if (some && given.every((each) => known.includes(each as string))) return;
    throw new DevnetError(
        'DEVNET_OPTION_INVALID',
        `${what} must name some of ${known.join(', ')}, ${why}; got ${JSON.stringify(given)}.`,
    );
}

/** What there is in the network that a deployment can name. */
export interface DeploymentTarget {
    readonly mspIds: readonly string[];
    readonly channels: readonly string[];
}

/** Throws `DEVNET_OPTION_INVALID` unless the deployment is one for such a network. */
export function checkDeployment(deployment: Deployment, target: DeploymentTarget): void {
    const { name, channels, organizations } = deployment;
    // Which names there may be is for the lifecycle to say.
    if (typeof name !== 'string' || name === '') {
        throw new DevnetError(
            'DEVNET_OPTION_INVALID',
            `A deployment needs the name the chaincode is called by; got ${JSON.stringify(name)}.`,
        );
    }
    if (channels !== undefined) {
        checkSome('channels', channels, target.channels, 'which it is defined on');
    }
    if (organizations !== undefined) {
        const why = 'whose peers run the chaincode';
        checkSome('organizations', organizations, target.mspIds, why);
    }
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
