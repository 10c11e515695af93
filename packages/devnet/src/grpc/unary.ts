import { status, type handleUnaryCall } from '@grpc/grpc-js';
import type { ConcurrencyLimit } from './concurrency-limit.js';
import { RpcError, toServiceError } from './rpc-error.js';

/** What a handler may know of its call. */
export interface CallContext {
    /** Calls back, once, when the client goes away or its deadline passes before there is an answer. */
    onCancelled(listener: (reason: RpcError) => void): void;
}

/**
 * A unary gRPC handler made of a function: counted against the service's limit, with errors turned
 * into statuses.
 */
export function unary<Request, Response>(
    limit: ConcurrencyLimit,
    handle: (request: Request, context: CallContext) => Promise<Response> | Response,
): handleUnaryCall<Request, Response> {
    return (call, callback) => {
        let leave: () => void;
        try {
            leave = limit.enter();
        } catch (error) {
            callback(toServiceError(error));
            return;
        }
        let cancelled: ((reason: RpcError) => void) | undefined;
        let answered = false;
        call.on('cancelled', () => {
            if (answered) return;
            leave();
            cancelled?.(new RpcError(status.CANCELLED, 'context canceled'));
        });
        const answer = (respond: () => void): void => {
            answered = true;
            leave();
            respond();
        };
        const context: CallContext = {
            onCancelled: (listener) => {
                cancelled = listener;
            },
        };
        new Promise<Response>((resolve) => {
            resolve(handle(call.request, context));
        }).then(
            (response) => {
                answer(() => {
                    callback(null, response);
                });
            },
            (error: unknown) => {
                answer(() => {
                    callback(toServiceError(error));
                });
            },
        );
    };
}
