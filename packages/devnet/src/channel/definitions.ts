import { ledger as ledgerProtocol, type peer } from '@hyperledger/fabric-protos';
import { sequenceKey, LIFECYCLE_NAMESPACE } from '../ledger/lifecycle.js';
import type { Ledger } from '../ledger/ledger.js';
import { definitionIn } from '../system/lifecycle-state.js';
import type { Simulation } from '../ledger/simulation.js';

const { queryresult } = ledgerProtocol;

/** The version a peer gives its own chaincodes. */
export const SYSTEM_VERSION = 'syscc';

/** The key under which a chaincode that must be initialised notes that it is. */
const INITIALIZED_KEY = '\u0000\u{10ffff}initialized';

/** A chaincode as it is defined on a channel. */
export interface Definition {
    readonly name: string;
    readonly version: string;
    readonly sequence: number;
    readonly initRequired: boolean;
    /** Serialized `ApplicationPolicy`; empty for the channel's default. */
    readonly policy: Uint8Array;
    readonly collections: peer.CollectionConfigPackage;
}

const METADATA_PREFIX = 'namespaces/metadata/';
/** The first key after all that begin with {@link METADATA_PREFIX}. */
const METADATA_END = 'namespaces/metadata0';

async function definedNames(simulation: Simulation): Promise<readonly string[]> {
    const pages = await simulation.getStateByRange(
        LIFECYCLE_NAMESPACE,
        METADATA_PREFIX,
        METADATA_END,
    );
    const names: string[] = [];
    for (;;) {
        const page = await pages.next();
        for (const bytes of page.results) {
            const { key } = queryresult.KV.deserializeBinary(bytes).toObject();
            names.push(key.slice(METADATA_PREFIX.length));
        }
        if (!page.hasMore) return names;
    }
}

async function readCommitted(
    name: string,
    simulation: Simulation,
): Promise<Definition | undefined> {
    const found = await definitionIn(name, simulation);
    if (found === undefined) return undefined;
    return {
        name,
        version: found.endorsementInfo.getVersion(),
        sequence: found.sequence,
        initRequired: found.endorsementInfo.getInitRequired(),
        policy: found.validationInfo.getValidationParameter_asU8(),
        collections: found.collections,
    };
}

/** The chaincodes defined on a channel, as a peer keeps them in memory. */
export class Definitions {
    readonly #definitions = new Map<string, Definition>();

    /** Takes up what the ledger has. */
    async load(ledger: Ledger): Promise<void> {
        const simulation = await ledger.simulate('', { readOnly: true });
        this.#definitions.clear();
        try {
            const found: Definition[] = [];
            for (const name of await definedNames(simulation)) {
                const definition = await readCommitted(name, simulation);
                if (definition !== undefined) found.push(definition);
            }
            // The ledger may have gone back to when it had fewer.
            this.#definitions.clear();
            for (const definition of found) this.#definitions.set(definition.name, definition);
        } finally {
            simulation.done();
        }
    }

    get(name: string): Definition | undefined {
        return this.#definitions.get(name);
    }

    all(): readonly Definition[] {
        return [...this.#definitions.values()];
    }

    /**
     * The version of a chaincode, undefined if it is not defined. As on a peer, that the definition
     * has not changed meanwhile is part of what the transaction depends on: its sequence is read.
     */
    async versionOf(name: string, simulation: Simulation): Promise<string | undefined> {
        await simulation.getState(LIFECYCLE_NAMESPACE, sequenceKey(name));
        return this.#definitions.get(name)?.version;
    }

    /** Whether this call initialises the chaincode; throws if it must, or must not, and does otherwise. */
    async checkInit(
        name: string,
        input: peer.ChaincodeInput,
        simulation: Simulation,
    ): Promise<boolean> {
        const definition = this.#definitions.get(name);
        const isInit = input.getIsInit();
        if (definition?.initRequired !== true) {
            if (!isInit) return false;
            throw new Error(
                `invalid invocation: chaincode '${name}' does not require initialization but called as init`,
            );
        }
        const initialized = await simulation.getState(name, INITIALIZED_KEY);
        const version = Buffer.from(definition.version);
        const done = initialized !== undefined && version.equals(initialized);
        if (isInit && done) {
            throw new Error(
                `invalid invocation: chaincode '${name}' is already initialized but called as init`,
            );
        }
        if (!isInit && !done) {
            throw new Error(
                `invalid invocation: chaincode '${name}' has not been initialized for this version, must call as init first`,
            );
        }
        if (isInit) simulation.putState(name, INITIALIZED_KEY, version);
        return isInit;
    }
}
