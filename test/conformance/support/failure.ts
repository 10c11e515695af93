import { GatewayError } from '@hyperledger/fabric-gateway';
import { status } from '@grpc/grpc-js';

/** An error of the official client, as the cases look at it. */
export interface Failure {
    /** The name of the gRPC status. */
    readonly status: string;
    /** The gRPC message and those of the details, one after the other. */
    readonly text: string;
    readonly details: readonly {
        readonly address: string;
        readonly mspId: string;
        readonly message: string;
    }[];
}

/** What a call failed with; it must fail with an error of the gateway. */
export async function failureOf(call: Promise<unknown>): Promise<Failure> {
    try {
        await call;
    } catch (error) {
        if (!(error instanceof GatewayError)) throw error;
        const details = error.details.map((each) => each.message);
        return {
            status: status[error.code] ?? String(error.code),
            text: [error.cause.details, ...details].join('\n'),
            details: error.details,
        };
    }
    throw new Error('The call was expected to fail, and did not.');
}
