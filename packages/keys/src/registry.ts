import { showValue } from './errors.js';
import { inferTemplate } from './infer-template.js';
import { defineKeySpace } from './key-space.js';
import type { LedgerKey } from './ledger-key.js';
import type { AnyPart } from './part.js';
import type { Redactor } from './redactor.js';

/** One part of a raw key, as it may be shown. */
export interface DescribedPart {
    readonly name: string;
    /** The codec's kind. */
    readonly kind: string;
    readonly phi: boolean;
    /** The value as text; for health information its HMAC, or `{name}` without a redactor. */
    readonly text: string;
}

/** What a registry knows of a raw key. */
export interface DescribedKey {
    /** What to aggregate by, e.g. `vital/{patient}/{code}/{at}`. */
    readonly template: string;
    /** The template with values in place; health information redacted. */
    readonly text: string;
    /** Whether a definition claims the key; otherwise the template is inferred and `parts` empty. */
    readonly known: boolean;
    readonly parts: readonly DescribedPart[];
    /** The definition, when known. */
    readonly key?: LedgerKey;
    /**
     * The typed values, when known, health information included: not enumerable, so printing or
     * serialising the description does not show them.
     */
    readonly values?: Readonly<Record<string, unknown>>;
}

/** Maps raw ledger keys back to what they are. */
export interface KeyRegistry {
    readonly keys: readonly LedgerKey[];
    /** The definition a raw key belongs to, judged by how it begins. */
    find(key: string): LedgerKey | undefined;
    /** Template, parts and values of a raw key. */
    describe(key: string): DescribedKey;
    /** The template alone, the same that `describe` gives. */
    template(key: string): string;
}

/** Options of {@link createKeyRegistry}. */
export interface KeyRegistryOptions {
    /** Shows health information as an HMAC. @default none: `{name}` is shown */
    readonly redactor?: Redactor;
}

const timeKinds = /^(?:optional\()?time(?:stamp|Bucket)/;

function showPart(each: AnyPart, value: unknown, text: string): string {
    if (timeKinds.test(each.codec.kind)) {
        if (typeof value === 'number') return new Date(value).toISOString();
        if (typeof value === 'bigint') return `${value}ns`;
    }
    if (typeof value === 'string') return value;
    return value === null || typeof value === 'object' ? text : showValue(value);
}

function startOf(key: string): string {
    const separator = key.startsWith('\0') ? '\0' : '\u0001';
    const end = key.indexOf(separator, 1);
    return end < 0 ? '' : key.slice(0, end + 1);
}

/**
 * Makes a registry of definitions, which tells for any key seen in a block what it is.
 *
 * @example
 * ```ts
 * import { createKeyRegistry, healthcareSpaces } from '@goodput/keys';
 *
 * const registry = createKeyRegistry(healthcareSpaces.keys);
 * const key = '\0consent\0p1\0research\0dr-7\0';
 * console.log(registry.describe(key).template); // => consent/{patient}/{purpose}/{grantee}
 * console.log(registry.describe(key).text); // => consent/{patient}/research/dr-7
 * console.log(registry.template('asset_17')); // => asset_{number}
 * ```
 */
export function createKeyRegistry(
    definitions: readonly LedgerKey[],
    options: KeyRegistryOptions = {},
): KeyRegistry {
    // Spaces come with their companions; given again, they are one and the same.
    const keys = defineKeySpace({ name: 'registry', keys: withoutCompanions(definitions) }).keys;
    const byStart = new Map(keys.map((key) => [key.extent.startKey, key]));
    const { redactor } = options;

    const find = (key: string): LedgerKey | undefined => byStart.get(startOf(key));

    function describePart(each: AnyPart, value: unknown, text: string): DescribedPart {
        const { name, phi, codec } = each;
        const redacted = redactor?.redact(name, text) ?? `{${name}}`;
        return { name, kind: codec.kind, phi, text: phi ? redacted : showPart(each, value, text) };
    }

    function describe(raw: string): DescribedKey {
        const key = find(raw);
        const values = key?.tryParse(raw);
        if (key === undefined || values === undefined) {
            const template = inferTemplate(raw);
            return { template, text: template, known: false, parts: [] };
        }
        const texts = key.split(raw) ?? [];
        const parts = key.parts.map((each, index) =>
            describePart(each, values[each.name], texts[index] ?? ''),
        );
        const described = {
            template: key.template,
            text: [key.name, ...parts.map((each) => each.text)].join('/'),
            known: true,
            parts,
        };
        return Object.defineProperties(described, {
            key: { value: key },
            values: { value: values },
        });
    }

    function template(raw: string): string {
        const key = find(raw);
        return key?.tryParse(raw) === undefined ? inferTemplate(raw) : key.template;
    }
    return Object.freeze({ keys, find, describe, template });
}

function withoutCompanions(keys: readonly LedgerKey[]): LedgerKey[] {
    const companions = new Set(keys.flatMap((key) => key.companions ?? []));
    return keys.filter((key) => !companions.has(key));
}
