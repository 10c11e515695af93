import { Ajv } from 'ajv';

const text = { type: 'string', minLength: 1, maxLength: 1024 };
const coding = { type: 'object', required: ['code'], properties: { code: text, system: text } };
const codings = { type: 'array', minItems: 1, maxItems: 1024, items: coding };
const concept = {
    type: 'object',
    properties: { coding: { type: 'array', maxItems: 64, items: coding }, text },
};

/** The form of a FHIR R4 Consent, as far as it is read here. */
export const fhirConsentSchema = new Ajv({ strict: true, strictRequired: false }).compile({
    $defs: {
        provision: {
            type: 'object',
            properties: {
                type: { enum: ['permit', 'deny'] },
                period: { type: 'object', properties: { start: text, end: text } },
                actor: {
                    type: 'array',
                    minItems: 1,
                    maxItems: 1024,
                    items: {
                        type: 'object',
                        required: ['reference'],
                        properties: {
                            reference: {
                                type: 'object',
                                properties: {
                                    identifier: {
                                        type: 'object',
                                        properties: { system: text, value: text },
                                    },
                                },
                            },
                        },
                    },
                },
                action: { type: 'array', minItems: 1, maxItems: 1024, items: concept },
                securityLabel: codings,
                purpose: codings,
                class: codings,
                provision: {
                    type: 'array',
                    minItems: 1,
                    maxItems: 1024,
                    items: { $ref: '#/$defs/provision' },
                },
            },
        },
    },
    type: 'object',
    required: ['resourceType', 'id', 'status', 'provision'],
    properties: {
        resourceType: { const: 'Consent' },
        id: text,
        status: {
            enum: ['draft', 'proposed', 'active', 'rejected', 'inactive', 'entered-in-error'],
        },
        scope: concept,
        patient: {
            type: 'object',
            properties: { identifier: { type: 'object', properties: { value: text } } },
        },
        provision: { $ref: '#/$defs/provision' },
    },
});
