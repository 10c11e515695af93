import type { FolderOptions } from '../chaincode/folder-process.js';
import type { ServiceConnection } from '../chaincode/service-source.js';
import type { ChaincodeCode } from '../chaincode/shim-server.js';
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
