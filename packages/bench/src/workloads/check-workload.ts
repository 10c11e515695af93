import { inspect } from 'node:util';
import type { Workload } from './workload.js';

type Rule = readonly [what: string, holds: (value: unknown) => boolean];

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
const text: Rule = [
    'a text that is not empty',
    (value) => typeof value === 'string' && value !== '',
];
const isFunction: Rule = ['a function', (value) => typeof value === 'function'];
const functions: Rule = [
    'an object of functions',
    (value) => isObject(value) && Object.values(value).every((each) => isFunction[1](each)),
];
const orNothing = ([what, holds]: Rule): Rule => [
    what,
    (value) => value === undefined || holds(value),
];

const rules: Readonly<Record<keyof Workload, Rule>> = {
    name: text,
    title: text,
    setup: isFunction,
    operations: isFunction,
    chaincode: orNothing(text),
    contract: orNothing(text),
    keys: orNothing(isFunction),
    closing: orNothing(isFunction),
    counterOfRow: orNothing(isFunction),
    replay: orNothing(functions),
    population: orNothing([
        'an object with roles',
        (value) => isObject(value) && 'roles' in value && Array.isArray(value.roles),
    ]),
};

/** A value for a message: on one line, and the beginning of it. */
export function shown(value: unknown): string {
    if (value === undefined) return 'nothing';
    const whole = inspect(value, { breakLength: Infinity, depth: 2 });
    return whole.length > 100 ? `${whole.slice(0, 100)}…` : whole;
}

/** What is wrong with a value as a workload, in words that stand after a colon; nothing when it is one. */
export function wrongWithWorkload(value: unknown): string | undefined {
    if (value === undefined) return 'it has no default export';
    if (!isObject(value)) return `its default export is ${shown(value)}`;
    for (const [name, [what, holds]] of Object.entries(rules)) {
        // Not its own members only: it may be of a class.
        const got = (value as Record<string, unknown>)[name];
        if (!holds(got)) return `its "${name}" must be ${what}; got ${shown(got)}`;
    }
    const unknown = Object.keys(value).find((name) => !Object.hasOwn(rules, name));
    return unknown === undefined
        ? undefined
        : `a workload has no "${unknown}"; it has ${Object.keys(rules).join(', ')}`;
}
