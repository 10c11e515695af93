import { createHash } from 'node:crypto';

/** SHA-256 of bytes or of a text's UTF-8 form. */
export function sha256(data: Uint8Array | string): Uint8Array {
    return createHash('sha256').update(data).digest();
}

/** How private keys are named throughout: SHA-256 of the key in lower-case hexadecimal. */
export function hashKey(key: string): string {
    return createHash('sha256').update(key).digest('hex');
}
