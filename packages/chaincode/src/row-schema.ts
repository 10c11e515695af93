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

type Visit = (path: string, value: unknown) => void;

interface Node {
    readonly phi?: unknown;
    readonly properties?: Readonly<Record<string, Node>>;
    readonly items?: Node;
    readonly required?: readonly string[];
}

/** Calls back for every value that is there and marked `phi`. */
function visitPhi(schema: Node, value: unknown, path: string, visit: Visit): void {
    if (value === undefined) return;
    if (schema.phi === true) {
        visit(path, value);
        return;
    }
    if (Array.isArray(value)) {
        const { items } = schema;
        if (items !== undefined)
            for (const item of value) visitPhi(items, item, `${path}[]`, visit);
        return;
    }
    if (typeof value !== 'object' || value === null) return;
    for (const [name, member] of Object.entries(schema.properties ?? {})) {
        const inside = (value as Record<string, unknown>)[name];
        visitPhi(member, inside, path === '' ? name : `${path}.${name}`, visit);
    }
}

/** Whether every row the schema allows has a value marked `phi`. */
function alwaysHasPhi(schema: Node): boolean {
    if (schema.phi === true) return true;
    return Object.entries(schema.properties ?? {}).some(
        ([name, member]) => schema.required?.includes(name) === true && alwaysHasPhi(member),
    );
}

function countMarks(schema: unknown): number {
    if (typeof schema !== 'object' || schema === null) return 0;
    const own = 'phi' in schema && schema.phi === true ? 1 : 0;
    return Object.values(schema).reduce((sum: number, each) => sum + countMarks(each), own);
}

function countReachable(schema: Node): number {
    if (schema.phi === true) return countMarks(schema);
    const members = Object.values(schema.properties ?? {});
    const inside = schema.items === undefined ? members : [...members, schema.items];
    return inside.reduce((sum, each) => sum + countReachable(each), 0);
}

/** A schema, compiled once, with what it says about protected health information. */
export class CompiledRowSchema {
    readonly name: string;
    /** Top-level members marked `phi`, or with anything in them that is. */
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
        if (countReachable(schema) !== countMarks(schema)) {
            throw new ChaincodeError(
                'CHAINCODE_SETUP_INVALID',
                `the schema of ${name} marks "phi" where it cannot be followed; mark it within "properties" and "items" only`,
            );
        }
        this.phiMembers = Object.entries(schema.properties).flatMap(([member, each]) =>
            countMarks(each) > 0 ? [member] : [],
        );
    }

    /** Whether a row cannot be without protected health information. */
    get requiresPhi(): boolean {
        return alwaysHasPhi(this.#schema);
    }

    /** Refuses a row the schema does not allow. Values are never part of the message. */
    check(row: unknown): void {
        if (this.#validate(row)) return;
        const problems = (this.#validate.errors ?? []).map(describe).join('; ');
        throw new ChaincodeError('CHAINCODE_ROW_INVALID', `a row of ${this.name}: ${problems}`);
    }

    /** Where in a row the first protected value is. */
    phiIn(row: object): string | undefined {
        let found: string | undefined;
        visitPhi(this.#schema, row, '', (path) => (found ??= path));
        return found;
    }

    /** Tells the guard which values of a row are protected. */
    guard(row: object, guard: () => PhiGuard): void {
        if (this.phiMembers.length === 0) return;
        visitPhi(this.#schema, row, '', (_path, value) => {
            guard().add(value);
        });
    }
}
