import { setTimeout as delay } from 'node:timers/promises';
import { DevnetError } from '../errors.js';
import type { Listener } from '../network/listener.js';
import type { Channel } from '../channel/channel.js';
import type { LedgerSnapshot } from '../ledger/ledger.js';
import { LaggingPeer, type PeerLag } from './lagging-peer.js';
import { LastingFaults } from './lasting-faults.js';

/** A node that can be taken down. */
export interface FaultyNode {
    readonly name: string;
    readonly listener: Listener;
    /** Ends the node's connections to its chaincodes. */
    readonly disconnect: () => void;
}

/** Timers of Node.js take no more. */
const LONGEST_MS = 2 ** 31 - 1;
/** So many earlier states are kept for a peer that lags. */
const MOST_BLOCKS = 1000;
/** More copies of a block tell no more, and would fill the memory of who reads slowly. */
const MOST_COPIES = 1000;

/** What peers see. */
export interface FaultyLedgers {
    readonly channels: ReadonlyMap<string, Channel>;
    /** Whether an earlier state can be read. */
    readonly keepPast: boolean;
}

interface EndorserFault {
    /** Name of the peer; every peer where there is none. */
    readonly peer: string | undefined;
    readonly delayMs: number;
    readonly message: string | undefined;
}

/**
 * Things that go wrong on request. What lasts is ended by the function it returns, or all at once by
 * {@link Faults.clear}; what waits because of it goes on then.
 *
 * @example
 * ```ts
 * const repair = network.faults.failEndorser({ peer: 'peer0.org2.example.com' });
 * // … the client must cope …
 * repair();
 * ```
 */
export class Faults {
    readonly #endorsers = new LastingFaults<EndorserFault>();
    readonly #blockDelays = new LastingFaults<number>();
    readonly #copies = new LastingFaults<number>();
    readonly #ordererStops = new LastingFaults<true>();
    readonly #lagging = new LastingFaults<LaggingPeer>();
    #nodes: readonly FaultyNode[] = [];
    #ledgers: FaultyLedgers = { channels: new Map(), keepPast: true };

    /** @internal */
    attach(nodes: readonly FaultyNode[], ledgers: FaultyLedgers): void {
        this.#nodes = nodes;
        this.#ledgers = ledgers;
    }

    /** Has a peer, or all, wait before they run a proposal. */
    slowEndorser(fault: { readonly delayMs: number; readonly peer?: string }): () => void {
        checkDelay('delayMs', fault.delayMs);
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

    /**
     * Has a peer lag behind the others by so many blocks, or so long: as on a real network, where peers are
     * a block apart for a moment, its endorsements of a busy key are not those of the others. It runs
     * chaincodes on the state as it was then; what it delivers, and what has become of a transaction, it
     * says at once. Of several lags of a peer the latest counts.
     *
     * @example
     * ```ts
     * const repair = network.faults.lagPeer({ peer: 'peer0.org2.example.com', blocks: 1 });
     * // … endorsements by both organisations of what the last block wrote do not match …
     * repair();
     * ```
     */
    lagPeer(fault: { readonly peer: string } & PeerLag): () => void {
        const { peer, ...lag } = fault;
        this.#checkNamed(peer);
        checkLag(lag);
        const { channels, keepPast } = this.#ledgers;
        if (!keepPast) {
            throw new DevnetError(
                'DEVNET_OPTION_INVALID',
                'A peer whose state is in a CouchDB cannot lag: there is one state, the one there is. Start the network without couchdbUrl.',
            );
        }
        const lagging = new LaggingPeer(peer, lag, channels.values());
        return this.#lagging.begin(lagging, () => {
            lagging.close();
        });
    }

    /** Takes the ordering service down: nothing can be submitted. */
    stopOrderer(): () => void {
        return this.#ordererStops.begin(true);
    }

    /** Has every block wait before it is committed; of several delays all count. */
    delayBlocks(delayMs: number): () => void {
        checkDelay('delayMs', delayMs);
        return this.#blockDelays.begin(delayMs);
    }

    /** Has every block be delivered so many times. */
    duplicateDelivery(copies = 2): () => void {
        checkCount('copies', copies, { least: 1, most: MOST_COPIES });
        return this.#copies.begin(copies);
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
        checkDelay('downMs', downMs);
        const nodes = this.#chosen(peer);
        for (const { listener, disconnect } of nodes) {
            await listener.stop();
            disconnect();
        }
        if (downMs > 0) await delay(downMs, undefined, { ref: false });
        for (const { listener } of nodes) await listener.start();
    }

    /** Ends every fault that lasts. */
    clear(): void {
        this.#endorsers.clear();
        this.#blockDelays.clear();
        this.#copies.clear();
        this.#ordererStops.clear();
        this.#lagging.clear();
    }

    /** @internal */
    get isOrdererDown(): boolean {
        return this.#ordererStops.current.length > 0;
    }

    /** @internal What a peer sees of a channel, if not what it is. */
    viewOf(peerName: string, channel: Channel): LedgerSnapshot | undefined {
        const lagging = this.#lagging.current.findLast(({ peer }) => peer === peerName);
        return lagging?.viewOf(channel);
    }

    /** @internal */
    get copiesOfBlocks(): number {
        return Math.max(1, ...this.#copies.current);
    }

    /** @internal */
    async beforeProposal(peerName: string): Promise<void> {
        const concerns = ({ peer }: EndorserFault): boolean =>
            peer === undefined || peer === peerName;
        await this.#endorsers.wait((fault) => (concerns(fault) ? fault.delayMs : 0));
        for (const fault of this.#endorsers.current) {
            if (concerns(fault) && fault.message !== undefined) throw new Error(fault.message);
        }
    }

    /** @internal */
    async beforeCommit(): Promise<void> {
        await this.#blockDelays.wait((delayMs) => delayMs);
    }

    #addEndorserFault(fault: EndorserFault): () => void {
        if (fault.peer !== undefined) this.#chosen(fault.peer);
        return this.#endorsers.begin(fault);
    }

    #checkNamed(peer: string | undefined): void {
        if (peer !== undefined) {
            this.#chosen(peer);
            return;
        }
        throw new DevnetError(
            'DEVNET_OPTION_INVALID',
            'A fault of one peer names the peer: where all lag, nobody does.',
        );
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

function checkLag(lag: PeerLag): void {
    const given: { readonly blocks?: number; readonly delayMs?: number } = lag;
    if ((given.blocks === undefined) === (given.delayMs === undefined)) {
        throw new DevnetError(
            'DEVNET_OPTION_INVALID',
            `A peer lags by blocks or by delayMs, one of the two; got ${JSON.stringify(given)}.`,
        );
    }
    if (given.delayMs !== undefined) checkDelay('delayMs', given.delayMs);
    if (given.blocks === undefined) return;
    checkCount('blocks', given.blocks, { least: 1, most: MOST_BLOCKS });
}

function checkDelay(what: string, value: number): void {
    checkCount(what, value, { least: 0, most: LONGEST_MS });
}

function checkCount(
    what: string,
    value: number,
    { least, most }: { readonly least: number; readonly most: number },
): void {
    if (Number.isInteger(value) && value >= least && value <= most) return;
    throw new DevnetError(
        'DEVNET_OPTION_INVALID',
        `${what} must be a whole number from ${least} to ${most}; got ${JSON.stringify(value)}.`,
    );
}
