import { msp } from '@hyperledger/fabric-protos';
import { DevnetError } from '../errors.js';
import type { Member } from './member.js';
import type { Msp } from './msp.js';

/** The organisations of a channel: finds the one an identity says it is of, and asks its MSP. */
export class Membership {
    readonly #msps: ReadonlyMap<string, Msp>;

    constructor(msps: Iterable<Msp>) {
        this.#msps = new Map([...msps].map((each) => [each.mspId, each]));
    }

    /** The MSP ids, in the order given. */
    get mspIds(): readonly string[] {
        return [...this.#msps.keys()];
    }

    /** The MSP of that id, if the channel has it. */
    msp(mspId: string): Msp | undefined {
        return this.#msps.get(mspId);
    }

    /** As {@link Msp.validate}, for an identity of any of the organisations. */
    validate(serialized: Uint8Array): Member {
        let mspId: string;
        try {
            mspId = msp.SerializedIdentity.deserializeBinary(serialized).getMspid();
        } catch (cause) {
            throw new DevnetError(
                'DEVNET_IDENTITY_INVALID',
                'could not deserialize a SerializedIdentity',
                { cause },
            );
        }
        const found = this.#msps.get(mspId);
        if (found === undefined) {
            throw new DevnetError(
                'DEVNET_IDENTITY_INVALID',
                `MSP ${mspId} is not defined on channel`,
            );
        }
        return found.validate(serialized);
    }
}
