import { inspect } from 'node:util';
import { DevnetError } from '../errors.js';

type Form = readonly [what: string, holds: (value: unknown) => boolean];

const isText = (value: unknown): boolean => typeof value === 'string';
const isObject = (value: unknown): value is object =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
const listOf =
    (holds: (value: unknown) => boolean) =>
    (value: unknown): boolean =>
        Array.isArray(value) && value.every(holds);

const text: Form = ['a text', isText];
const object: Form = ['an object', isObject];

function isOrganization(value: unknown): boolean {
    if (isText(value)) return true;
    if (!isObject(value)) return false;
    const { mspId, domain, users } = value as Partial<Record<string, unknown>>;
    const domainFits = domain === undefined || isText(domain);
    return isText(mspId) && domainFits && (users === undefined || listOf(isText)(users));
}

const forms: Readonly<Record<string, Form>> = {
    name: text,
    channels: ['a list of texts', listOf(isText)],
    organizations: [
        'a list of MSP ids, or of objects of "mspId", "domain", "peers" and "users", a list',
        listOf(isOrganization),
    ],
    block: object,
    limits: object,
    dataDirectory: text,
    couchdbUrl: text,
    ports: ['a list of numbers', listOf((value) => typeof value === 'number')],
    tls: ['true or false', (value) => typeof value === 'boolean'],
};

/**
 * Looks at what options are made of, before anything looks at what they say: they may come out of a file.
 * Throws `DEVNET_OPTION_INVALID`.
 */
export function checkForm(options: object): void {
    for (const [name, value] of Object.entries(options)) {
        const [what, holds] = forms[name] ?? [];
        if (what === undefined || value === undefined || holds?.(value) !== false) continue;
        const got = inspect(value, { breakLength: Infinity, depth: 2 });
        throw new DevnetError('DEVNET_OPTION_INVALID', `${name} must be ${what}; got ${got}.`);
    }
}
