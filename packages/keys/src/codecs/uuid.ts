import { builtIn, type Codec } from '../codec.js';
import { refuse, refuseType } from '../refuse.js';
import { compareKeys } from '../text.js';

const form = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

function check(value: string): string {
    if (typeof value !== 'string') refuseType('a UUID', value);
    if (!form.test(value)) {
        refuse(
            'KEY_PART_FORMAT',
            'must be a UUID in lower case with dashes',
            value,
            'Use toLowerCase() and remove braces or "urn:uuid:".',
        );
    }
    return value;
}

/** A UUID of any version, in lower case with dashes, written as it is. */
export function uuid(): Codec<string> {
    return builtIn('plain', { kind: 'uuid', encode: check, decode: check, compare: compareKeys });
}
