import { InvalidArgumentError } from 'commander';

/** Option values separated by commas, at least one. */
export function list(text: string): string[] {
    const values = text.split(',').filter(Boolean);
    if (values.length > 0) return values;
    throw new InvalidArgumentError('It names nothing.');
}

/** An option that must be a number above 0. */
export function positive(text: string): number {
    const value = Number(text);
    if (Number.isFinite(value) && value > 0) return value;
    throw new InvalidArgumentError('It must be a number above 0.');
}

/** An option that must be a whole number from 1. */
export function count(text: string): number {
    const value = Number(text);
    if (Number.isSafeInteger(value) && value >= 1) return value;
    throw new InvalidArgumentError('It must be a whole number from 1.');
}

/** An option that must be a whole number from 0. */
export function wholeNumber(text: string): number {
    const value = Number(text);
    if (Number.isSafeInteger(value) && value >= 0) return value;
    throw new InvalidArgumentError('It must be a whole number from 0.');
}
