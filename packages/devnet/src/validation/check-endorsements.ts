import { DevnetError } from '../errors.js';
import type { Member } from '../identity/member.js';
import { applicationPolicy, DEFAULT_ENDORSEMENT } from '../policy/channel-policies.js';
import type { Policy } from '../policy/policy.js';
import type { NamespaceReadWriteSet } from '@goodput/rwset';
import type { KeyPolicyChanges } from './key-policy-changes.js';
import type { PolicyCache } from './policy-cache.js';
import { reject } from './rejection.js';
import type { ChaincodeRules, KeyMetadata, ValidationContext } from './validation-context.js';

/** The name under which a key's metadata holds its endorsement policy. */
const VALIDATION_PARAMETER = 'VALIDATION_PARAMETER';

const IMPLICIT_COLLECTION = /^_implicit_org_(.*)$/s;

/** The name of the namespace in which chaincodes are defined. */
const LIFECYCLE_NAMESPACE = '_lifecycle';
const LIFECYCLE_POLICY = '/Channel/Application/LifecycleEndorsement';

/** What the endorsements of one transaction are judged by in one namespace. */
export interface NamespaceCheck {
    readonly context: ValidationContext;
    readonly policies: PolicyCache;
    readonly changes: KeyPolicyChanges;
    /** Those who endorsed, each once. */
    readonly endorsers: readonly Member[];
    readonly namespace: string;
    /** What the transaction did there; nothing if it only called the chaincode. */
    readonly rwset: NamespaceReadWriteSet | undefined;
}

function rulesOf({ context, namespace }: NamespaceCheck): Uint8Array {
    if (namespace === LIFECYCLE_NAMESPACE) {
        const known = context.policies.get(LIFECYCLE_POLICY) !== undefined;
        return applicationPolicy(known ? LIFECYCLE_POLICY : DEFAULT_ENDORSEMENT);
    }
    const rules = context.chaincode(namespace);
    return rules?.policy ?? reject('INVALID_CHAINCODE', `chaincode ${namespace} not found`);
}

function orgPolicy(mspId: string, { membership, policies }: ValidationContext): Uint8Array {
    if (membership.msp(mspId) === undefined) {
        reject('ENDORSEMENT_POLICY_FAILURE', `no org found in channel with MSPID '${mspId}'`);
    }
    const path = `/Channel/Application/${mspId}/Endorsement`;
    const known = policies.get(path) !== undefined;
    return applicationPolicy(known ? path : `OR('${mspId}.member')`);
}

function collectionPolicy(
    collection: string,
    rules: ChaincodeRules | undefined,
    context: ValidationContext,
): Uint8Array | undefined {
    const implicit = IMPLICIT_COLLECTION.exec(collection)?.[1];
    if (implicit !== undefined) return orgPolicy(implicit, context);
    if (rules === undefined) return undefined;
    const config = rules.collections
        .getConfigList()
        .map((each) => each.getStaticCollectionConfig())
        .find((each) => each?.getName() === collection);
    if (config === undefined) {
        return reject('ENDORSEMENT_POLICY_FAILURE', `no such collection '${collection}'`);
    }
    return config.getEndorsementPolicy()?.serializeBinary() ?? rules.policy;
}

/**
 * Judges the writes of a namespace in the order a peer does: a key with a policy of its own by that,
 * a private key by its collection's, everything else by the chaincode's, each policy once; and by the
 * chaincode's policy if nothing else was asked.
 */
class EndorsementJudge {
    readonly #check: NamespaceCheck;
    readonly #chaincodePolicy: Uint8Array;
    readonly #asked = new Set<string>();
    #someAsked = false;

    constructor(check: NamespaceCheck) {
        this.#check = check;
        this.#chaincodePolicy = rulesOf(check);
    }

    #demand(policy: Policy, what: string): void {
        const refusal = policy.refusal(this.#check.endorsers);
        if (refusal !== undefined) {
            reject('ENDORSEMENT_POLICY_FAILURE', `validation of ${what} failed: ${refusal}`);
        }
        this.#someAsked = true;
    }

    #demandApplication(bytes: Uint8Array, collection: string, what: string): void {
        if (this.#asked.has(collection)) return;
        this.#demand(
            compiled(() => this.#check.policies.application(bytes)),
            what,
        );
        this.#asked.add(collection);
    }

    #demandChaincodePolicy(): void {
        const what = `endorsement policy for chaincode ${this.#check.namespace}`;
        this.#demandApplication(this.#chaincodePolicy, '', what);
    }

    #judgeKey(collection: string, key: string, metadata: KeyMetadata): void {
        const { changes, context, namespace, policies } = this.#check;
        if (changes.has(namespace, collection, key)) {
            reject(
                'ENDORSEMENT_POLICY_FAILURE',
                `validation parameters for key [${key}] in namespace [${namespace}:${collection}] have been changed in this block`,
            );
        }
        const own = metadata?.get(VALIDATION_PARAMETER);
        if (own !== undefined && own.length > 0) {
            const policy = compiled(() => policies.signature(own));
            this.#demand(policy, `key ${key} (coll'${collection}':ns'${namespace}')`);
            return;
        }
        if (collection !== '' && !this.#asked.has(collection)) {
            const bytes = collectionPolicy(collection, context.chaincode(namespace), context);
            if (bytes !== undefined) {
                const what = `endorsement policy for collection ${collection} chaincode ${namespace}`;
                this.#demandApplication(bytes, collection, what);
                return;
            }
        }
        if (collection === '' || !this.#asked.has(collection)) this.#demandChaincodePolicy();
    }

    judge(): void {
        const { context, namespace, rwset } = this.#check;
        for (const { key } of [...(rwset?.writes ?? []), ...(rwset?.metadataWrites ?? [])]) {
            this.#judgeKey('', key, context.keyMetadata(namespace, key));
        }
        const collections = rwset?.collections ?? [];
        const judgeHashed = (collection: string, keyHash: string): void => {
            const bytes = Buffer.from(keyHash, 'hex');
            const metadata = context.privateMetadata(namespace, collection, bytes);
            this.#judgeKey(collection, keyHash, metadata);
        };
        for (const { collection, writes } of collections) {
            for (const { keyHash } of writes) judgeHashed(collection, keyHash);
        }
        for (const { collection, metadataWrites } of collections) {
            for (const { keyHash } of metadataWrites) judgeHashed(collection, keyHash);
        }
        if (!this.#someAsked) this.#demandChaincodePolicy();
    }
}

/** A policy that cannot be compiled is satisfied by nobody. */
function compiled(make: () => Policy): Policy {
    try {
        return make();
    } catch (error) {
        if (!(error instanceof DevnetError)) throw error;
        return reject('ENDORSEMENT_POLICY_FAILURE', error.message);
    }
}

/** Checks that those who endorsed a transaction may endorse what it did in one namespace. */
export function checkEndorsements(check: NamespaceCheck): void {
    new EndorsementJudge(check).judge();
}
