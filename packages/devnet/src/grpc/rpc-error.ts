import { Metadata, status, type ServiceError } from '@grpc/grpc-js';
import { gateway, google } from '@hyperledger/fabric-protos';
import { Any } from 'google-protobuf/google/protobuf/any_pb.js';

/** Where an error arose, as a gateway reports it. */
export interface ErrorDetail {
    readonly address: string;
    readonly mspId: string;
    readonly message: string;
}

/** An error that becomes the status of a gRPC call. */
export class RpcError extends Error {
    override readonly name = 'RpcError';
    readonly code: status;
    readonly details: readonly ErrorDetail[];

    constructor(code: status, message: string, details: readonly ErrorDetail[] = []) {
        super(message);
        this.code = code;
        this.details = details;
    }
}

function packDetail({ address, mspId, message }: ErrorDetail): Any {
    const detail = new gateway.ErrorDetail();
    detail.setAddress(address);
    detail.setMspId(mspId);
    detail.setMessage(message);
    const any = new Any();
    any.pack(detail.serializeBinary(), 'gateway.ErrorDetail');
    return any;
}

function packStatus(error: RpcError): Metadata {
    const metadata = new Metadata();
    if (error.details.length === 0) return metadata;
    const packed = new google.rpc.Status();
    packed.setCode(error.code);
    packed.setMessage(error.message);
    packed.setDetailsList(error.details.map(packDetail));
    metadata.set('grpc-status-details-bin', Buffer.from(packed.serializeBinary()));
    return metadata;
}

/** What grpc-js sends for `error`: an {@link RpcError} as it is, anything else as `UNKNOWN`, as Go's gRPC does. */
export function toServiceError(error: unknown): Partial<ServiceError> {
    if (error instanceof RpcError) {
        return { code: error.code, details: error.message, metadata: packStatus(error) };
    }
    return {
        code: status.UNKNOWN,
        details: error instanceof Error ? error.message : String(error),
    };
}
