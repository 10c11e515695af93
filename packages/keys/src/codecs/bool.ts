import { builtIn, compareValues, type Codec } from '../codec.js';
import { refuseText, refuseType } from '../refuse.js';

/** `false` as `0`, then `true` as `1`. */
export function bool(): Codec<boolean> {
    return builtIn('plain', {
        kind: 'bool',
        encode(value) {
            if (typeof value !== 'boolean') refuseType('true or false', value);
            return value ? '1' : '0';
        },
        decode(text) {
            if (text !== '0' && text !== '1') refuseText('bool', text);
            return text === '1';
        },
        compare: compareValues,
    });
}
