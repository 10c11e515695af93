import { VALIDATION_CODES } from '@goodput/rwset';
import { boundProtocolReader } from '../grpc/bounded-reader.js';
import type { Member } from '../identity/member.js';
import { validSigners } from '../policy/valid-signers.js';
import { checkEndorsements } from './check-endorsements.js';
import { checkStructure, type EndorsedAction } from './check-structure.js';
import { KeyPolicyChanges } from './key-policy-changes.js';
import { PolicyCache } from './policy-cache.js';
import { readCalledChaincode, writesTo } from './read-action.js';
import { reject, Rejection } from './rejection.js';
import type { ValidationContext } from './validation-context.js';

/** The verdict on one transaction of a block. */
export interface Verdict {
    /** One of `VALIDATION_CODES`. */
    readonly code: number;
    /** Why it is not valid, as a peer's log would say; nothing if it is. */
    readonly reason?: string;
}

function endorsersOf(action: EndorsedAction, context: ValidationContext): readonly Member[] {
    const signatures = action.endorsements.map((endorsement) => {
        const identity = endorsement.getEndorser_asU8();
        return {
            message: Buffer.concat([action.proposalResponsePayload, identity]),
            identity,
            signature: endorsement.getSignature_asU8(),
        };
    });
    return validSigners(signatures, context.membership);
}

/**
 * Validates the transactions of a block one after the other, up to the checks of read versions, which
 * are the ledger's. Make one for each channel; it remembers compiled policies.
 *
 * @example
 * ```ts
 * const validator = new TransactionValidator(context);
 * const codes = validator.validateBlock(envelopes).map(({ code }) => code);
 * ```
 */
export class TransactionValidator {
    readonly #context: ValidationContext;
    readonly #policies: PolicyCache;

    constructor(context: ValidationContext) {
        boundProtocolReader();
        this.#context = context;
        this.#policies = new PolicyCache(context.policies);
    }

    /** The verdicts on the envelopes of one block, in order. */
    validateBlock(envelopes: readonly Uint8Array[]): readonly Verdict[] {
        const changes = new KeyPolicyChanges();
        const seen = new Set<string>();
        return envelopes.map((envelope) => this.#validate(envelope, changes, seen));
    }

    #validate(envelope: Uint8Array, changes: KeyPolicyChanges, seen: Set<string>): Verdict {
        try {
            const txId = this.#examine(envelope, changes);
            if (txId !== '' && seen.has(txId)) {
                reject('DUPLICATE_TXID', `Duplicate txid ${txId} found in the block`);
            }
            seen.add(txId);
            return { code: VALIDATION_CODES.VALID };
        } catch (error) {
            if (!(error instanceof Rejection)) throw error;
            return { code: error.code, reason: error.message };
        }
    }

    #examine(envelope: Uint8Array, changes: KeyPolicyChanges): string {
        const context = this.#context;
        const transaction = checkStructure(envelope, context);
        if (transaction.endorsed === undefined) return '';
        const txId = transaction.channelHeader.getTxId();
        if (context.hasTransaction(txId)) {
            reject('DUPLICATE_TXID', `Duplicate transaction found, ${txId}`);
        }
        const { chaincode, namespaces } = readCalledChaincode(transaction);
        const endorsers = endorsersOf(transaction.endorsed, context);
        const written = namespaces.filter(writesTo).map(({ namespace }) => namespace);
        for (const namespace of new Set([chaincode, ...written])) {
            const rwset = namespaces.find((each) => each.namespace === namespace);
            checkEndorsements({
                context,
                policies: this.#policies,
                changes,
                endorsers,
                namespace,
                rwset,
            });
            if (rwset !== undefined) changes.add(rwset);
        }
        return txId;
    }
}

/**
 * The verdict on a transaction that is alone in its block: a `TxValidationCode`, 0 if it is valid.
 * For whole blocks use {@link TransactionValidator}, which knows what earlier transactions change.
 */
export function validateTransaction(
    envelope: Uint8Array,
    context: ValidationContext,
): Promise<number> {
    const [verdict] = new TransactionValidator(context).validateBlock([envelope]);
    return Promise.resolve(verdict?.code ?? VALIDATION_CODES.NOT_VALIDATED);
}
