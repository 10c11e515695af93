import type { AccessSet } from '@goodput/rwset';

/** Leave to submit. */
export interface Leave {
    /** Resolves when every reader of what this one writes is with the orderer. */
    readonly after: Promise<unknown>;
    /** To be called when this one is with the orderer, or will not be. */
    readonly acknowledged: () => void;
}

/** Transactions on their way to the orderer: a writer goes only after the readers ahead of it are there. */
export class Unacknowledged {
    readonly #readers = new Map<string, Set<Promise<void>>>();

    /** Gives leave to submit behind all that were given it before. */
    give({ reads, writes }: AccessSet): Leave {
        const before = new Set<Promise<void>>();
        for (const name of writes) {
            for (const reader of this.#readers.get(name) ?? []) before.add(reader);
        }
        let resolve: () => void = () => undefined;
        const acknowledgement = new Promise<void>((done) => {
            resolve = done;
        });
        for (const name of reads) {
            const readers = this.#readers.get(name);
            if (readers === undefined) this.#readers.set(name, new Set([acknowledgement]));
            else readers.add(acknowledgement);
        }
        const acknowledged = (): void => {
            for (const name of reads) {
                const readers = this.#readers.get(name);
                readers?.delete(acknowledgement);
                if (readers?.size === 0) this.#readers.delete(name);
            }
            resolve();
        };
        return { after: Promise.all(before), acknowledged };
    }
}
