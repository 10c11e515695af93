import { applicationPolicy, type ChannelPolicies } from '../policy/channel-policies.js';
import type { Policy } from '../policy/policy.js';
import { SignaturePolicy } from '../policy/signature-policy.js';

// More than a network has policies, less than would matter; the oldest goes first.
const REMEMBERED_POLICIES = 1_000;

function textOf(bytes: Uint8Array): string {
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

/** Policies compiled from their bytes, each once. */
export class PolicyCache {
    readonly #channel: ChannelPolicies;
    readonly #known = new Map<string, Policy>();

    constructor(channel: ChannelPolicies) {
        this.#channel = channel;
    }

    #get(kind: string, bytes: Uint8Array, make: () => Policy): Policy {
        const key = kind + textOf(bytes);
        const known = this.#known.get(key);
        if (known !== undefined) return known;
        const made = make();
        if (this.#known.size >= REMEMBERED_POLICIES) {
            this.#known.delete(this.#known.keys().next().value ?? '');
        }
        this.#known.set(key, made);
        return made;
    }

    /** A chaincode's or collection's policy; the channel's default for no bytes. */
    application(bytes: Uint8Array): Policy {
        const given = bytes.length === 0 ? applicationPolicy() : bytes;
        return this.#get('a', given, () => this.#channel.resolve(given));
    }

    /** A key's policy. */
    signature(bytes: Uint8Array): Policy {
        return this.#get('s', bytes, () => SignaturePolicy.fromBytes(bytes));
    }
}
