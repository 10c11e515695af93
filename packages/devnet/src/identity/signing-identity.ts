import { nativeSigner } from '@goodput/network';
import { msp } from '@hyperledger/fabric-protos';

/** Somebody of an organisation who can sign: a certificate and its private key. */
export interface SigningIdentity {
    /** The organisation's membership service provider. */
    readonly mspId: string;
    /** What it was enrolled as, e.g. `user1`. */
    readonly name: string;
    /** PEM. */
    readonly certificate: string;
    /** PEM (PKCS#8); not enumerable, so that it is never printed by accident. */
    readonly privateKey: string;
    /** The `msp.SerializedIdentity` that goes into a signature header. */
    readonly serialized: Uint8Array;
    /** Signs a whole message; ECDSA signatures are in the low-S form Fabric demands. */
    sign(message: Uint8Array): Uint8Array;
    /** The same in another thread. */
    signBeside(message: Uint8Array): Promise<Uint8Array>;
}

/** The serialized form of an identity: the MSP's id and the certificate's PEM. */
export function serializeIdentity(mspId: string, certificatePem: string): Uint8Array {
    const identity = new msp.SerializedIdentity();
    identity.setMspid(mspId);
    identity.setIdBytes(Buffer.from(certificatePem));
    return identity.serializeBinary();
}

/**
 * A signing identity from a certificate and a private key made anywhere.
 *
 * @example
 * ```ts
 * const alice = signingIdentity({ mspId: 'Org1MSP', name: 'alice', certificate, privateKey });
 * const signature = alice.sign(proposalBytes);
 * ```
 */
export function signingIdentity(parts: {
    readonly mspId: string;
    readonly name: string;
    readonly certificate: string;
    readonly privateKey: string;
}): SigningIdentity {
    const { mspId, name, certificate, privateKey } = parts;
    const serialized = serializeIdentity(mspId, certificate);
    const { sign, signSync } = nativeSigner(privateKey);
    const identity = { mspId, name, certificate, serialized, sign: signSync, signBeside: sign };
    return Object.defineProperty(identity, 'privateKey', { value: privateKey }) as SigningIdentity;
}
