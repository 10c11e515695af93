import { VALIDATION_CODES, type ValidationCodeName } from '@goodput/rwset';

/** Why a transaction is not valid: thrown within validation, and what becomes its verdict. */
export class Rejection extends Error {
    override readonly name = 'Rejection';
    readonly code: number;

    constructor(code: ValidationCodeName, why: string) {
        super(why);
        this.code = VALIDATION_CODES[code];
    }
}

/** Ends the validation of a transaction. */
export function reject(code: ValidationCodeName, why: string): never {
    throw new Rejection(code, why);
}

/** What `read` gives; if that cannot be had from the bytes at hand, the transaction is rejected. */
export function readOr<T>(code: ValidationCodeName, what: string, read: () => T): T {
    try {
        return read();
    } catch (error) {
        if (error instanceof Rejection) throw error;
        return reject(code, `${what}: ${(error as Error).message}`);
    }
}
