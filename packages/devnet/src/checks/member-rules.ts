import { DevnetError } from '../errors.js';

/** A member's value: whether it is right, and what it should have been. */
export type Rule = readonly [holds: (value: unknown) => boolean, expected: string];

/** What the members of an object must be, where they are given. */
export type Rules = Readonly<Record<string, Rule>>;

export const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';
export const isFunction = (value: unknown): boolean => typeof value === 'function';
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
export const isListOf = (value: unknown, holds: (item: unknown) => boolean): boolean =>
    Array.isArray(value) && value.length > 0 && value.every(holds);
/** Whether it is a whole number from `least` to `most`. */
export const isWhole = (value: unknown, least: number, most = Number.MAX_SAFE_INTEGER): boolean =>
    Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;

export const TEXT: Rule = [isText, 'a text that is not empty'];
export const YES_OR_NO: Rule = [(value) => typeof value === 'boolean', 'true or false'];
export const FUNCTION: Rule = [isFunction, 'a function'];

/** Characters of a value that are shown. */
const SHOWN = 200;

/** A value as a message shows it. */
export function shown(value: unknown): string {
    if (typeof value === 'function') return `the function ${value.name}`;
    // Of undefined and symbols JSON has nothing to say.
    const json = JSON.stringify(value, (_key, inner: unknown) =>
        typeof inner === 'function'
            ? `function ${inner.name}`
            : typeof inner === 'bigint'
              ? `${inner}n`
              : inner,
    ) as string | undefined;
    const text = json ?? String(value);
    return text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}… (${text.length} characters)`;
}

/** Throws `DEVNET_OPTION_INVALID`. */
export function refuse(message: string): never {
    throw new DevnetError('DEVNET_OPTION_INVALID', message);
}

/** Throws `DEVNET_OPTION_INVALID` unless a value is what it should be. */
export function checkValue(what: string, value: unknown, [holds, expected]: Rule): void {
    if (!holds(value)) refuse(`${what} must be ${expected}; got ${shown(value)}.`);
}

/**
 * Throws `DEVNET_OPTION_INVALID` unless every member that is given is what it should be. What may come from
 * JavaScript or from a file is of any type.
 *
 * @param of - stands before the member's name in the message
 */
export function checkMembers(of: string, given: object, rules: Rules): void {
    const members = given as Readonly<Record<string, unknown>>;
    for (const [member, rule] of Object.entries(rules)) {
        const value = members[member];
        if (value !== undefined) checkValue(`${of}${member}`, value, rule);
    }
}

/** Throws `DEVNET_OPTION_INVALID` if there is a member that is not known. */
export function checkKnown(what: string, given: object, known: readonly string[]): void {
    const unknown = Object.keys(given).find((member) => !known.includes(member));
    if (unknown === undefined) return;
    refuse(`${what} has no member "${unknown}"; it has ${known.join(', ')}.`);
}
