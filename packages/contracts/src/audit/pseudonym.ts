import { createHmac } from 'node:crypto';

/**
 * The name by which the ledger knows a patient: an HMAC of the identifier. The secret stays off the
 * ledger; whoever has it can say which records are whose, and without it nobody can.
 *
 * @example
 * ```ts
 * import { patientPseudonym } from '@goodput/contracts';
 *
 * const secret = new TextEncoder().encode('thirty-two bytes from a key store');
 * console.log(patientPseudonym(secret, 'MRN-4711').length); // => 40
 * ```
 */
export function patientPseudonym(secret: Uint8Array, identifier: string): string {
    if (secret.length < 16) throw new RangeError('The secret must have at least 16 bytes.');
    return createHmac('sha256', secret).update(identifier).digest('hex').slice(0, 40);
}
