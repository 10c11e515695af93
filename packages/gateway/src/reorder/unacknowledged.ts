import type { AccessSet } from '@goodput/rwset';
import { PendingNames } from './pending-names.js';

/** Leave to submit. */
export interface Leave {
    /** Resolves when every reader of what this one writes is with the orderer. */
    readonly after: Promise<unknown>;
    /** To be called when this one is with the orderer, or will not be. */
    readonly acknowledged: () => void;
}

/** Transactions on their way to the orderer: a writer goes only after the readers ahead of it are there. */
export class Unacknowledged {
    readonly #readers = new PendingNames();

    /** Gives leave to submit behind all that were given it before. */
    give({ reads, writes }: AccessSet): Leave {
        const after = Promise.all(this.#readers.of(writes));
        return { after, acknowledged: this.#readers.begin(reads) };
    }
}
