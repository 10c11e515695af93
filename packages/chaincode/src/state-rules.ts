import { ChaincodeError } from './errors.js';

const COMPOSITE = '\u0000';
const HIGHEST = '\u{10ffff}';
const LONGEST_SHOWN = 60;

/** A key as it may appear in a message: quoted, with its unprintable characters made visible. */
export function showKey(key: string): string {
    const short = key.length > LONGEST_SHOWN ? `${key.slice(0, LONGEST_SHOWN)}…` : key;
    return JSON.stringify(short);
}

function refuseKey(key: string, why: string): never {
    throw new ChaincodeError('CHAINCODE_KEY_INVALID', `the key ${showKey(key)} ${why}`);
}

/** Refuses a key some peer would refuse, or store as another key, only when the write reaches it. */
export function checkKey(key: unknown): asserts key is string {
    if (typeof key !== 'string') {
        throw new ChaincodeError('CHAINCODE_KEY_INVALID', `a key is text; got ${typeof key}`);
    }
    if (key === '') refuseKey(key, 'is empty');
    // A lone surrogate is dropped on the wire: the write would land in another key's row.
    if (!key.isWellFormed()) refuseKey(key, 'has a lone surrogate, which the wire drops');
    if (key.startsWith('_')) refuseKey(key, 'begins with "_", which CouchDB refuses');
}

/** Refuses to read a key that the wire would turn into another one. */
export function checkReadable(key: unknown): void {
    if (typeof key === 'string' && !key.isWellFormed()) {
        refuseKey(key, 'has a lone surrogate, which the wire drops: another row would be read');
    }
}

/** Refuses parts which would make two different lists of parts the same composite key. */
export function checkCompositeParts(objectType: string, attributes: readonly string[]): void {
    for (const part of [objectType, ...attributes]) {
        if (typeof part !== 'string') continue; // the shim's own check refuses it
        if (part.includes(COMPOSITE) || part.includes(HIGHEST)) {
            refuseKey(part, 'has U+0000 or U+10FFFF, which delimit composite keys');
        }
        if (!part.isWellFormed()) refuseKey(part, 'has a lone surrogate, which the wire drops');
    }
}

const OPEN_BRACE = 0x7b;

function firstByte(value: Uint8Array): number | undefined {
    return value.find((byte) => byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09);
}

/** Refuses a JSON object CouchDB would refuse: a top-level member `~version` or beginning with `_`. */
export function checkValue(key: string, value: Buffer): void {
    if (firstByte(value) !== OPEN_BRACE) return;
    if (!value.includes('"_') && !value.includes('"~version"') && !value.includes('"\\u')) return;
    let parsed: unknown;
    try {
        parsed = JSON.parse(value.toString());
    } catch {
        return; // not JSON: stored as an attachment, which has no members
    }
    for (const member of Object.keys(parsed as object)) {
        if (!member.startsWith('_') && member !== '~version') continue;
        throw new ChaincodeError(
            'CHAINCODE_VALUE_INVALID',
            `the value of ${showKey(key)} has the top-level member ${JSON.stringify(member)}, which CouchDB keeps for itself; rename it`,
        );
    }
}
