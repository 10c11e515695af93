import type { JsonValue } from './canonical-json.js';
import { ContractError, isErrorCode } from './errors.js';
import type { PhiGuard } from './phi-guard.js';
import { parseContractError } from './wire.js';

/** What was thrown as an error with a message, whatever it was: one operation's must not end a batch. */
function asError(thrown: unknown): Error {
    try {
        if (!(thrown instanceof Error)) return new Error(String(thrown));
        const message: unknown = thrown.message;
        return typeof message === 'string' ? thrown : new Error(String(message), { cause: thrown });
    } catch {
        return new Error('something was thrown that cannot be told as text', { cause: thrown });
    }
}

/**
 * The error with its code in its message, which is all that Fabric passes on. Errors of other packages
 * carry a code as well, e.g. those of `@goodput/keys`; an error without one is left as it is.
 */
export function codedError(thrown: unknown): Error {
    if (thrown instanceof ContractError) return thrown;
    const error = asError(thrown);
    const { code } = error as { readonly code?: unknown };
    if (!isErrorCode(code) || parseContractError(error.message).code === code) return error;
    return new ContractError(code, error.message, undefined, { cause: error });
}

/** {@link codedError} without the protected health information the transaction has handled. */
export function clientError(thrown: unknown, phi: PhiGuard | undefined): Error {
    const error = codedError(thrown);
    if (phi === undefined || phi.redact(error.message) === error.message) return error;
    if (!(error instanceof ContractError)) {
        return new Error(phi.redact(error.message), { cause: error });
    }
    const { details } = error;
    const clean =
        details === undefined
            ? undefined
            : (JSON.parse(phi.redact(JSON.stringify(details))) as JsonValue);
    return new ContractError(error.code, phi.redact(error.text), clean, { cause: error });
}
