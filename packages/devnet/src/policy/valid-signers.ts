import { DevnetError } from '../errors.js';
import type { Member } from '../identity/member.js';
import type { Membership } from '../identity/membership.js';

/** A signature, what it is over and who is said to have made it. */
export interface SignedData {
    readonly message: Uint8Array;
    /** `msp.SerializedIdentity` */
    readonly identity: Uint8Array;
    readonly signature: Uint8Array;
}

/**
 * Those whose signatures are valid, each once however often they signed, in the order given: what a
 * policy is asked about. Signatures of strangers, and wrong ones, are passed over.
 */
export function validSigners(
    signatures: readonly SignedData[],
    membership: Membership,
): readonly Member[] {
    const signers = new Map<string, Member>();
    for (const { message, identity, signature } of signatures) {
        const member = memberOf(identity, membership);
        if (member === undefined || signers.has(member.identifier)) continue;
        if (member.verify(message, signature)) signers.set(member.identifier, member);
    }
    return [...signers.values()];
}

function memberOf(identity: Uint8Array, membership: Membership): Member | undefined {
    try {
        return membership.validate(identity);
    } catch (error) {
        if (error instanceof DevnetError) return undefined; // a stranger counts for nothing
        throw error;
    }
}
