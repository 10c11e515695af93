const isUuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const isHash = /^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128})$/i;
const isTime = /^\d{4}-\d{2}-\d{2}(?:T[0-9:.]+Z?)?$/;
const isNumber = /^-?\d+(?:\.\d+)?$/;
const isWord = /^[A-Za-z][A-Za-z~_-]{0,31}$/;

/** What kind of thing a piece of a key looks like. It never contains the piece. */
function placeholder(piece: string): string {
    if (piece === '') return '{empty}';
    if (isUuid.test(piece)) return '{uuid}';
    if (isTime.test(piece)) return '{time}';
    if (isHash.test(piece)) return '{hash}';
    if (isNumber.test(piece)) return '{number}';
    return '{text}';
}

/** A name is kept, as it says what the key is of; anything else may be somebody's data. */
function head(piece: string): string {
    return isWord.test(piece) ? piece : placeholder(piece);
}

/** Cuts a hand-made key at its delimiters, keeping them, but leaves UUIDs and times whole. */
const pieces =
    /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\d{4}-\d{2}-\d{2}(?:T[0-9:.]+Z?)?|[^:/|~#_.,;\- ]+|[:/|~#_.,;\- ]/gi;
const delimiter = /^[:/|~#_.,;\- ]$/;

// A digit behind letters, as in asset17 or P1, ends the name and begins the data.
const nameAndNumber = /^([A-Za-z]+?)\d+$/;

function inferSimple(key: string): string {
    let first = true;
    const shown = (key.match(pieces) ?? []).map((piece) => {
        if (delimiter.test(piece)) return piece;
        const wasFirst = first;
        first = false;
        if (!wasFirst) return placeholder(piece);
        const named = isHash.test(piece) ? null : nameAndNumber.exec(piece);
        return named === null ? head(piece) : `${named[1] ?? ''}{number}`;
    });
    return shown.join('');
}

/**
 * A template for a key no definition knows, from that key alone: kinds in place of data, and only the
 * first word kept. Keys made the same way get the same template, and no template holds data.
 */
export function inferTemplate(key: string): string {
    if (key === '') return '{empty}';
    const composite = key.startsWith('\0');
    const separator = composite ? '\0' : '\u0001';
    if (!composite && !key.includes(separator)) {
        const whole = placeholder(key);
        return whole === '{text}' ? inferSimple(key) : whole;
    }
    const texts = (composite ? key.slice(1) : key).split(separator);
    if (texts.at(-1) === '') texts.pop();
    const [name = '', ...rest] = texts;
    return [head(name), ...rest.map(placeholder)].join('/');
}
