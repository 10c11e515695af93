import { status } from '@grpc/grpc-js';
import { common, gateway } from '@hyperledger/fabric-protos';
import { readEnvelope, RefusedEnvelope } from '../orderer/check-envelope.js';
import { RpcError } from '../grpc/rpc-error.js';
import { noConfig, type GatewayContext } from './gateway-context.js';

function statusName(value: number): string {
    return Object.entries(common.Status).find(([, code]) => code === value)?.[0] ?? String(value);
}

function refused(context: GatewayContext, error: unknown): RpcError {
    if (!(error instanceof RefusedEnvelope)) {
        const message = error instanceof Error ? error.message : String(error);
        return unavailable(context, message);
    }
    const info = `received unsuccessful response from orderer: status=${statusName(error.status)}, info=${error.message}`;
    if (error.status >= 400 && error.status < 500) return new RpcError(status.ABORTED, info);
    return unavailable(context, info);
}

function unavailable(context: GatewayContext, message: string): RpcError {
    return new RpcError(status.UNAVAILABLE, 'no orderers could successfully process transaction', [
        { ...context.orderer(), message },
    ]);
}

/** Hands a signed transaction to the ordering service. */
export async function submit(
    context: GatewayContext,
    request: gateway.SubmitRequest,
): Promise<gateway.SubmitResponse> {
    const transaction = request.getPreparedTransaction();
    if (transaction === undefined) {
        throw new RpcError(status.INVALID_ARGUMENT, 'a prepared transaction is required');
    }
    if (transaction.getSignature_asU8().length === 0) {
        throw new RpcError(status.INVALID_ARGUMENT, 'prepared transaction must be signed');
    }
    if (!context.channels.has(request.getChannelId())) {
        throw new RpcError(status.FAILED_PRECONDITION, noConfig(request.getChannelId()));
    }
    try {
        await context.broadcast(transaction.serializeBinary(), readEnvelope(transaction));
    } catch (error) {
        throw refused(context, error);
    }
    return new gateway.SubmitResponse();
}
