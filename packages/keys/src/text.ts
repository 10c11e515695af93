import { codecError, type KeyError } from './errors.js';

/** Greatest code point; Fabric ends partial composite scans with it. */
const highestCodePoint = 0x10ffff;

/**
 * Refuses text that Fabric, its state databases or the wire to the peer would refuse, drop or
 * confuse. Returns the text.
 */
export function checkText(text: string): string {
    if (text === '') {
        throw codecError('KEY_PART_EMPTY', {
            problem: 'must not be empty',
            value: text,
            fix: 'Leave the part out of the definition, or wrap its codec in optional().',
        });
    }
    for (let index = 0; index < text.length; index++) {
        const unit = text.charCodeAt(index);
        if (unit === 0) throw forbidden(text, index, 'U+0000');
        if (unit >= 0xd800 && unit <= 0xdfff) {
            const point = text.codePointAt(index) ?? unit;
            if (point <= 0xffff) throw loneSurrogate(text, index);
            if (point === highestCodePoint) throw forbidden(text, index, 'U+10FFFF');
            index++;
        }
    }
    return text;
}

function forbidden(text: string, index: number, what: string): KeyError {
    return codecError('KEY_PART_CHARACTER', {
        problem: `must not contain ${what} (at index ${index})`,
        value: text,
        fix: `Fabric reserves ${what} as a delimiter: remove it, or use the bytes() codec.`,
    });
}

function loneSurrogate(text: string, index: number): KeyError {
    return codecError('KEY_PART_SURROGATE', {
        problem: `must not contain a lone surrogate (at index ${index})`,
        value: text,
        fix: 'It is dropped on the way to the peer, so two keys become one: mend it with toWellFormed().',
    });
}

/** Whether text needs neither checking nor escaping: only U+0003 to U+D7FF. */
export function isPlain(text: string): boolean {
    for (let index = 0; index < text.length; index++) {
        const unit = text.charCodeAt(index);
        if (unit <= 2 || unit >= 0xd800) return false;
    }
    return text.length > 0;
}

/** Number of bytes of well-formed text in UTF-8. */
export function utf8Length(text: string): number {
    let bytes = text.length;
    for (let index = 0; index < text.length; index++) {
        const unit = text.charCodeAt(index);
        if (unit < 0x80) continue;
        // Half of a surrogate pair: two units that together make four bytes.
        bytes += unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2;
    }
    return bytes;
}

/** Surrogates sort above U+E000 to U+FFFF in UTF-8 though their code units are lower. */
function codePointRank(unit: number): number {
    if (unit < 0xd800) return unit;
    return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000;
}

/**
 * The ledger's order of two keys: that of their UTF-8 bytes, on LevelDB and CouchDB alike.
 * JavaScript's own `<` and `sort()` differ as soon as a key holds a character above U+FFFF.
 *
 * @example
 * ```ts
 * import { compareKeys } from '@goodput/keys';
 *
 * console.log(['\u{1F600}', '\uFFFD'].sort(compareKeys).join() === '\uFFFD,\u{1F600}'); // => true
 * ```
 */
export function compareKeys(a: string, b: string): number {
    const shared = Math.min(a.length, b.length);
    for (let index = 0; index < shared; index++) {
        const ours = a.charCodeAt(index);
        const theirs = b.charCodeAt(index);
        if (ours !== theirs) return codePointRank(ours) < codePointRank(theirs) ? -1 : 1;
    }
    return a.length === b.length ? 0 : a.length < b.length ? -1 : 1;
}
