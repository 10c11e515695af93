import { VALIDATION_CODES } from '@goodput/rwset';
import type { Transaction } from '@goodput/rwset';

/** The checks that come before a peer looks whether it knows the transaction already. */
const BEFORE_DUPLICATES: ReadonlySet<number> = new Set([
    VALIDATION_CODES.NIL_ENVELOPE,
    VALIDATION_CODES.BAD_PAYLOAD,
    VALIDATION_CODES.BAD_COMMON_HEADER,
    VALIDATION_CODES.BAD_CREATOR_SIGNATURE,
    VALIDATION_CODES.INVALID_ENDORSER_TRANSACTION,
    VALIDATION_CODES.INVALID_CONFIG_TRANSACTION,
    VALIDATION_CODES.UNSUPPORTED_TX_PAYLOAD,
    VALIDATION_CODES.BAD_PROPOSAL_TXID,
    VALIDATION_CODES.UNKNOWN_TX_TYPE,
    VALIDATION_CODES.TARGET_CHAIN_NOT_FOUND,
    VALIDATION_CODES.NIL_TXACTION,
    VALIDATION_CODES.BAD_HEADER_EXTENSION,
    VALIDATION_CODES.BAD_CHANNEL_HEADER,
    VALIDATION_CODES.BAD_RESPONSE_PAYLOAD,
]);

/**
 * The verdicts with duplicates marked. A committed transaction's id makes a later one a duplicate
 * before its endorsements are looked at; within a block only a transaction that passed every check so
 * far makes another one a duplicate.
 */
export function withoutDuplicates(
    block: { readonly transactions: readonly Transaction[]; readonly codes: readonly number[] },
    isCommitted: (txId: string) => boolean,
): readonly number[] {
    const seen = new Set<string>();
    return block.transactions.map(({ kind, txId }, index) => {
        const code = block.codes[index] ?? VALIDATION_CODES.NOT_VALIDATED;
        if (BEFORE_DUPLICATES.has(code) || kind === 'config' || txId === '') return code;
        if (isCommitted(txId)) return VALIDATION_CODES.DUPLICATE_TXID;
        if (code !== VALIDATION_CODES.VALID) return code;
        if (seen.has(txId)) return VALIDATION_CODES.DUPLICATE_TXID;
        seen.add(txId);
        return code;
    });
}
