import type { status as Grpc } from '@grpc/grpc-js';

/** The parts of a failed gRPC call that a decision can rest on. */
export interface GrpcFailure {
    /** gRPC status code. */
    readonly status: Grpc;
    /** The status text together with what each peer or orderer said. */
    readonly text: string;
    /** What each peer or orderer said. */
    readonly details: readonly string[];
}

function detailTexts(error: object): string[] {
    const details: unknown = 'details' in error ? error.details : undefined;
    if (!Array.isArray(details)) return [];
    return details.flatMap((detail: unknown) =>
        typeof detail === 'object' && detail !== null && 'message' in detail
            ? [String(detail.message)]
            : [],
    );
}

/** Reads what the official client, or gRPC itself, threw; undefined when it is neither's. */
export function grpcFailure(error: unknown): GrpcFailure | undefined {
    if (!isServiceError(error)) return undefined;
    const details = detailTexts(error);
    return { status: error.code, details, text: [error.message, ...details].join('; ') };
}

function isServiceError(error: unknown): error is Error & { readonly code: Grpc } {
    return error instanceof Error && 'code' in error && typeof error.code === 'number';
}
