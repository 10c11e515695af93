export { ConflictAttributor } from './attribute.js';
export type { AttributionOptions, Conflict, ConflictClass } from './attribute.js';
export { decodeBlock } from './decode-block.js';
export { decodeProposalResponsePayload } from './decode-action.js';
export type { ChaincodeAction } from './decode-action.js';
export { decodeTxReadWriteSet } from './decode-rwset.js';
export { decodeEnvelope, decodePreparedTransaction } from './decode-transaction.js';
export {
    encodeMetadata,
    encodePrivateWriteSet,
    encodeQueryReads,
    encodeTxReadWriteSet,
} from './encode-rwset.js';
export { ERROR_CODES, RwsetError } from './errors.js';
export type { RwsetErrorCode } from './errors.js';
export { compareKeys } from './key-order.js';
export { LedgerReplay } from './ledger-replay.js';
export type { ReplayedBlock } from './ledger-replay.js';
export { MemoryState } from './memory-state.js';
export { MERKLE_MAX_DEGREE, RangeSummary, summarizeRange } from './merkle.js';
export type { RangeResults } from './merkle.js';
export type {
    Block,
    BlockTransaction,
    ChaincodeEvent,
    ChaincodeName,
    ChaincodeResponse,
    CollectionReadWriteSet,
    Endorser,
    HashedMetadataWrite,
    HashedRead,
    HashedWrite,
    KeyRead,
    KeyWrite,
    MerkleSummary,
    MetadataEntry,
    MetadataWrite,
    NamespaceReadWriteSet,
    RangeQuery,
    Transaction,
    TransactionKind,
    TxReadWriteSet,
    Version,
} from './model.js';
export { OrderedKeys } from './ordered-keys.js';
export { ReadWriteSetBuilder } from './read-write-set-builder.js';
export type { PrivateWriteSet, SimulationResults } from './read-write-set-builder.js';
export { hashKey } from './sha256.js';
export type { Purge, StateEntry, StateUpdate, VersionedState, VersionedValue } from './state.js';
export { validateBlock } from './validate.js';
export type {
    BlockValidation,
    Failure,
    ValidatableBlock,
    ValidatableTransaction,
    ValidationOptions,
} from './validate.js';
export { isReadConflict, VALIDATION_CODES, validationCodeName } from './validation-code.js';
export type { ValidationCodeName } from './validation-code.js';
export { compareVersions, isSameVersion } from './version.js';
export type { TransactionRef } from './writer-index.js';
