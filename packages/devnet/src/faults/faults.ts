import { setTimeout as delay } from 'node:timers/promises';
import { DevnetError } from '../errors.js';
import type { Listener } from '../network/listener.js';

/** A node that can be taken down. */
export interface FaultyNode {
    readonly name: string;
    readonly listener: Listener;
    /** Ends the node's connections to its chaincodes. */
    readonly disconnect: () => void;
}

interface EndorserFault {
    /** Name of the peer; every peer where there is none. */
    readonly peer: string | undefined;
    readonly delayMs: number;
    readonly message: string | undefined;
}

/**
 * Things that go wrong on request. What lasts is ended by the function it returns, or all at once by
 * {@link Faults.clear}.
 *
 * @example
 * ```ts
 * const repair = network.faults.failEndorser({ peer: 'peer0.org2.example.com' });
 * // … the client must cope …
 * repair();
 * ```
 */
export class Faults {
    readonly #endorsers = new Set<EndorserFault>();
    readonly #blockDelays = new Set<number[]>();
    readonly #copies = new Set<number[]>();
    #ordererDown = 0;
    #nodes: readonly FaultyNode[] = [];

    /** @internal */
    attach(nodes: readonly FaultyNode[]): void {
        this.#nodes = nodes;
    }

    /** Has a peer, or all, wait before they run a proposal. */
    slowEndorser(fault: { readonly delayMs: number; readonly peer?: string }): () => void {
        return this.#addEndorserFault({
            peer: fault.peer,
            delayMs: fault.delayMs,
            message: undefined,
        });
    }

    /** Has a peer, or all, fail proposals. */
    failEndorser(fault: { readonly peer?: string; readonly message?: string } = {}): () => void {
        return this.#addEndorserFault({
            peer: fault.peer,
            delayMs: 0,
            message: fault.message ?? 'the endorser fails on request',
        });
    }

    /** Takes the ordering service down: nothing can be submitted. */
    stopOrderer(): () => void {
        this.#ordererDown += 1;
        return once(() => {
            this.#ordererDown -= 1;
        });
    }

    /** Has every block wait before it is committed. */
    delayBlocks(delayMs: number): () => void {
        return add(this.#blockDelays, [delayMs]);
    }

    /** Has every block be delivered so many times. */
    duplicateDelivery(copies = 2): () => void {
        return add(this.#copies, [copies]);
    }

    /** Ends the connections of a peer, or of all, which can be made again at once. */
    async dropConnections(peer?: string): Promise<void> {
        for (const { listener } of this.#chosen(peer)) {
            await listener.stop();
            await listener.start();
        }
    }

    /** Takes a peer, or all, down for a while: calls find nobody, and chaincodes are dialled anew. */
    async restartPeer(peer?: string, downMs = 0): Promise<void> {
        const nodes = this.#chosen(peer);
        for (const { listener, disconnect } of nodes) {
            await listener.stop();
            disconnect();
        }
        if (downMs > 0) await delay(downMs);
        for (const { listener } of nodes) await listener.start();
    }

    /** Ends every fault that lasts. */
    clear(): void {
        this.#endorsers.clear();
        this.#blockDelays.clear();
        this.#copies.clear();
        this.#ordererDown = 0;
    }

    /** @internal */
    get isOrdererDown(): boolean {
        return this.#ordererDown > 0;
    }

    /** @internal */
    get copiesOfBlocks(): number {
        return Math.max(1, ...[...this.#copies].flat());
    }

    /** @internal */
    async beforeProposal(peerName: string): Promise<void> {
        for (const { peer, delayMs, message } of this.#endorsers) {
            if (peer !== undefined && peer !== peerName) continue;
            if (delayMs > 0) await delay(delayMs, undefined, { ref: false });
            if (message !== undefined) throw new Error(message);
        }
    }

    /** @internal */
    async beforeCommit(): Promise<void> {
        const delayMs = Math.max(0, ...[...this.#blockDelays].flat());
        if (delayMs > 0) await delay(delayMs);
    }

    #addEndorserFault(fault: EndorserFault): () => void {
        if (fault.peer !== undefined) this.#chosen(fault.peer);
        return add(this.#endorsers, fault);
    }

    #chosen(peer: string | undefined): readonly FaultyNode[] {
        const chosen = this.#nodes.filter(({ name }) => peer === undefined || name === peer);
        if (chosen.length > 0) return chosen;
        const known = this.#nodes.map(({ name }) => name).join(', ');
        throw new DevnetError(
            'DEVNET_OPTION_INVALID',
            `The network has no peer ${JSON.stringify(peer)}; it has ${known}.`,
        );
    }
}

function add<T>(set: Set<T>, item: T): () => void {
    set.add(item);
    return () => {
        set.delete(item);
    };
}

function once(action: () => void): () => void {
    let done = false;
    return () => {
        if (!done) action();
        done = true;
    };
}
