import type { JsonValue } from './canonical-json.js';
import { formatContractError } from './wire.js';

/** Every code a {@link ChaincodeError} can carry, with what it means. */
export const ERROR_CODES = {
    CHAINCODE_KEY_INVALID: 'A key is empty or would not mean the same on every state database.',
    CHAINCODE_VALUE_INVALID: 'A value could not be stored the same way on every state database.',
    CHAINCODE_JSON_INVALID: 'A value has no canonical JSON form.',
    CHAINCODE_UNIT_CLOSED: 'The stub was used after its transaction or operation had ended.',
    CHAINCODE_SAVEPOINT_INVALID: 'A savepoint was used twice, or out of order.',
    CHAINCODE_UNDO_IMPOSSIBLE: 'Work that called another chaincode had to be undone.',
    CHAINCODE_QUERY_IGNORES_WRITES: 'A rich query would not see the writes of this transaction.',
    CHAINCODE_QUERY_WITH_WRITES: 'A paginated or private query met writes in one transaction.',
    CHAINCODE_PURGE_THEN_PUT: 'A private key was written after it was purged in one transaction.',
    CHAINCODE_EVENT_INVALID: 'An event has no name, or a payload that cannot be sent.',
    CHAINCODE_ERROR_CODE_INVALID: 'A contract error was made with a code clients cannot read.',
    CHAINCODE_SETUP_INVALID: 'A contract, pattern or option was set up with something unusable.',
    CHAINCODE_PHI_EXPOSED: 'Protected health information would have left its private collection.',
    CHAINCODE_CONTENT_MISMATCH: 'Content the ledger names by its hash does not have that hash.',
    CHAINCODE_ROW_INVALID: 'A row, or transient input, is not what its schema allows.',
    CHAINCODE_ROW_MISSING: 'A row that must exist does not.',
    CHAINCODE_ROW_EXISTS: 'A row that must be new exists already.',
    CHAINCODE_VERSION_CHANGED: 'A row has another version than the writer expected.',
    CHAINCODE_INDEX_BROKEN: 'An index entry points to a row that does not exist.',
    CHAINCODE_SCAN_LIMIT: 'A scan has more rows than its limit.',
    CHAINCODE_TRANSIENT_MISSING: 'Transient input the transaction needs was not sent.',
    CHAINCODE_AMOUNT_INVALID:
        'An amount is not a whole number of the smallest unit, or has a wrong sign.',
    CHAINCODE_BOUND_EXCEEDED: 'A counter with a bound does not have as much left.',
    CHAINCODE_SLOT_TAKEN: 'A slot is held or booked by somebody else.',
    CHAINCODE_SLOT_NOT_HELD: 'A slot is not held or booked by whom it should be.',
    CHAINCODE_CLAIM_TAKEN: 'A value that may exist once is claimed by somebody else.',
    CHAINCODE_BATCH_MALFORMED: 'The request of a batch does not have the documented form.',
    CHAINCODE_BATCH_TOO_LARGE: 'A batch has more operations or bytes than the contract allows.',
    CHAINCODE_BATCH_KEYS_EXCEEDED: 'An operation would touch more keys than a batch may.',
    CHAINCODE_FUNCTION_UNKNOWN: 'An operation names something that is not a declared transaction.',
    CHAINCODE_OP_FAILED: 'An operation failed with an error that carries no code.',
    CHAINCODE_GROUP_ROLLED_BACK: 'Another operation of the same atomic group failed.',
    CHAINCODE_OP_ID_REUSED: 'An operation id was used before for a different operation.',
} as const;

/** A stable error code of this package. */
export type ChaincodeErrorCode = keyof typeof ERROR_CODES;

const CODE = /^[A-Z][A-Z0-9_]{2,63}$/;

/** Whether a client could read this as the code of an error. */
export function isErrorCode(code: unknown): code is string {
    return typeof code === 'string' && CODE.test(code);
}

/**
 * An error whose code survives the way to the client.
 *
 * Fabric carries nothing but the message of a failed transaction, so the message is made of the
 * code, the text and, on a second line, the details: `OUT_OF_STOCK: none left` and
 * `{"sku":"a1"}`. {@link parseContractError} takes it apart again.
 *
 * @example
 * ```ts no-run
 * import { ContractError } from '@goodput/chaincode';
 *
 * throw new ContractError('OUT_OF_STOCK', 'none left of a1', { sku: 'a1' });
 * ```
 */
export class ContractError extends Error {
    readonly code: string;
    /** What happened, without the code. */
    readonly text: string;
    readonly details: JsonValue | undefined;

    constructor(code: string, text: string, details?: JsonValue, options?: ErrorOptions) {
        if (!isErrorCode(code)) {
            throw new ChaincodeError(
                'CHAINCODE_ERROR_CODE_INVALID',
                `an error code is 3 to 64 capitals, digits and underscores, such as OUT_OF_STOCK; got ${JSON.stringify(code)}`,
            );
        }
        super(formatContractError(code, text, details), options);
        this.name = 'ContractError';
        this.code = code;
        this.text = text;
        this.details = details;
    }
}

/** What this package itself refuses, or fails at. */
export class ChaincodeError extends ContractError {
    declare readonly code: ChaincodeErrorCode;

    constructor(
        code: ChaincodeErrorCode,
        text: string,
        details?: JsonValue,
        options?: ErrorOptions,
    ) {
        super(code, text, details, options);
        this.name = 'ChaincodeError';
    }
}
