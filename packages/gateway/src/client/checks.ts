import { GatewayError } from '../errors.js';
import { strategyChoices } from './options.js';

/** An option or argument of the wrong form. */
export function invalid(why: string, cause?: unknown): GatewayError {
    return new GatewayError('GATEWAY_OPTIONS_INVALID', why, { cause });
}

/** A value as a message shows it; what an application passes by mistake may be data, so never whole. */
export function shown(value: unknown): string {
    if (typeof value === 'string') return JSON.stringify(value.slice(0, 40));
    if (typeof value === 'object' && value !== null)
        return Array.isArray(value) ? 'a list' : 'an object';
    return String(value);
}

/** Refuses options that are none, and names that no option has: a misspelt one would have no effect. */
export function assertKnown(options: unknown, names: readonly string[], where: string): void {
    if (typeof options !== 'object' || options === null || Array.isArray(options)) {
        throw invalid(`${where} must be an object, got ${shown(options)}.`);
    }
    for (const name in options) {
        if (names.includes(name)) continue;
        throw invalid(`${where}: there is no "${name}"; there is ${names.join(', ')}.`);
    }
}

/** Refuses a strategy that does not exist, with the ones that do. */
export function assertStrategy(choice: unknown, where: string): void {
    if ((strategyChoices as readonly unknown[]).includes(choice)) return;
    throw invalid(`${where} must be one of ${strategyChoices.join(', ')}, got ${shown(choice)}.`);
}

/** Refuses what is neither true nor false; what is left open is neither wrong. */
export function assertSwitch(value: unknown, where: string): void {
    if (value === undefined || typeof value === 'boolean') return;
    throw invalid(`${where} must be true or false, got ${shown(value)}.`);
}

/** Refuses an object that lacks methods that it will be called by. */
export function assertMethods(value: unknown, names: readonly string[], where: string): void {
    const methods = Object(value) as Record<string, unknown>;
    const missing = names.filter((name) => typeof methods[name] !== 'function');
    if (missing.length === 0) return;
    throw invalid(`${where} has no method ${missing.join(', ')}.`);
}

/** Refuses a number that is not one or is below what makes sense. */
export function assertAtLeast(least: number, value: unknown, where: string): void {
    if (typeof value === 'number' && value >= least) return;
    throw invalid(`${where} must be a number of at least ${least}, got ${shown(value)}.`);
}

/** As {@link assertAtLeast}, and not without end. */
export function assertFinite(least: number, value: unknown, where: string): void {
    assertAtLeast(least, value, where);
    if (value !== Infinity) return;
    throw invalid(`${where} must be a finite number, got Infinity.`);
}

/** Refuses what is no count of something: whole and at least one, or `Infinity`. */
export function assertCount(value: unknown, where: string): void {
    assertAtLeast(1, value, where);
    if (value === Infinity || Number.isSafeInteger(value)) return;
    throw invalid(`${where} must be a whole number, got ${shown(value)}.`);
}

/** Longest time that can be waited for: what a timer takes, nearly 25 days. */
export const longestMs = 2_147_483_647;

/** Refuses a time that is too short to make sense or too long for a timer. */
export function assertDuration(least: number, value: unknown, where: string): void {
    assertAtLeast(least, value, where);
    if ((value as number) <= longestMs) return;
    throw invalid(`${where} must be at most ${longestMs} milliseconds, got ${shown(value)}.`);
}

/** What is lost when text is written as UTF-8. */
const loneSurrogate = /\p{Surrogate}/u;

/** Refuses what is not a text of at least one character that survives being written down. */
export function assertName(value: unknown, where: string): void {
    if (typeof value === 'string' && value !== '' && !loneSurrogate.test(value)) return;
    throw invalid(`${where} must be a text of at least one character, got ${shown(value)}.`);
}

/** Refuses what is not a list of texts. */
export function assertTexts(value: unknown, where: string): void {
    if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return;
    throw invalid(`${where} must be a list of texts, got ${shown(value)}.`);
}
