import { codecError, type KeyErrorCode } from './errors.js';

/** Refuses a value whose JavaScript type is wrong. */
export function refuseType(expected: string, value: unknown, fix?: string): never {
    throw codecError('KEY_PART_TYPE', {
        problem: `must be ${expected}`,
        value,
        fix: fix ?? `Give ${expected}.`,
    });
}

/** Refuses a value for any other reason. */
export function refuse(code: KeyErrorCode, problem: string, value: unknown, fix: string): never {
    throw codecError(code, { problem, value, fix });
}

/** Refuses text that a codec never writes. */
export function refuseText(kind: string, text: string): never {
    throw codecError('KEY_PART_FORMAT', {
        problem: `is not text the ${kind} codec writes`,
        value: text,
        fix: 'Parse the key with the definition that built it.',
    });
}

/** Refuses an option of a codec or pattern. */
export function refuseOption(option: string, expected: string, value: unknown): never {
    throw codecError('KEY_DEFINITION_INVALID', {
        problem: `option ${option} must be ${expected}`,
        value,
        fix: 'Change the definition.',
    });
}

/** Refuses anything that is not a whole number JavaScript holds exactly. */
export function checkInteger(value: unknown): asserts value is number {
    if (typeof value !== 'number') {
        refuseType(
            'a whole number',
            value,
            typeof value === 'bigint' ? 'Use bigint() for bigints.' : undefined,
        );
    }
    if (!Number.isFinite(value)) {
        refuse('KEY_PART_NOT_FINITE', 'must be finite', value, 'Find out where it came from.');
    }
    if (Object.is(value, -0)) refuseNegativeZero(value);
    if (!Number.isSafeInteger(value)) {
        const whole = Number.isInteger(value);
        refuse(
            whole ? 'KEY_PART_RANGE' : 'KEY_PART_TYPE',
            whole ? 'must be within ±(2^53 - 1)' : 'must be a whole number',
            value,
            whole ? 'Use bigint().' : 'Round it, or use decimal() or float64().',
        );
    }
}

export function refuseNegativeZero(value: unknown): never {
    refuse(
        'KEY_PART_NEGATIVE_ZERO',
        'must not be -0',
        value,
        'Add 0 to it, which turns -0 into 0 and changes nothing else.',
    );
}
