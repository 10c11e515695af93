/** Where in a call a piece of a key comes from: an argument, or a member of a JSON argument. */
export interface ArgumentSource {
    readonly position: number;
    /** The way into the argument's JSON; empty for the argument as it is. */
    readonly path: readonly string[];
}

/** A key with places left open: text, and sources of what goes in between. */
export type KeyTemplate = readonly (string | ArgumentSource)[];

/** The texts a call offers to make keys of, by the name of their source. */
export type CallTexts = ReadonlyMap<string, { source: ArgumentSource; text: string }>;

const MAX_LEAVES = 64;
const MAX_DEPTH = 4;
const MAX_TEXT = 256;
const MAX_JSON = 65_536;

/**
 * Takes a call's arguments apart: each as it is, and the leaves of those that are JSON. Texts above 256
 * characters, JSON above 64 KiB and whatever comes after 64 texts are left out.
 */
export function textsOf(args: readonly string[]): CallTexts {
    const texts = new Map<string, { source: ArgumentSource; text: string }>();
    const add = (source: ArgumentSource, text: string): void => {
        if (text !== '' && text.length <= MAX_TEXT && texts.size < MAX_LEAVES) {
            texts.set(sourceName(source), { source, text });
        }
    };
    const descend = (position: number, path: readonly string[], value: unknown): void => {
        if (texts.size >= MAX_LEAVES) return;
        if (typeof value === 'string' || typeof value === 'number') {
            add({ position, path }, String(value));
        } else if (typeof value === 'object' && value !== null && path.length < MAX_DEPTH) {
            for (const [name, member] of Object.entries(value)) {
                descend(position, [...path, name], member);
            }
        }
    };
    for (const [position, arg] of args.entries()) {
        add({ position, path: [] }, arg);
        if (arg.length <= MAX_JSON && (arg.startsWith('{') || arg.startsWith('['))) {
            descend(position, [], parsed(arg));
        }
    }
    return texts;
}

/** An argument that begins like JSON need not be JSON: then it has no members. */
function parsed(arg: string): unknown {
    try {
        return JSON.parse(arg);
    } catch (error) {
        if (error instanceof SyntaxError) return undefined;
        throw error;
    }
}

/** The name of a source, such as `1` or `0.id`. */
export function sourceName({ position, path }: ArgumentSource): string {
    return [position, ...path].join('.');
}

/** A template as text, for maps and for people: `account-{0}`. */
export function templateText(template: KeyTemplate): string {
    return template
        .map((part) =>
            typeof part === 'string' ? part.replace(/[{}]/g, '$&$&') : `{${sourceName(part)}}`,
        )
        .join('');
}

/** The key that a template gives for a call; undefined when the call lacks a source. */
export function fillTemplate(template: KeyTemplate, texts: CallTexts): string | undefined {
    let key = '';
    for (const part of template) {
        if (typeof part === 'string') {
            key += part;
            continue;
        }
        const found = texts.get(sourceName(part));
        if (found === undefined) return undefined;
        key += found.text;
    }
    return key;
}

/**
 * Finds the call's texts in a key, the longest first, where they stand apart from what surrounds
 * them: `7` is found in `acct7` and `acct:7` but not in `acct17`. Undefined when there is none.
 */
export function deriveTemplate(key: string, texts: CallTexts): KeyTemplate | undefined {
    const candidates = [...texts.values()].sort((a, b) => b.text.length - a.text.length);
    let template: (string | ArgumentSource)[] = [key];
    for (const { source, text } of candidates) {
        template = template.flatMap((part) =>
            typeof part === 'string' ? replaceIn(part, text, source) : [part],
        );
    }
    return template.some((part) => typeof part !== 'string') ? template : undefined;
}

function replaceIn(
    part: string,
    text: string,
    source: ArgumentSource,
): (string | ArgumentSource)[] {
    const pieces: (string | ArgumentSource)[] = [];
    let rest = 0;
    for (let at = part.indexOf(text); at >= 0; at = part.indexOf(text, at + 1)) {
        if (at < rest) continue;
        const end = at + text.length;
        // Where a part ends the key does, or another source begins: a boundary as good as any.
        const opens = at === 0 || isBoundary(part, at);
        const closes = end === part.length || isBoundary(part, end);
        if (!opens || !closes) continue;
        if (at > rest) pieces.push(part.slice(rest, at));
        pieces.push(source);
        rest = end;
    }
    if (rest < part.length) pieces.push(part.slice(rest));
    return pieces;
}

/** Whether a key can be taken apart before this place: letters, digits and others do not mix. */
function isBoundary(key: string, at: number): boolean {
    const before = kindOf(key.charCodeAt(at - 1));
    const after = kindOf(key.charCodeAt(at));
    return before !== after || before === 'other';
}

function kindOf(unit: number): 'digit' | 'letter' | 'other' {
    if (unit >= 48 && unit <= 57) return 'digit';
    const isLetter = (unit >= 65 && unit <= 90) || (unit >= 97 && unit <= 122) || unit > 127;
    return isLetter ? 'letter' : 'other';
}
