import { canonicalJson, contentHash, type GoodputContext } from '@goodput/chaincode';
import { ContractsError } from '../errors.js';
import { auditKeys } from './keys.js';

/** The private collection detail is kept in. */
export const DETAIL_COLLECTION = 'auditDetail';
/** The name of the transient input detail comes as. */
export const DETAIL_TRANSIENT = 'auditDetail';

/**
 * Keeps the detail of an access, which must be erasable, in the private collection, and returns its hash for
 * the record. It comes as transient input `{ salt, detail }`; the salt keeps the hash from being guessed.
 */
export async function keepDetail(ctx: GoodputContext, tenant: string): Promise<string | undefined> {
    const bytes = ctx.stub.getTransient().get(DETAIL_TRANSIENT);
    if (bytes === undefined || bytes.length === 0) return undefined;
    const given = parse(bytes);
    const { salt } = given;
    if (typeof salt !== 'string' || salt.length < 16 || !('detail' in given)) {
        throw new ContractsError(
            'AUDIT_RECORD_INVALID',
            'detail comes as { salt, detail } with a salt of at least 16 characters',
        );
    }
    const text = canonicalJson(given);
    const hash = contentHash(text);
    await ctx.stub.putPrivateData(
        DETAIL_COLLECTION,
        auditKeys.detail.build({ tenant, hash }),
        text,
    );
    return hash;
}

function parse(bytes: Uint8Array): Record<string, unknown> {
    try {
        const value: unknown = JSON.parse(Buffer.from(bytes).toString());
        if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
    } catch {
        // Falls through: what the parser would say of it quotes it.
    }
    throw new ContractsError('AUDIT_RECORD_INVALID', 'the detail is not a JSON object');
}

/** Erases a detail, its history included; the hash in the record stays. */
export async function eraseDetail(
    ctx: GoodputContext,
    tenant: string,
    hash: string,
): Promise<void> {
    await ctx.stub.purgePrivateData(DETAIL_COLLECTION, auditKeys.detail.build({ tenant, hash }));
}
