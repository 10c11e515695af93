export { Client } from './client/client.js';
export type { EventOptions } from './client/event-streams.js';
export { connect } from './client/connect.js';
export { Contract } from './client/contract.js';
export type { Args } from './client/contract.js';
export type { Explanation } from './strategy/planner.js';
export type {
    CacheRule,
    ClientOptions,
    ContractOptions,
    EvaluateOptions,
    FunctionOptions,
    SecondLevelCache,
    StrategyChoice,
    Submission,
    SubmitOptions,
} from './client/options.js';
export { strategyChoices } from './client/options.js';
export { comparePositions } from './client/receipt.js';
export type {
    CommittedReceipt,
    FailedReceipt,
    Position,
    Receipt,
    RejectedReceipt,
    StrategyName,
} from './client/receipt.js';
export type { Ticket, TicketStatus } from './client/ticket.js';
export { ERROR_CODES, GatewayError, isGatewayError } from './errors.js';
export type { GatewayErrorCode, GatewayErrorFields } from './errors.js';
export type { RetryOptions } from './failure/retry-policy.js';
export type { DeclaredKeys } from './lanes/key-use.js';
export type { Logger } from './observe/logger.js';
export { Outbox } from './outbox/outbox.js';
export type { OutboxEntry } from './outbox/outbox.js';
export type { Priority } from './queue/fair-queue.js';
export { CheckpointFile } from './events/checkpoint-file.js';
export type { EventPosition } from './events/checkpoint-file.js';
export type { ContractEvent } from './events/event-sources.js';
export { EventStream } from './events/event-stream.js';
export type { Delivery, EventStreamOptions, OnError } from './events/event-stream.js';
export type { ClientStats, OperationCounts, PeerStats } from './observe/stats.js';
export type { ReadCounts } from './reads/cached-reads.js';
export type { OrderedCounts } from './reorder/run-ordered.js';
export { typesOf } from './types/write-types.js';
export type { ContractTypes, TypedContract } from './types/typed-contract.js';
export type { Forecast, ForecastOutcome } from './strategy/forecaster.js';
export type { CustomSigner } from './transport/signing.js';
