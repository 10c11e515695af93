import type { Receipt } from '../client/receipt.js';
import { functionName } from '../strategy/auto-selector.js';
import type { Operation } from '../strategy/operation.js';
import type { Observer, TransactionSeen } from './observer.js';

/** The little of OpenTelemetry's API that is used. */
export interface TracerLike {
    startSpan(
        name: string,
        options: {
            readonly startTime?: number;
            readonly attributes?: Readonly<Record<string, string | number | boolean>>;
        },
    ): {
        setStatus(status: { readonly code: number; readonly message?: string }): unknown;
        end(endTime?: number): void;
    };
}

/** OpenTelemetry's code for a failed span. */
const failed = 2;

/** Makes a span of every operation and every transaction. Attributes hold no arguments or keys. */
export class Tracing implements Observer {
    readonly #tracer: TracerLike;

    constructor(tracer: TracerLike) {
        this.#tracer = tracer;
    }

    transaction({ operations, endorseMs, commitMs, status, error }: TransactionSeen): void {
        const [first] = operations;
        const end = Date.now();
        const span = this.#tracer.startSpan('goodput transaction', {
            startTime: end - (commitMs ?? endorseMs),
            attributes: {
                'goodput.function': first === undefined ? '' : functionName(first),
                'goodput.operations': operations.length,
                'goodput.endorse_ms': endorseMs,
                'fabric.transaction_id': status?.transactionId ?? error?.transactionId ?? '',
            },
        });
        if (error !== undefined) span.setStatus({ code: failed, message: error.code });
        span.end(end);
    }

    settled(operation: Operation, receipt: Receipt): void {
        const end = Date.now();
        const span = this.#tracer.startSpan('goodput operation', {
            startTime: end - receipt.elapsedMs,
            attributes: {
                'goodput.function': functionName(operation),
                'goodput.strategy': receipt.strategy,
                'goodput.attempts': receipt.attempts,
                'goodput.batch_size': receipt.batchSize,
                'goodput.outcome': receipt.outcome,
            },
        });
        if (receipt.outcome !== 'committed') {
            span.setStatus({ code: failed, message: receipt.error.code });
        }
        span.end(end);
    }
}

/** The tracer of OpenTelemetry when its API is installed, else undefined. */
export async function openTelemetryTracer(
    load: () => Promise<unknown> = () => import('@opentelemetry/api'),
): Promise<TracerLike | undefined> {
    let api: unknown;
    try {
        api = await load();
    } catch {
        // Optional: an application without it wants no spans.
        return undefined;
    }
    const { trace } = api as { trace: { getTracer(name: string): TracerLike } };
    return trace.getTracer('@goodput/gateway');
}
