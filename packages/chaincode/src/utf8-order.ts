// UTF-16 puts surrogates (the halves of what lies beyond U+FFFF) before U+E000..U+FFFF; UTF-8 puts
// them after. Moving both ranges makes units compare as the bytes would.
function rank(unit: number): number {
    if (unit < 0xd800) return unit;
    return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000;
}

/**
 * Compares two keys the way every state database orders them: by their UTF-8 bytes.
 *
 * @returns below, equal to or above 0
 */
export function compareUtf8(a: string, b: string): number {
    if (a === b) return 0;
    const length = Math.min(a.length, b.length);
    for (let index = 0; index < length; index++) {
        const left = a.charCodeAt(index);
        const right = b.charCodeAt(index);
        if (left !== right) return rank(left) - rank(right);
    }
    return a.length - b.length;
}

/** The first position in sorted `keys` whose key is not below `key`. */
export function lowerBound(keys: readonly string[], key: string): number {
    let low = 0;
    let high = keys.length;
    while (low < high) {
        const middle = (low + high) >>> 1;
        if (compareUtf8(keys[middle] ?? '', key) < 0) low = middle + 1;
        else high = middle;
    }
    return low;
}
