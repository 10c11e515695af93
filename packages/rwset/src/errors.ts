/** Every code an {@link RwsetError} can carry, with what it means. */
export const ERROR_CODES = {
    RWSET_BYTES_MALFORMED: 'The bytes are not the protobuf message they were given as.',
    RWSET_NOT_A_TRANSACTION: 'The envelope holds no endorsed transaction.',
    RWSET_DATA_MODEL_UNKNOWN: 'The read/write set is not of the key-value data model.',
    RWSET_NUMBER_TOO_LARGE: 'A block or transaction number is above 2^53 - 1.',
    RWSET_KEY_MALFORMED: 'A key or name is not well-formed Unicode and has no UTF-8 form.',
    RWSET_MERKLE_DEGREE: 'A Merkle summary has a degree below 2.',
    RWSET_BLOCK_OUT_OF_ORDER: 'A block does not come after the one before it.',
    RWSET_OPTION_INVALID: 'An option has a value it cannot have.',
    RWSET_TRANSACTION_TOO_LARGE: 'A transaction is larger than the orderer accepts.',
    RWSET_LOG_MALFORMED: 'A line of a transaction log is not what it should be.',
    RWSET_GRAPH_TOO_LARGE: 'A drawing would have more nodes than allowed.',
} as const;

/** A stable error code of this package. */
export type RwsetErrorCode = keyof typeof ERROR_CODES;

/** What went wrong while reading, validating or planning read/write sets. */
export class RwsetError extends Error {
    override readonly name = 'RwsetError';
    readonly code: RwsetErrorCode;

    constructor(code: RwsetErrorCode, message: string, options?: { readonly cause?: unknown }) {
        super(message, options);
        this.code = code;
    }
}
