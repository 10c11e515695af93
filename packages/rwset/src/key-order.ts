/**
 * Compares two keys as Fabric's state databases do: by their UTF-8 bytes, which is by code points.
 * JavaScript's own `<` compares UTF-16 units and puts U+10000 before U+E000.
 */
export function compareKeys(a: string, b: string): number {
    if (a === b) return 0;
    const length = Math.min(a.length, b.length);
    for (let i = 0; i < length; i++) {
        const x = a.charCodeAt(i);
        const y = b.charCodeAt(i);
        if (x !== y) {
            // Only where both units are at or above the surrogates does UTF-16 order differ.
            if (x < 0xd800 || y < 0xd800) return x - y;
            return shifted(x) - shifted(y);
        }
    }
    return a.length - b.length;
}

/** Moves the surrogates, which stand for U+10000 and above, behind U+FFFF. */
function shifted(unit: number): number {
    return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000;
}

/** Whether UTF-16 order and byte order agree for this key, whatever it is compared with. */
export function isPlainKey(key: string): boolean {
    return !/[\ud800-\uffff]/.test(key);
}
