import type { Candidate } from './peer-pool.js';

/** What is asked of its height. */
export type Asked = Pick<Candidate, 'height' | 'health'>;

/** A peer that was asked is not asked again sooner. */
const pauseMs = 250;

/**
 * How far a peer is in the chain is known of those that blocks and verdicts came from, and only as
 * long as they can be reached. When none of them can, the others are asked: without that, everything
 * would wait for the one that is gone.
 */
export class HeightQuestions<T extends Asked> {
    readonly #peers: readonly T[];
    readonly #ask: (peer: T, height: bigint) => Promise<unknown>;
    readonly #askedAt = new Map<T, number>();
    #asking: Promise<unknown> | undefined;

    /** @param ask - raises the peer's height; may fail, which is for the calls that follow to find out */
    constructor(peers: readonly T[], ask: (peer: T, height: bigint) => Promise<unknown>) {
        this.#peers = peers;
        this.#ask = ask;
    }

    /** Resolves when a peer that can be reached is known to have these blocks, or all were asked. */
    async learn(height = 0n): Promise<void> {
        const reachable = this.#peers.filter(({ health }) => health.available());
        if (reachable.length === 0 || reachable.some((peer) => peer.height >= height)) return;
        this.#asking ??= this.#askAll(reachable, height).finally(() => {
            this.#asking = undefined;
        });
        await this.#asking;
    }

    async #askAll(peers: readonly T[], height: bigint): Promise<void> {
        const now = performance.now();
        const due = peers.filter((peer) => (this.#askedAt.get(peer) ?? -Infinity) + pauseMs <= now);
        for (const peer of due) this.#askedAt.set(peer, now);
        await Promise.allSettled(due.map((peer) => this.#ask(peer, height)));
    }
}
