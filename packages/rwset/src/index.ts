export { ConflictAttributor } from './attribute.js';
export type { AttributionOptions, Conflict, ConflictClass } from './attribute.js';
export { accessSetsOf, privateKeyName, publicKeyName, rangeName } from './access.js';
export type { AccessSet } from './access.js';
export { BlockCutter } from './block-cutter.js';
export type { BlockLimits } from './block-cutter.js';
export { buildBlocks } from './build-blocks.js';
export type { BlockPlan, OrderableTransaction } from './build-blocks.js';
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
export { groupOperations } from './group.js';
export type { GroupOptions, Operation, OperationGroup, OperationPlan } from './group.js';
export { compareKeys } from './key-order.js';
export { LedgerReplay } from './ledger-replay.js';
export type { ReplayedBlock } from './ledger-replay.js';
export { measurePrediction } from './measure-prediction.js';
export type { ObservedCall, PredictionQuality } from './measure-prediction.js';
export { MemoryState } from './memory-state.js';
export { MERKLE_MAX_DEGREE, RangeSummary, summarizeRange } from './merkle.js';
export type { RangeResults } from './merkle.js';
export { measureConflicts } from './metrics.js';
export type { ConflictCycle, ConflictMetrics, KeyContention } from './metrics.js';
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
export { DEFAULT_NETWORK } from './simulated-network.js';
export type { CommittedBlock, NetworkModel } from './simulated-network.js';
export { simulate, STRATEGIES } from './simulate.js';
export type { Latencies, SimulationOptions, SimulationResult } from './simulate.js';
export type { SameKeyOrder } from './operation-graph.js';
export { orderAccesses, orderTransactions } from './order.js';
export type { OrderOptions, OrderTransactionsOptions, Schedule, Victim } from './order.js';
export { callOf, KeyPredictor } from './predict.js';
export type { Call, PredictedKey, Prediction, PredictorOptions } from './predict.js';
export { SeededRandom } from './random.js';
export { ReadWriteSetBuilder } from './read-write-set-builder.js';
export type { PrivateWriteSet, SimulationResults } from './read-write-set-builder.js';
export { redactBlocks } from './redact.js';
export type { Redactable, RedactOptions } from './redact.js';
export { renderConflicts } from './render-graph.js';
export type { RenderOptions } from './render-graph.js';
export { hashKey } from './sha256.js';
export type { Purge, StateEntry, StateUpdate, VersionedState, VersionedValue } from './state.js';
export type {
    BucketedStrategy,
    DeltaStrategy,
    MergedStrategy,
    NaiveStrategy,
    OrderedStrategy,
    RetryStrategy,
    ShardedStrategy,
    Strategy,
} from './strategy.js';
export type { Bond } from './survivor-order.js';
export { scheduleArrivals, traceOfBlocks } from './trace.js';
export type { Arrivals, TraceOperation, UnscheduledOperation } from './trace.js';
export { exportLog, importLog } from './transaction-log.js';
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
export { VersionTracker } from './version-tracker.js';
export type { StaleRead } from './version-tracker.js';
export { compareVersions, isSameVersion } from './version.js';
export type { TransactionRef } from './writer-index.js';
export { conflictProbability, WriteRates } from './write-rates.js';
export type { WriteRatesOptions } from './write-rates.js';
