import { Ajv } from 'ajv';

// Closed throughout. What is not evaluated must not be dropped, and an argument stands in a block for ever:
// a narrative, the name of a person or an extension would put the patient's own name there.
function only(properties: Readonly<Record<string, object>>, required: string[] = []): object {
    return { type: 'object', additionalProperties: false, required, properties };
}

function listOf(items: object): object {
    return { type: 'array', minItems: 1, maxItems: 1024, items };
}

const text = { type: 'string', minLength: 1, maxLength: 1024 };
const coding = only({ system: text, version: text, code: text, display: text }, ['code']);
const concept = only({ coding: listOf(coding), text });
const identifier = only({ system: text, value: text });
const provision = { $ref: '#/$defs/provision' };

/** The form of a FHIR R4 Consent that can be read here. */
export const fhirConsentSchema = new Ajv({ strict: true }).compile({
    $defs: {
        provision: only({
            type: { enum: ['permit', 'deny'] },
            period: only({ start: text, end: text }),
            actor: listOf(
                only({ role: concept, reference: only({ type: text, identifier }) }, ['reference']),
            ),
            action: listOf(concept),
            securityLabel: listOf(coding),
            purpose: listOf(coding),
            class: listOf(coding),
            provision: listOf(provision),
        }),
    },
    ...only(
        {
            resourceType: { const: 'Consent' },
            id: text,
            status: {
                enum: ['draft', 'proposed', 'active', 'rejected', 'inactive', 'entered-in-error'],
            },
            scope: concept,
            category: listOf(concept),
            patient: only({ type: text, identifier }),
            dateTime: text,
            policyRule: concept,
            provision,
        },
        ['resourceType', 'id', 'status', 'provision'],
    ),
});
