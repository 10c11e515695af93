import type { Receipt } from '../client/receipt.js';
import type { GatewayError } from '../errors.js';
import type { Operation } from '../strategy/operation.js';
import type { Endorsed, TransactionStatus } from '../transport/transport.js';
import { outsiderFailed } from './outsider.js';

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

/**
 * One observer that tells all of them. Some call what the application has given, a logger or a
 * tracer: what they throw must not decide about an operation.
 */
export function allObservers(observers: readonly Observer[]): Required<Observer> {
    const tell = (what: (observer: Observer) => void): void => {
        for (const observer of observers) {
            try {
                what(observer);
            } catch (error) {
                outsiderFailed('An observer of operations', error);
            }
        }
    };
    return {
        accepted: (operation) => {
            tell((observer) => observer.accepted?.(operation));
        },
        transaction: (seen) => {
            tell((observer) => observer.transaction?.(seen));
        },
        repeated: (operations, error) => {
            tell((observer) => observer.repeated?.(operations, error));
        },
        settled: (operation, receipt) => {
            tell((observer) => observer.settled?.(operation, receipt));
        },
        notBatchable: (scope) => {
            tell((observer) => observer.notBatchable?.(scope));
        },
    };
}
