import { ChaincodeError } from './errors.js';
import type { FromSchema, RowSchema } from './json-schema.js';
import { CompiledRowSchema } from './row-schema.js';
import { unitOfContext, type UnitContext } from './rows.js';

/** Input that reaches the contract without becoming part of the transaction. Made by {@link transient}. */
export class TransientInput<R> {
    readonly #name: string;
    readonly #schema: CompiledRowSchema;

    constructor(name: string, schema: RowSchema) {
        this.#name = name;
        this.#schema = new CompiledRowSchema(`the transient input "${name}"`, schema);
    }

    /** The input; an error when it is missing or not as the schema says. */
    require(ctx: UnitContext): R {
        const unit = unitOfContext(ctx);
        const bytes = unit.getTransient().get(this.#name);
        if (bytes === undefined || bytes.length === 0) {
            throw new ChaincodeError(
                'CHAINCODE_TRANSIENT_MISSING',
                `the transaction needs the transient input "${this.#name}"; send it as transient data, not as an argument`,
            );
        }
        const input = this.#parse(bytes);
        if (typeof input === 'object' && input !== null) {
            this.#schema.guard(input, () => unit.overlay.guardPhi());
        }
        this.#schema.check(input);
        return input as R;
    }

    #parse(bytes: Uint8Array): unknown {
        try {
            return JSON.parse(Buffer.from(bytes).toString());
        } catch {
            // What the parser would say of it quotes it.
            throw new ChaincodeError(
                'CHAINCODE_ROW_INVALID',
                `the transient input "${this.#name}" is not JSON`,
            );
        }
    }
}

/**
 * Describes transient input: what must not be written into a block, such as the rows of a private
 * collection.
 *
 * @example
 * ```ts
 * import { transient, type GoodputContext } from '@goodput/chaincode';
 *
 * const patient = transient('patient', {
 *   type: 'object',
 *   properties: { id: { type: 'string' }, name: { type: 'string', phi: true } },
 *   required: ['id', 'name'],
 * });
 *
 * export function admit(ctx: GoodputContext): string {
 *   return patient.require(ctx).id;
 * }
 * ```
 */
export function transient<const S extends RowSchema>(
    name: string,
    schema: S,
): TransientInput<FromSchema<S>> {
    return new TransientInput(name, schema);
}
