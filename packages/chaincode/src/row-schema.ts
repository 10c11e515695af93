import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { ChaincodeError } from './errors.js';
import type { RowSchema } from './json-schema.js';
import type { PhiGuard } from './phi-guard.js';

// One compiler for the process: what it compiles is a function of the schema alone.
const ajv = new Ajv({ allErrors: true, strict: true });
ajv.addKeyword({ keyword: 'phi', schemaType: 'boolean' });

function describe({ instancePath, message, params, keyword }: ErrorObject): string {
    const where = instancePath === '' ? 'it' : instancePath.slice(1).replaceAll('/', '.');
    // The name of a member nobody declared may itself be somebody's.
    const extra = keyword === 'required' ? '' : JSON.stringify(params['allowedValues'] ?? '');
    return `${where} ${message ?? 'is invalid'}${extra === '""' ? '' : ` ${extra}`}`;
}

/** A schema, compiled once, with what it says about protected health information. */
export class CompiledRowSchema {
    readonly name: string;
    /** Top-level members marked `phi`. */
    readonly phiMembers: readonly string[];
    readonly #schema: RowSchema;
    readonly #validate: ValidateFunction;

    constructor(name: string, schema: RowSchema) {
        this.name = name;
        this.#schema = schema;
        try {
            this.#validate = ajv.compile(schema);
        } catch (error) {
            throw new ChaincodeError(
                'CHAINCODE_SETUP_INVALID',
                `the schema of ${name} cannot be compiled: ${(error as Error).message}`,
                undefined,
                { cause: error },
            );
        }
        this.phiMembers = Object.entries(schema.properties).flatMap(([member, each]) =>
            each.phi === true ? [member] : [],
        );
    }

    /** Whether a row cannot be without protected health information. */
    get requiresPhi(): boolean {
        return this.phiMembers.some((member) => this.#schema.required?.includes(member));
    }

    /** Refuses a row the schema does not allow. Values are never part of the message. */
    check(row: unknown): void {
        if (this.#validate(row)) return;
        const problems = (this.#validate.errors ?? []).map(describe).join('; ');
        throw new ChaincodeError('CHAINCODE_ROW_INVALID', `a row of ${this.name}: ${problems}`);
    }

    /** Tells the guard which values of a row are protected. */
    guard(row: object, guard: () => PhiGuard): void {
        for (const member of this.phiMembers) {
            const value: unknown = (row as Record<string, unknown>)[member];
            if (value !== undefined) guard().add(value);
        }
    }
}
