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
export type { BatchExecutor, BatchingOptions } from './with-batching.js';
export type { Serializers } from './marshal.js';
export type { DeclaredParameter, DeclaredTransaction, SuppliedMetadata } from './declared.js';
