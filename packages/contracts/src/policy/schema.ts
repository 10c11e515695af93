import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { ContractsError, type ContractsErrorCode } from '../errors.js';

// Names stand in keys and index slots: no control characters, no surrogates without a partner, no ends in space.
const name = {
    type: 'string',
    minLength: 1,
    maxLength: 128,
    pattern: '^[^\\u0000-\\u001f\\u007f\\ud800-\\udfff]+$',
};
const roleName = { type: 'string', maxLength: 128, pattern: '^[A-Za-z][A-Za-z0-9._-]*$' };
const identifier = { type: 'string', maxLength: 128, pattern: '^[A-Za-z0-9][A-Za-z0-9._:-]*$' };
const text = { type: 'string', maxLength: 1024 };
const instant = { type: 'integer', minimum: 0, maximum: 253402300799999 };
const scalar = { type: ['string', 'number', 'boolean'], maxLength: 1024 };
const closed = { type: 'object', additionalProperties: false } as const;

function listOf(items: object, minItems = 1): object {
    return { type: 'array', items, minItems, maxItems: 1024 };
}

function only(member: string, schema: object): object {
    return { ...closed, required: [member], properties: { [member]: schema } };
}

const attribute = only('attribute', name);
const operand = { anyOf: [scalar, attribute] };
const pair = { type: 'array', items: [operand, operand], minItems: 2, maxItems: 2 };
const expression = { $ref: '#/$defs/expression' };
const principal = {
    anyOf: [
        { const: 'anyone' },
        only('role', roleName),
        only('msp', name),
        only('unit', name),
        only('id', name),
    ],
};
const period = { ...closed, properties: { from: instant, until: instant } };
const obligation = {
    ...closed,
    required: ['action'],
    properties: { action: name, details: { type: 'object', additionalProperties: scalar } },
};

const $defs = {
    expression: {
        anyOf: [
            only('all', listOf(expression, 0)),
            only('any', listOf(expression, 0)),
            only('not', expression),
            only('equal', pair),
            only('less', pair),
            only('lessOrEqual', pair),
            only('present', name),
            only('in', {
                type: 'array',
                items: [operand, { anyOf: [listOf(scalar, 0), attribute] }],
                minItems: 2,
                maxItems: 2,
            }),
        ],
    },
    provision: {
        ...closed,
        required: ['type'],
        properties: {
            type: { enum: ['permit', 'deny'] },
            actors: listOf(principal),
            actions: listOf(name),
            resources: listOf(name),
            purposes: listOf(name),
            labels: listOf(name),
            period,
            provisions: listOf({ $ref: '#/$defs/provision' }),
        },
    },
};

const rule = {
    ...closed,
    required: ['id', 'effect', 'principals', 'actions', 'resources'],
    properties: {
        id: identifier,
        effect: { enum: ['permit', 'deny'] },
        principals: listOf(principal),
        actions: listOf(name),
        resources: listOf(name),
        purposes: listOf(name),
        labels: listOf(name),
        period,
        when: expression,
        obligations: listOf(obligation),
        careTeam: { const: true },
        consent: { const: true },
        absolute: { const: true },
    },
};

const holder = {
    anyOf: [
        only('msp', name),
        { ...closed, required: ['unit'], properties: { unit: name, msp: name } },
        {
            ...closed,
            required: ['attribute', 'equals'],
            properties: { attribute: name, equals: { type: 'string', maxLength: 1024 }, msp: name },
        },
    ],
};

const role = {
    ...closed,
    properties: {
        includes: listOf(roleName, 0),
        holders: listOf(holder, 0),
        delegation: {
            ...closed,
            required: ['maxDepth', 'maxMs'],
            properties: {
                maxDepth: { type: 'integer', minimum: 1, maximum: 3 },
                maxMs: { type: 'integer', minimum: 1, maximum: 31_622_400_000 },
            },
        },
    },
};

const ajv = new Ajv({ strict: true, strictTuples: false, strictTypes: false });

/** The schema of a policy; what it cannot say, `validatePolicy` checks. */
export const policySchema = ajv.compile({
    $defs,
    ...closed,
    required: ['format', 'title', 'roles', 'rules'],
    properties: {
        format: { const: 'goodput.policy/1' },
        title: text,
        roles: { type: 'object', propertyNames: roleName, additionalProperties: role },
        rules: { type: 'array', items: rule },
        breakGlass: {
            ...closed,
            required: ['roles', 'actions', 'resources', 'reasons', 'maxMs'],
            properties: {
                roles: listOf(roleName),
                actions: listOf(name),
                resources: listOf(name),
                reasons: listOf(identifier),
                maxMs: { type: 'integer', minimum: 1, maximum: 86_400_000 },
            },
        },
    },
});

/** The schema of a patient's consents. */
export const consentsSchema = ajv.compile({
    $defs,
    type: 'array',
    maxItems: 64,
    items: {
        ...closed,
        required: ['id', 'status', 'provision'],
        properties: {
            id: identifier,
            status: { enum: ['draft', 'active', 'inactive'] },
            provision: { $ref: '#/$defs/provision' },
        },
    },
});

const attributes = {
    type: 'object',
    additionalProperties: { anyOf: [scalar, listOf(scalar, 0)] },
};

/** The schema of an access request. */
export const requestSchema = ajv.compile({
    ...closed,
    required: ['action', 'resource', 'purpose'],
    properties: {
        action: name,
        purpose: name,
        context: attributes,
        resource: {
            ...closed,
            required: ['type', 'id'],
            properties: {
                type: { ...name, maxLength: 64 },
                id: name,
                tenant: { ...name, maxLength: 64 },
                patient: { ...identifier, maxLength: 64 },
                labels: listOf(name, 0),
                attributes,
            },
        },
    },
});

function describe({ instancePath, keyword, params, message = 'is invalid' }: ErrorObject): string {
    const where = instancePath === '' ? 'it' : instancePath.slice(1).replaceAll('/', '.');
    if (keyword !== 'enum') return `${where} ${message}`;
    const { allowedValues } = params as { readonly allowedValues: readonly unknown[] };
    return `${where} must be one of ${allowedValues.join(', ')}`;
}

/** Refuses what a schema does not allow. Values are never part of the message. */
export function checkSchema(
    validate: ValidateFunction,
    value: unknown,
    code: ContractsErrorCode,
    what: string,
): void {
    if (validate(value)) return;
    const problems = [...new Set((validate.errors ?? []).map(describe))].slice(0, 5).join('; ');
    throw new ContractsError(code, `${what}: ${problems}`);
}
