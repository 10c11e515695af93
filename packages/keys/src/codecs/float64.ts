import { builtIn, compareValues, type Codec } from '../codec.js';
import { refuse, refuseNegativeZero, refuseText, refuseType } from '../refuse.js';

const signBit = 0x8000000000000000n;
const allBits = 0xffffffffffffffffn;
const hex16 = /^[0-9a-f]{16}$/;

/**
 * Any finite number, as 16 hex digits of its IEEE 754 bits turned so that they sort. For amounts and
 * anything people compute with, prefer {@link decimal}: 0.1 + 0.2 is another key than 0.3.
 */
export function float64(): Codec<number> {
    const view = new DataView(new ArrayBuffer(8));
    return builtIn('plain', {
        kind: 'float64',
        encode(value) {
            if (typeof value !== 'number') refuseType('a number', value);
            if (!Number.isFinite(value)) {
                refuse('KEY_PART_NOT_FINITE', 'must be finite', value, 'Find where it came from.');
            }
            if (Object.is(value, -0)) refuseNegativeZero(value);
            view.setFloat64(0, value);
            const bits = view.getBigUint64(0);
            const sortable = value < 0 ? bits ^ allBits : bits ^ signBit;
            return sortable.toString(16).padStart(16, '0');
        },
        decode(text) {
            if (!hex16.test(text)) refuseText('float64', text);
            const sortable = BigInt(`0x${text}`);
            view.setBigUint64(0, sortable >= signBit ? sortable ^ signBit : sortable ^ allBits);
            const value = view.getFloat64(0);
            if (!Number.isFinite(value) || Object.is(value, -0)) refuseText('float64', text);
            return value;
        },
        compare: compareValues,
    });
}
