import { verify, X509Certificate, type KeyObject } from 'node:crypto';
import { isLowS } from '@goodput/network';
import type { Member } from '../identity/member.js';
import { Membership } from '../identity/membership.js';
import type { SignedData } from '../policy/valid-signers.js';

/** How many signatures of a member are remembered; the oldest goes first. */
const REMEMBERED = 2000;

function text(signature: Uint8Array): string {
    return Buffer.from(signature).toString('latin1');
}

/** A member who remembers which signatures were found to be good. */
class RememberedMember {
    readonly member: Member;
    readonly #original: Member;
    /** The message each is of, kept whole: to compare it costs less than to hash it. */
    readonly #good = new Map<string, Uint8Array>();
    readonly #key: KeyObject;

    constructor(original: Member) {
        this.#original = original;
        this.#key = new X509Certificate(original.certificatePem).publicKey;
        this.member = {
            ...original,
            verify: (message, signature) => this.verify(message, signature),
        };
    }

    remember(message: Uint8Array, signature: Uint8Array): void {
        if (this.#good.size >= REMEMBERED) {
            this.#good.delete(this.#good.keys().next().value ?? '');
        }
        this.#good.set(text(signature), message);
    }

    verify(message: Uint8Array, signature: Uint8Array): boolean {
        const signed = this.#good.get(text(signature));
        if (signed !== undefined && Buffer.compare(signed, message) === 0) return true;
        return this.#original.verify(message, signature);
    }

    /** Verifies in another thread, and remembers if it is good. What is not is judged by `verify`. */
    prepare(message: Uint8Array, signature: Uint8Array): Promise<void> {
        if (this.#key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') return Promise.resolve();
        if (!isWellFormed(signature)) return Promise.resolve();
        return new Promise((resolve) => {
            verify('sha256', message, this.#key, signature, (error, good) => {
                if (error === null && good) this.remember(message, signature);
                resolve();
            });
        });
    }
}

function isWellFormed(signature: Uint8Array): boolean {
    try {
        return isLowS(signature);
    } catch {
        // Not DER: the answer to it is given where it is verified.
        return false;
    }
}

/**
 * The organisations of a channel for nodes of one process: a signature that one of them has made or
 * found to be good need not be verified again by another.
 */
export class RememberingMembership extends Membership {
    readonly #members = new WeakMap<Member, RememberedMember>();

    override validate(serialized: Uint8Array): Member {
        return this.#remembered(serialized).member;
    }

    /** Notes a signature that a node of this process has just made. */
    remember(signed: SignedData): void {
        this.#remembered(signed.identity).remember(signed.message, signed.signature);
    }

    /** Verifies a signature ahead, without holding up this thread. Strangers are passed over. */
    async prepare(signed: SignedData): Promise<void> {
        let member: RememberedMember;
        try {
            member = this.#remembered(signed.identity);
        } catch {
            // Whoever is no member is refused where the signature is looked at.
            return;
        }
        await member.prepare(signed.message, signed.signature);
    }

    #remembered(serialized: Uint8Array): RememberedMember {
        const original = super.validate(serialized);
        let member = this.#members.get(original);
        if (member === undefined) {
            member = new RememberedMember(original);
            this.#members.set(original, member);
        }
        return member;
    }
}
