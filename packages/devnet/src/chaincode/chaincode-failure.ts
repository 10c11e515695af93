/** The chaincode did not answer at all: it timed out, or its stream ended. */
export class ChaincodeFailure extends Error {
    override readonly name = 'ChaincodeFailure';
}
