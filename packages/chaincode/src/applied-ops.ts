import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json.js';
import { ChaincodeError } from './errors.js';
import type { UnitOfWork } from './unit-of-work.js';

const OBJECT_TYPE = 'goodput.op';

/** What the ledger keeps of an operation that had an id. */
interface AppliedOp {
    /** Hash of the function and its arguments. */
    readonly f: string;
    /** The result. */
    readonly r: string | null;
    /** The transaction that applied it. */
    readonly tx: string;
}

/** The operations of one caller that were applied under an id. */
export class AppliedOps {
    readonly #unit: UnitOfWork;
    readonly #scope: readonly string[];

    /** @param scope - the contract and the caller: an id means nothing outside of both */
    constructor(unit: UnitOfWork, scope: readonly string[]) {
        this.#unit = unit;
        this.#scope = scope;
    }

    /** The recorded result of the operation, if it was applied before. */
    async find(
        id: string,
        call: readonly string[],
    ): Promise<{ readonly result: string | null } | undefined> {
        const bytes = await this.#unit.getState(this.#key(id));
        if (bytes.length === 0) return undefined;
        const applied = JSON.parse(bytes.toString()) as AppliedOp;
        if (applied.f !== fingerprint(call)) {
            throw new ChaincodeError(
                'CHAINCODE_OP_ID_REUSED',
                `the operation id ${JSON.stringify(id)} was applied with another function or other arguments`,
                { tx: applied.tx },
            );
        }
        return { result: applied.r };
    }

    /** Remembers the result of an operation that has been applied. */
    async record(id: string, call: readonly string[], result: string | null): Promise<void> {
        const applied: AppliedOp = { f: fingerprint(call), r: result, tx: this.#unit.getTxID() };
        await this.#unit.putState(this.#key(id), canonicalJson(applied));
    }

    #key(id: string): string {
        return this.#unit.createCompositeKey(OBJECT_TYPE, [...this.#scope, id]);
    }
}

function fingerprint(call: readonly string[]): string {
    return createHash('sha256').update(JSON.stringify(call)).digest('hex').slice(0, 32);
}
