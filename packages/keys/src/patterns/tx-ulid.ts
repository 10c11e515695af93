import { builtIn, type Codec } from '../codec.js';
import { placeError } from '../errors.js';
import { checkInteger, refuse, refuseType } from '../refuse.js';
import { compareKeys } from '../text.js';
import { txId } from '../codecs/hash.js';
import type { TransactionStamp } from './stamp.js';

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const form = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
const maxTime = 2 ** 48 - 1;
const maxSequence = 32_767;
const txCodec = txId();

function writeBase32(value: bigint, width: number): string {
    let text = '';
    let rest = value;
    for (let index = 0; index < width; index++) {
        text = alphabet.charAt(Number(rest & 31n)) + text;
        rest >>= 5n;
    }
    return text;
}

function readBase32(text: string): bigint {
    let value = 0n;
    for (const digit of text) value = value * 32n + BigInt(alphabet.indexOf(digit));
    return value;
}

function checkMember(part: string, value: unknown, check: () => void): void {
    try {
        check();
    } catch (error) {
        throw placeError(error, { key: 'txUlid', part, phi: false, value });
    }
}

function checkWithin(value: number, max: number, fix: string): void {
    checkInteger(value);
    if (value < 0 || value > max) {
        refuse('KEY_PART_RANGE', `must be from 0 to ${max}`, value, fix);
    }
}

/**
 * A sortable id in the form of a ULID, without clock and without randomness, so every endorser makes
 * the same one: 48 bits of the transaction's time, the first 65 bits of the transaction id, 15 bits of
 * sequence. Ids of one transaction sort by sequence.
 *
 * Two transactions get one id only when time, sequence and the first 65 bits of their ids agree: by
 * accident never, but a client who searches for such ids can find some. Where a hostile client gains from
 * that, use keys with the whole transaction id ({@link defineAppendOnlyKey}).
 *
 * @example
 * ```ts
 * import { txUlid } from '@goodput/keys';
 *
 * const at = Date.UTC(2026, 10, 20);
 * console.log(txUlid({ at, tx: '00'.repeat(32), seq: 1 }).length); // => 26
 * ```
 */
export function txUlid(
    values: TransactionStamp & {
        /** The transaction's timestamp in milliseconds since 1970. */
        readonly at: number;
    },
): string {
    const { at, tx, seq } = values;
    checkMember('at', at, () => {
        checkWithin(at, maxTime, 'Give milliseconds since 1970.');
    });
    checkMember('tx', tx, () => txCodec.encode(tx));
    checkMember('seq', seq, () => {
        checkWithin(seq, maxSequence, 'Write fewer rows in a transaction.');
    });
    // 17 hex digits are 68 bits; the last three are left to the sequence's side.
    const txBits = BigInt(`0x${tx.slice(0, 17)}`) >> 3n;
    return writeBase32(BigInt(at), 10) + writeBase32(txBits, 13) + writeBase32(BigInt(seq), 3);
}

/** What an id of {@link txUlid} says. */
export function parseTxUlid(id: string): {
    readonly at: number;
    /** First 16 hex digits of the transaction id. */
    readonly txPrefix: string;
    readonly seq: number;
} {
    const text = ulidCodec.encode(id);
    const txBits = readBase32(text.slice(10, 23));
    const seq = Number(readBase32(text.slice(23)));
    return {
        at: Number(readBase32(text.slice(0, 10))),
        txPrefix: (txBits >> 1n).toString(16).padStart(16, '0'),
        seq,
    };
}

function check(value: string): string {
    if (typeof value !== 'string') refuseType('a ULID', value);
    if (!form.test(value)) {
        refuse('KEY_PART_FORMAT', 'must be a ULID in upper case', value, 'Use txUlid().');
    }
    return value;
}

const ulidCodec = builtIn('plain', {
    kind: 'ulid',
    encode: check,
    decode: check,
    compare: compareKeys,
});

/** A ULID, such as {@link txUlid} makes, written as it is. */
export function ulid(): Codec<string> {
    return ulidCodec;
}
