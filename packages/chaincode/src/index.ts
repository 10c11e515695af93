export { Caller } from './caller.js';
export { canonicalBytes, canonicalJson } from './canonical-json.js';
export type { JsonValue } from './canonical-json.js';
export { GoodputContext } from './context.js';
export { GoodputContract } from './contract.js';
export { ChaincodeError, ContractError, ERROR_CODES } from './errors.js';
export type { ChaincodeErrorCode } from './errors.js';
export type { TransactionCounts } from './metrics.js';
export type { UnitOfWorkOptions } from './overlay.js';
export type { TxTime } from './tx-time.js';
export { UnitOfWork } from './unit-of-work.js';
export type { CommittedState, Savepoint } from './unit-of-work.js';
export {
    BATCH_FORMAT,
    BATCH_FUNCTION,
    batchLimitsOf,
    decodeReceipts,
    encodeBatch,
    EVENTS_FORMAT,
    parseContractError,
    readEvents,
} from './wire.js';
export type {
    BatchCall,
    BatchFailure,
    BatchLimits,
    BatchOp,
    BatchRequest,
    BatchResponse,
    ContractEvent,
    ParsedContractError,
    Receipt,
} from './wire.js';
export { DEFAULT_BATCH_LIMITS, withBatching } from './with-batching.js';
export type {
    BatchExecutor,
    BatchExecutorClass,
    BatchingOptions,
    ContractClass,
} from './with-batching.js';
export type { Serializers } from './marshal.js';
export type { DeclaredParameter, DeclaredTransaction, SuppliedMetadata } from './declared.js';
export type { Amount } from './amount.js';
export { AppendLog, appendLog } from './append-log.js';
export type { AppendLogOptions, LogEntry } from './append-log.js';
export { ArtefactCache, contentHash } from './artefact-cache.js';
export type { ArtefactCacheOptions } from './artefact-cache.js';
export { BoundedCounter, boundedCounter } from './bounded-counter.js';
export type { BoundedCounterOptions, ShardTarget } from './bounded-counter.js';
export { DeltaCounter, deltaCounter } from './delta-counter.js';
export type { Compaction, DeltaCounterOptions } from './delta-counter.js';
export type {
    Flat,
    FromSchema,
    PropertySchema,
    RequiredOf,
    RowSchema,
    SchemaMembers,
    SimpleTypes,
} from './json-schema.js';
export { chaincodeMetrics } from './metrics.js';
export type { MetricsListener, TransactionMetrics, TransactionPhases } from './metrics.js';
export { Outbox, outbox } from './outbox.js';
export type { OutboxMessage, OutboxOptions } from './outbox.js';
export { indexOn, Repository, repository } from './repository.js';
export type {
    Page,
    RepositoryIndex,
    RepositoryOptions,
    RowKey,
    ScanOptions,
    Stored,
    WriteOptions,
} from './repository.js';
export type { ScanRange, UnitContext } from './rows.js';
export { SlotBook, slotBook } from './slot-book.js';
export type { SlotState, SlotStatus } from './slot-book.js';
export { TimeSeries, timeSeries } from './time-series.js';
export type { Interval, Reading, TimeSeriesOptions, Window } from './time-series.js';
export { transient, TransientInput } from './transient.js';
export { UniqueIndex, uniqueIndex } from './unique-index.js';
export { mendSerializer } from './mend-serializer.js';
export type { Row, RowIterator, Scan, Stub } from './stub.js';
