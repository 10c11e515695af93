import { createRequire } from 'node:module';
import { JSONSerializer } from 'fabric-contract-api';
import type { DeclaredParameter, DeclaredTransaction } from './declared.js';

/** The serializers of a chaincode, as its main module may export them. */
export interface Serializers {
    readonly transaction: string;
    readonly serializers: Readonly<Record<string, unknown>>;
}

interface Marshal {
    handleParameters(fn: DeclaredTransaction, parameters: Buffer[], logPrefix: string): unknown[];
    toWireBuffer(result: unknown, schema: unknown, logPrefix: string): Buffer | undefined;
}

type MarshalClass = new (
    transaction: string,
    serializers: Readonly<Record<string, unknown>>,
    components: Readonly<Record<string, unknown>>,
) => Marshal;

/** Turns the text of an operation into what its function takes, and its result into text again. */
export interface Converter {
    readonly parameters: (args: readonly string[]) => unknown[];
    readonly result: (value: unknown) => string | null;
}

const LOG_PREFIX = '[batch]';

// The very class the shim converts a direct call with: whatever it does, a batch does as well.
function shimMarshal(
    serializers: Serializers | undefined,
    objects: Readonly<Record<string, unknown>>,
): Marshal {
    const load = createRequire(__filename);
    const Class = load('fabric-shim/lib/contract-spi/datamarshall.js') as MarshalClass;
    const known = { jsonSerializer: JSONSerializer, ...serializers?.serializers };
    return new Class(serializers?.transaction ?? 'jsonSerializer', known, objects);
}

function toNumber(text: string): number {
    const value = Number(text);
    if (Number.isNaN(value)) throw new Error('fromBuffer could not convert data to number');
    return value;
}

function toBoolean(text: string): boolean {
    const word = text.trim().toLowerCase();
    if (word !== 'true' && word !== 'false') {
        throw new Error('fromBuffer could not convert data to boolean');
    }
    return word === 'true';
}

type Step = (text: string) => unknown;

const simple = new Map<unknown, Step>([
    ['string', (text) => text],
    ['number', toNumber],
    ['boolean', toBoolean],
]);

// Only a schema that says nothing but a simple type: any further keyword is for the shim to check.
function simpleConverter({ schema }: DeclaredParameter): Step | undefined {
    return Object.keys(schema).length === 1 ? simple.get(schema.type) : undefined;
}

function areSimple(all: readonly (Step | undefined)[]): all is readonly Step[] {
    return all.every((each) => each !== undefined);
}

/** Makes the converters of a contract's transactions, each once. */
export class Converters {
    readonly #marshal: () => Marshal;
    readonly #usesJson: boolean;
    readonly #made = new Map<DeclaredTransaction, Converter>();

    constructor(
        serializers: Serializers | undefined,
        objects: () => Readonly<Record<string, unknown>>,
    ) {
        let marshal: Marshal | undefined;
        this.#marshal = () => (marshal ??= shimMarshal(serializers, objects()));
        this.#usesJson = serializers === undefined;
    }

    for(transaction: DeclaredTransaction): Converter {
        let converter = this.#made.get(transaction);
        if (converter === undefined) {
            converter = {
                parameters: this.#parameters(transaction),
                result: this.#result(transaction),
            };
            this.#made.set(transaction, converter);
        }
        return converter;
    }

    #parameters(transaction: DeclaredTransaction): Converter['parameters'] {
        const declared = transaction.parameters;
        const found = declared?.map(simpleConverter) ?? [];
        const steps: readonly Step[] | undefined = areSimple(found) ? found : undefined;
        if (!this.#usesJson || steps === undefined) {
            return (args) => {
                const bytes = args.map((arg) => Buffer.from(arg));
                return this.#marshal().handleParameters(transaction, bytes, LOG_PREFIX);
            };
        }
        if (declared === undefined) return (args) => [...args];
        return (args) => {
            if (args.length !== steps.length) {
                throw new Error(
                    `Expected ${steps.length} parameters, but ${args.length} have been supplied`,
                );
            }
            return steps.map((step, index) => step(args[index] ?? ''));
        };
    }

    #result(transaction: DeclaredTransaction): Converter['result'] {
        // As in a direct call: only metadata from a file has a schema in this place.
        const schema = transaction.returns?.schema;
        const isPlain = this.#usesJson && schema === undefined;
        return (value) => {
            if (isPlain) {
                if (value === undefined || value === null) return null;
                if (typeof value === 'string') return value.toWellFormed();
                if (typeof value === 'number' || typeof value === 'boolean') return String(value);
            }
            const bytes = this.#marshal().toWireBuffer(value, schema, LOG_PREFIX);
            return bytes === undefined ? null : Buffer.from(bytes).toString();
        };
    }
}
