import type { Receipt } from '../client/receipt.js';
import type { GatewayError } from '../errors.js';
import type { Operation } from '../strategy/operation.js';
import type { Endorsed, TransactionStatus } from '../transport/transport.js';

/** A transaction that ran to a verdict, or failed on the way. */
export interface TransactionSeen {
    readonly operations: readonly Operation[];
    readonly endorseMs: number;
    readonly commitMs?: number;
    readonly status?: TransactionStatus;
    readonly endorsed?: Endorsed;
    /** Absent when it committed. */
    readonly error?: GatewayError;
}

/** Told what happens; metrics, statistics, logs and the choice of strategy live on this. */
export interface Observer {
    accepted?(operation: Operation): void;
    transaction?(seen: TransactionSeen): void;
    repeated?(operations: readonly Operation[], error: GatewayError): void;
    settled?(operation: Operation, receipt: Receipt): void;
    /** A contract turned out not to have the batch executor. */
    notBatchable?(scope: string): void;
}

/** One observer that tells all of them. */
export function allObservers(observers: readonly Observer[]): Required<Observer> {
    return {
        accepted: (operation) => {
            for (const observer of observers) observer.accepted?.(operation);
        },
        transaction: (seen) => {
            for (const observer of observers) observer.transaction?.(seen);
        },
        repeated: (operations, error) => {
            for (const observer of observers) observer.repeated?.(operations, error);
        },
        settled: (operation, receipt) => {
            for (const observer of observers) observer.settled?.(operation, receipt);
        },
        notBatchable: (scope) => {
            for (const observer of observers) observer.notBatchable?.(scope);
        },
    };
}
