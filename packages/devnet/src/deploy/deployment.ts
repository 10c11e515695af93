import type { ChaincodeCode } from '../chaincode/shim-server.js';
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
    /** MSP ids of the organisations whose peers run it; all by default. */
    readonly organizations?: readonly string[];
}

/** A chaincode to deploy: what is agreed on about it, and what runs. */
export type Deployment = DefinitionOptions & ChaincodeCode;
