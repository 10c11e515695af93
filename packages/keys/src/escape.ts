/** Ends a part of an ordered key, and a member of a tuple; below everything a part can hold. */
export const TERMINATOR = '\u0001';

/** The first character after the terminator: what ends the range of everything under a prefix. */
export const AFTER_TERMINATOR = '\u0002';

function needsEscape(text: string): boolean {
    for (let index = 0; index < text.length; index++) {
        const unit = text.charCodeAt(index);
        if (unit === 1 || unit === 2) return true;
    }
    return false;
}

/**
 * Frees text of the terminator without changing its order: U+0001 becomes U+0002 U+0002 and U+0002
 * becomes U+0002 U+0003.
 */
export function escapeTerminator(text: string): string {
    if (!needsEscape(text)) return text;
    return text.replaceAll('\u0002', '\u0002\u0003').replaceAll('\u0001', '\u0002\u0002');
}

/** Undoes {@link escapeTerminator}; `undefined` for text it never writes. */
export function unescapeTerminator(text: string): string | undefined {
    let at = text.indexOf('\u0002');
    if (at < 0) return text;
    let plain = '';
    let from = 0;
    while (at >= 0) {
        const marker = text.charCodeAt(at + 1);
        if (marker !== 2 && marker !== 3) return undefined;
        plain += text.slice(from, at) + (marker === 2 ? '\u0001' : '\u0002');
        from = at + 2;
        at = text.indexOf('\u0002', from);
    }
    return plain + text.slice(from);
}
