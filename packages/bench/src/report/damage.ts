import { shown } from '../workloads/check-workload.js';

/** What stands at a place of a report: a number, a text, yes or no, a list of one form, or members of their own. */
type Form =
    | 'number'
    | 'string'
    | 'boolean'
    | { readonly each: Form }
    | { readonly members: Readonly<Record<string, Form>> };

const numbers = (...names: string[]): Form => ({
    members: Object.fromEntries(names.map((name) => [name, 'number'])),
});

/** What tables, charts and comparisons are made from; what an older version did not write is not asked for. */
const systemForm: Form = {
    members: {
        system: 'string',
        goodputPerSecond: 'number',
        success: 'number',
        stateHash: 'string',
        load: numbers('elapsedMs'),
        recording: {
            members: {
                offered: 'number',
                counts: numbers('committed', 'rejected'),
                latency: numbers('count', 'p50Ms', 'p90Ms', 'p95Ms', 'p99Ms'),
                seconds: { each: numbers('second', 'committed', 'p95Ms') },
                details: { each: { members: { detail: 'string', count: 'number' } } },
            },
        },
        transactions: {
            members: { valid: 'number', invalid: 'number', byCode: { members: {} } },
        },
        verdict: { members: { ok: 'boolean', problems: { each: 'string' } } },
    },
};

const reportForm: Form = {
    members: {
        workload: 'string',
        load: 'string',
        machine: 'string',
        network: 'string',
        seed: 'string',
        startedAt: 'string',
        systems: { each: systemForm },
    },
};

function faultAt(value: unknown, form: Form, place: string): string | undefined {
    const must = (what: string): string => `"${place}" must be ${what}; got ${shown(value)}`;
    if (typeof form === 'string') return typeof value === form ? undefined : must(`a ${form}`);
    if ('each' in form) {
        if (!Array.isArray(value)) return must('a list');
        return firstFault(value.map((each, index) => [each, form.each, `${place}.${index}`]));
    }
    if (typeof value !== 'object' || value === null) return must('an object');
    const members = new Map(Object.entries(value));
    return firstFault(
        Object.entries(form.members).map(([name, each]) => [
            members.get(name),
            each,
            place === '' ? name : `${place}.${name}`,
        ]),
    );
}

function firstFault(
    parts: readonly (readonly [value: unknown, form: Form, place: string])[],
): string | undefined {
    for (const part of parts) {
        const fault = faultAt(...part);
        if (fault !== undefined) return fault;
    }
    return undefined;
}

/** What is missing from a report, or is not what it should be, in words; nothing when it is whole. */
export function damageOf(report: object): string | undefined {
    return faultAt(report, reportForm, '');
}
