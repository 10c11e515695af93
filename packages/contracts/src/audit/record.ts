import { Ajv } from 'ajv';
import { checkDepth } from '../policy/validate.js';
import { checkSchema } from '../policy/schema.js';
import { ContractsError } from '../errors.js';

/** What somebody records of an access. Names and other text about people have no place in it. */
export interface AuditRecord {
    readonly action: string;
    readonly resource: { readonly type: string; readonly id: string };
    readonly purpose: string;
    readonly outcome: 'permit' | 'deny' | 'error';
    /** A pseudonym from {@link patientPseudonym}. */
    readonly patient?: string;
    /** Hashes of the policies the decision was made from. */
    readonly policies?: readonly string[];
    /** Hash of the patient's consents the decision was made from. */
    readonly consents?: string;
    /** The rules that decided, as `source rule`. */
    readonly because?: readonly string[];
    readonly breakGlass?: true;
    /** SHA-256 of the canonical request. */
    readonly requestHash?: string;
    /** When it happened by the client's own clock; the ledger has the transaction's time besides. */
    readonly clientTime?: number;
    /** SHA-256 of the detail in the private collection. */
    readonly detailHash?: string;
}

/** A record as the ledger has it: with what the caller cannot choose. */
export interface AuditEvent extends AuditRecord {
    readonly tenant: string;
    /** The transaction's time. */
    readonly at: number;
    /** The caller's key. */
    readonly actor: string;
    /** The caller's organisation. */
    readonly organisation: string;
    readonly tx: string;
    /** Which record of its transaction it is. */
    readonly seq: number;
    /** Whether the transaction itself decided; otherwise it is what the actor says happened. */
    readonly decided?: true;
}

/** Records one call may append. */
export const MAX_RECORDS = 1000;

const identifier = { type: 'string', maxLength: 128, pattern: '^[A-Za-z0-9][A-Za-z0-9._:/-]*$' };
const word = {
    type: 'string',
    minLength: 1,
    maxLength: 128,
    pattern: '^[^\\u0000-\\u001f\\ud800-\\udfff]+$',
};
const hash = { type: 'string', pattern: '^[0-9a-f]{64}$' };

const validate = new Ajv({ strict: true }).compile({
    type: 'array',
    minItems: 1,
    items: {
        type: 'object',
        additionalProperties: false,
        required: ['action', 'resource', 'purpose', 'outcome'],
        properties: {
            action: word,
            purpose: word,
            outcome: { enum: ['permit', 'deny', 'error'] },
            resource: {
                type: 'object',
                additionalProperties: false,
                required: ['type', 'id'],
                properties: { type: { ...word, maxLength: 64 }, id: identifier },
            },
            patient: { ...identifier, maxLength: 64 },
            policies: { type: 'array', items: hash, maxItems: 8 },
            consents: hash,
            because: { type: 'array', items: { ...word, maxLength: 320 }, maxItems: 64 },
            breakGlass: { const: true },
            requestHash: hash,
            clientTime: { type: 'integer', minimum: 0, maximum: 253402300799999 },
            detailHash: hash,
        },
    },
});

/** Refuses records that are malformed, and returns them typed. */
export function validateRecords(value: unknown): readonly AuditRecord[] {
    checkDepth(value, 'AUDIT_RECORD_INVALID');
    if (Array.isArray(value) && value.length > MAX_RECORDS) {
        throw new ContractsError(
            'AUDIT_BATCH_TOO_LARGE',
            `${value.length} records; one call appends at most ${MAX_RECORDS}`,
        );
    }
    checkSchema(validate, value, 'AUDIT_RECORD_INVALID', 'the records');
    return value as readonly AuditRecord[];
}
