import { AssertionError } from 'node:assert';
import { isDeepStrictEqual } from 'node:util';
import { VALIDATION_CODES, type ValidationCodeName } from '@goodput/rwset';
import { DevnetError } from '../errors.js';
import type { Outcome } from './test-client.js';

/**
 * Fails unless the transactions ended with these verdicts, in this order.
 *
 * @example
 * ```ts
 * expectCodes(await conflict(network, [first, second]), 'VALID', 'MVCC_READ_CONFLICT');
 * ```
 */
export function expectCodes(
    outcomes: Outcome | readonly Outcome[],
    ...codes: readonly ValidationCodeName[]
): void {
    const unknown = codes.find((code) => !(code in VALIDATION_CODES));
    if (unknown !== undefined) {
        throw new DevnetError(
            'DEVNET_OPTION_INVALID',
            `${JSON.stringify(unknown)} is no verdict; these are: ${Object.keys(VALIDATION_CODES).join(', ')}.`,
        );
    }
    const list = 'code' in outcomes ? [outcomes] : outcomes;
    const actual = list.map(({ code }) => code);
    if (isDeepStrictEqual(actual, codes)) return;
    const found = list.map(
        ({ code, txId, block }) => `  ${code}  ${txId.slice(0, 12)}… in block ${block}`,
    );
    throw new AssertionError({
        message: `Expected ${codes.join(', ') || 'no transaction'}; the transactions ended as\n${found.join('\n') || '  (none)'}`,
        actual,
        expected: codes,
        operator: 'expectCodes',
    });
}
