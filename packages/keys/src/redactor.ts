import { refuseOption } from './refuse.js';
import { hmacSha256, toHex } from './sha256.js';

/** Stands in for health information with something that can be told apart but not read. */
export interface Redactor {
    /** What is shown instead of the text of a part: the same for the same text of the same part. */
    redact(part: string, text: string): string;
}

/** What {@link createRedactor} takes: a secret, or an HMAC of your own such as one kept in an HSM. */
export type RedactorOptions =
    | {
          /** At least 16 bytes that nobody who reads the output knows. */
          readonly secret: Uint8Array;
      }
    | {
          /** Lower-case hex of a keyed hash; at least 16 digits. */
          readonly hmac: (message: Uint8Array) => string;
      };

const shownDigits = 16;

/**
 * Makes a redactor. It shows the first 64 bits of an HMAC-SHA-256 of part name and text, so one patient
 * looks the same in all keys that call the part `patient`. A plain hash would not do: identifiers are few
 * enough to try them all.
 *
 * @example
 * ```ts
 * import { createRedactor } from '@goodput/keys';
 *
 * const redactor = createRedactor({ secret: new TextEncoder().encode('0123456789abcdef') });
 * console.log(redactor.redact('patient', 'p1').startsWith('hmac:')); // => true
 * ```
 */
export function createRedactor(options: RedactorOptions): Redactor {
    const given: unknown = options;
    if (typeof given !== 'object' || given === null || !('secret' in given || 'hmac' in given)) {
        refuseOption('secret', 'given, or hmac', undefined);
    }
    if ('hmac' in options && typeof options.hmac !== 'function') {
        refuseOption('hmac', 'a function', options.hmac);
    }
    if ('secret' in options) {
        const secret: unknown = options.secret;
        if (!(secret instanceof Uint8Array)) {
            refuseOption('secret', 'a Uint8Array', `a ${typeof secret}`);
        }
        if (secret.length < 16) {
            refuseOption('secret', 'at least 16 bytes', `${secret.length} bytes`);
        }
    }
    const hmac =
        'hmac' in options
            ? options.hmac
            : (message: Uint8Array) => toHex(hmacSha256(options.secret, message));
    const encoder = new TextEncoder();
    return Object.freeze({
        redact(part: string, text: string): string {
            const digest = hmac(encoder.encode(`${part}\0${text}`));
            if (!/^[0-9a-f]{16,}$/.test(digest)) {
                refuseOption('hmac', 'a function that returns lower-case hex', 'something else');
            }
            return `hmac:${digest.slice(0, shownDigits)}`;
        },
    });
}
