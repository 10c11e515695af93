import type { Channel } from '../channel/channel.js';
import type { LedgerSnapshot } from '../ledger/ledger.js';

/** How far a peer lags: so many blocks, or so long. */
export type PeerLag = { readonly blocks: number } | { readonly delayMs: number };

interface Past {
    readonly snapshot: LedgerSnapshot;
    /** When it became what the others see. */
    readonly since: number;
}

/** What one peer sees of one channel while it lags. */
class LaggingView {
    readonly #channel: Channel;
    readonly #lag: PeerLag;
    readonly #forget: () => void;
    /** From the oldest on; the last is what the others see. */
    #pasts: Past[] = [];

    constructor(channel: Channel, lag: PeerLag) {
        this.#channel = channel;
        this.#lag = lag;
        this.#note();
        this.#forget = channel.ledger.onCommit(() => {
            this.#note();
        });
    }

    get seen(): LedgerSnapshot | undefined {
        if (this.#pasts.some(({ snapshot }) => snapshot.height > this.#channel.ledger.height)) {
            this.#note();
        }
        this.#drop();
        return this.#pasts[0]?.snapshot;
    }

    close(): void {
        this.#forget();
    }

    #note(): void {
        const snapshot = this.#channel.ledger.snapshot();
        // A ledger that went back has other blocks from there on.
        this.#pasts = this.#pasts.filter((each) => each.snapshot.height < snapshot.height);
        this.#pasts.push({ snapshot, since: performance.now() });
        this.#drop();
    }

    /** Drops what the peer has got beyond. */
    #drop(): void {
        const now = performance.now();
        const isReached = (index: number): boolean => {
            const past = this.#pasts[index];
            if (past === undefined) return false;
            return 'blocks' in this.#lag
                ? this.#pasts.length - 1 - index >= this.#lag.blocks
                : now - past.since >= this.#lag.delayMs;
        };
        while (isReached(1)) this.#pasts.shift();
    }
}

/** A peer that lags behind the others, from when it begins until it is closed. */
export class LaggingPeer {
    readonly peer: string;
    readonly #lag: PeerLag;
    readonly #views = new Map<Channel, LaggingView>();

    constructor(peer: string, lag: PeerLag, channels: Iterable<Channel>) {
        this.peer = peer;
        this.#lag = lag;
        for (const channel of channels) this.viewOf(channel);
    }

    /** What the peer sees of the channel; of one that is new, from when it is first asked. */
    viewOf(channel: Channel): LedgerSnapshot | undefined {
        let view = this.#views.get(channel);
        if (view === undefined) {
            view = new LaggingView(channel, this.#lag);
            this.#views.set(channel, view);
        }
        return view.seen;
    }

    close(): void {
        for (const view of this.#views.values()) view.close();
        this.#views.clear();
    }
}
