import { expect } from 'chai';
import { status, type ServiceError } from '@grpc/grpc-js';
import {
    CommitStatusError,
    EndorseError,
    GatewayError,
    type SubmitError,
} from '@hyperledger/fabric-gateway';
import { outcomeOfError } from './classify.js';

const busy = 'too many requests for /gateway.Gateway, exceeding concurrency limit (500)';

function failing(
    Kind: new (properties: ConstructorParameters<typeof SubmitError>[0]) => GatewayError,
    code: status,
    message: string,
): GatewayError {
    const cause: ServiceError = Object.assign(new Error(message), {
        code,
        details: message,
        metadata: undefined as never,
    });
    return new Kind({ code, message, cause, details: [], transactionId: 'ab' });
}

describe('What an error of the official client means', () => {
    const cases: readonly [string, GatewayError, string][] = [
        [
            'a busy gateway that does not endorse: nothing was sent',
            failing(EndorseError, status.UNKNOWN, busy),
            'overload',
        ],
        [
            'a busy gateway that does not submit: nothing was sent',
            failing(GatewayError, status.UNKNOWN, busy),
            'overload',
        ],
        [
            'a busy gateway that does not tell the verdict: it was sent',
            failing(CommitStatusError, status.UNKNOWN, busy),
            'timeout',
        ],
        [
            'a gateway lost while it submits: it may have been sent',
            failing(GatewayError, status.UNAVAILABLE, 'no orderers could successfully process'),
            'timeout',
        ],
        [
            'an orderer that refuses',
            failing(GatewayError, status.ABORTED, 'received unsuccessful response from orderer'),
            'failed',
        ],
        [
            'a contract’s own error',
            failing(EndorseError, status.ABORTED, 'chaincode response 500, sold out'),
            'rejected',
        ],
    ];
    for (const [title, error, outcome] of cases) {
        it(title, () => {
            expect(outcomeOfError(error).class).to.equal(outcome);
        });
    }
});
