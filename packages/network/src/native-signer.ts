import { createPrivateKey, sign, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { NetworkError } from './errors.js';
import { toLowS, type SigningCurve } from './low-s.js';

/** Signs what the official client gives it to sign. */
export type Signer = (message: Uint8Array) => Promise<Uint8Array>;

/** A signer over whole messages, and the `hash` function it must be used with. */
export interface NativeSigner {
    /** Signs a whole message in another thread: it hashes as the key's type demands. */
    readonly sign: Signer;
    /** The same at once, in this thread: for whoever signs now and then. */
    readonly signSync: (message: Uint8Array) => Uint8Array;
}

// Given a callback, Node signs in its thread pool.
const signBeside = promisify(sign) as (
    hash: string | null,
    message: Uint8Array,
    key: KeyObject,
) => Promise<Buffer>;

const curveNames: Readonly<Record<string, SigningCurve>> = {
    prime256v1: 'P-256',
    secp384r1: 'P-384',
};

/** How a key signs: what Node hashes with, and what is made of the signature. */
interface Scheme {
    readonly hash: 'sha256' | null;
    readonly finish: (signature: Uint8Array) => Uint8Array;
}

function schemeOf(key: KeyObject): Scheme {
    if (key.asymmetricKeyType === 'ed25519') return { hash: null, finish: (each) => each };
    const namedCurve = key.asymmetricKeyDetails?.namedCurve ?? '';
    const curve = curveNames[namedCurve];
    if (key.asymmetricKeyType === 'ec' && curve !== undefined) {
        // SHA-256 for both curves: a member's MSP hashes what it verifies by family, never by key size.
        return { hash: 'sha256', finish: (signature) => toLowS(signature, curve) };
    }
    const got = [key.asymmetricKeyType ?? 'unknown', namedCurve].filter(Boolean).join(' ');
    throw new NetworkError(
        'NETWORK_KEY_UNSUPPORTED',
        `Fabric signs with ECDSA P-256, ECDSA P-384 or Ed25519; this private key is ${got}.`,
    );
}

/**
 * A signer on Node's own cryptography, some twenty times as fast as one in JavaScript, and beside the
 * event loop rather than on it.
 *
 * It hashes by itself, so the official client must be told not to: `hash: hash.none`.
 *
 * @param privateKeyPem - ECDSA P-256 or P-384, or Ed25519
 * @example
 * ```ts
 * const { sign } = nativeSigner(identity.privateKey);
 * const gateway = connect({ client, identity, signer: sign, hash: hash.none });
 * ```
 */
export function nativeSigner(privateKeyPem: string): NativeSigner {
    const key = createPrivateKey(privateKeyPem);
    const { hash, finish } = schemeOf(key);
    return {
        signSync: (message) => finish(sign(hash, message, key)),
        sign: async (message) => finish(await signBeside(hash, message, key)),
    };
}
