import type { PrivateWrites } from '../ledger/simulation.js';

/** How many blocks private data of a transaction that is never submitted is kept for. */
const BLOCKS_KEPT = 1000;

interface Kept {
    readonly writes: readonly PrivateWrites[];
    readonly height: number;
}

/** Private data between endorsement and commit: it never travels with the transaction. */
export class TransientStore {
    readonly #kept = new Map<string, Kept>();

    put(txId: string, writes: readonly PrivateWrites[], height: number): void {
        if (writes.length === 0) return;
        this.#kept.delete(txId);
        this.#kept.set(txId, { writes, height });
    }

    /** The private data of those transactions, and forgets it. */
    take(txIds: Iterable<string>): Map<string, readonly PrivateWrites[]> {
        const taken = new Map<string, readonly PrivateWrites[]>();
        for (const txId of txIds) {
            const kept = this.#kept.get(txId);
            if (kept === undefined) continue;
            taken.set(txId, kept.writes);
            this.#kept.delete(txId);
        }
        return taken;
    }

    /** Forgets what was endorsed too long ago to be expected any more. */
    forgetBefore(height: number): void {
        for (const [txId, kept] of this.#kept) {
            if (kept.height > height - BLOCKS_KEPT) return;
            this.#kept.delete(txId);
        }
    }
}
