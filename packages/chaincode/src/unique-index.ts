import type { AnyPart, PartValues, UniqueKey } from '@goodput/keys';
import { canonicalJson } from './canonical-json.js';
import { ChaincodeError } from './errors.js';
import { unitOfContext, type UnitContext } from './rows.js';

// Nobody would be the owner of every value that nobody has claimed.
function checkOwner(owner: unknown): void {
    if (typeof owner === 'string' && owner !== '') return;
    throw new ChaincodeError(
        'CHAINCODE_SETUP_INVALID',
        'the owner is empty; say who claims the value',
    );
}

/** Values that may exist once, and who has claimed them. Made by {@link uniqueIndex}. */
export class UniqueIndex<P extends readonly AnyPart[]> {
    readonly #key: UniqueKey<string, P>;

    constructor(key: UniqueKey<string, P>) {
        this.#key = key;
    }

    /** Who has claimed the value, or undefined. */
    async owner(ctx: UnitContext, value: PartValues<P>): Promise<string | undefined> {
        const claim = await unitOfContext(ctx).getState(this.#key.build(value));
        if (claim.length === 0) return undefined;
        return (JSON.parse(claim.toString()) as { readonly owner: string }).owner;
    }

    /** Claims the value. The same owner may claim it again; of two claims at once Fabric commits one. */
    async claim(ctx: UnitContext, value: PartValues<P>, owner: string): Promise<void> {
        checkOwner(owner);
        const present = await this.owner(ctx, value);
        if (present === owner) return;
        if (present !== undefined) this.#refuse('is claimed already');
        await unitOfContext(ctx).putState(this.#key.build(value), canonicalJson({ owner }));
    }

    /** Gives the value up. */
    async release(ctx: UnitContext, value: PartValues<P>, owner: string): Promise<void> {
        checkOwner(owner);
        if ((await this.owner(ctx, value)) !== owner) this.#refuse('is not claimed by this owner');
        await unitOfContext(ctx).deleteState(this.#key.build(value));
    }

    #refuse(why: string): never {
        throw new ChaincodeError('CHAINCODE_CLAIM_TAKEN', `the value of ${this.#key.name} ${why}`);
    }
}

/** Makes an index of claims of a key from `defineUniqueKey`. */
export function uniqueIndex<const P extends readonly AnyPart[]>(
    key: UniqueKey<string, P>,
): UniqueIndex<P> {
    return new UniqueIndex(key);
}
