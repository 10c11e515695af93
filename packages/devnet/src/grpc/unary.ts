import { status, type handleUnaryCall } from '@grpc/grpc-js';
import type { ConcurrencyLimit } from './concurrency-limit.js';
import { RpcError, toServiceError } from './rpc-error.js';

/** What a handler may know of its call. */
export interface CallContext {
    /** Aborted when the client goes away or its deadline passes. */
    readonly signal: AbortSignal;
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
        const aborted = new AbortController();
        call.on('cancelled', () => {
            leave();
            aborted.abort(new RpcError(status.CANCELLED, 'context canceled'));
        });
        Promise.resolve()
            .then(() => handle(call.request, { signal: aborted.signal }))
            .then(
                (response) => {
                    leave();
                    callback(null, response);
                },
                (error: unknown) => {
                    leave();
                    callback(toServiceError(error));
                },
            );
    };
}
