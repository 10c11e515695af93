import { ChaincodeError } from './errors.js';

const SHORTEST_GUARDED = 4;
const DISTINCTIVE = 8;
const REDACTED = '[phi]';
const WORD = /[\p{L}\p{N}]/u;

/** Positions at which a text has the value; a short one only as a word of its own. */
function* findings(text: string, value: string): Generator<number> {
    for (let at = text.indexOf(value); at >= 0; at = text.indexOf(value, at + 1)) {
        const before = text.charAt(at - 1);
        const after = text.charAt(at + value.length);
        if (value.length >= DISTINCTIVE || !(WORD.test(before) || WORD.test(after))) yield at;
    }
}

function replaceAll(text: string, value: string): string {
    let result = '';
    let from = 0;
    for (const at of findings(text, value)) {
        if (at < from) continue;
        result += text.slice(from, at) + REDACTED;
        from = at + value.length;
    }
    return result + text.slice(from);
}

/**
 * The protected health information one transaction has handled, so that none of it leaves by a way that
 * everyone can read: public state, keys, events, logs, error messages.
 *
 * Values are recognised as text, those below eight characters as words of their own. Those below four,
 * such as a sex or a blood group, would be found everywhere and are not looked for; schemas keep them
 * out of public state by their names.
 */
export class PhiGuard {
    readonly #values = new Set<string>();

    /** Remembers the text of a protected value. */
    add(value: unknown): void {
        if (typeof value === 'object' && value !== null) {
            for (const member of Object.values(value)) this.add(member);
            return;
        }
        if (typeof value !== 'string' && typeof value !== 'number') return;
        const text = String(value);
        if (text.length < SHORTEST_GUARDED) return;
        this.#values.add(text);
        // In JSON a quote or a line break in the value is written differently.
        this.#values.add(JSON.stringify(text).slice(1, -1));
    }

    /** Refuses text that has a protected value in it. */
    check(where: string, content: string | Buffer): void {
        const text = content.toString();
        for (const value of this.#values) {
            if (findings(text, value).next().done === true) continue;
            throw new ChaincodeError(
                'CHAINCODE_PHI_EXPOSED',
                `protected health information would be written to ${where}, which anyone on the channel can read; leave it out, or write a pseudonym`,
            );
        }
    }

    /** The text with every protected value replaced. */
    redact(text: string): string {
        let redacted = text;
        // The longest first, so that no part of it is left over.
        const values = [...this.#values].sort((a, b) => b.length - a.length);
        for (const value of values) redacted = replaceAll(redacted, value);
        return redacted;
    }
}
