import { connect, type Gateway } from '@hyperledger/fabric-gateway';
import { dial, watchSilence, type NetworkNode } from '@goodput/network';
import type { GatewayError } from '../errors.js';
import { classify } from '../failure/classify.js';
import { BlockFeed, type BlockSummary } from './block-feed.js';
import { filteredBlocks, wholeBlocks } from './block-streams.js';
import { CommitTracker } from './commit-tracker.js';
import type { ConcurrencyBounds } from './concurrency-limit.js';
import {
    channelHeight,
    commitStatusCall,
    endorseCall,
    evaluateCall,
    submitCall,
    type Deadline,
} from './official-calls.js';
import { lastingTrouble } from './lasting-trouble.js';
import { HeightQuestions } from './height-questions.js';
import { choosePeer } from './peer-pool.js';
import { Peer } from './peer.js';
import { expiryTeller, type Signing } from './signing.js';
import type {
    Call,
    CallLimits,
    CommitWatch,
    Endorsed,
    PeerWish,
    TransactionStatus,
    Transport,
} from './transport.js';

/** What a transport is made of. */
export interface FabricTransportOptions {
    readonly channel: string;
    readonly peers: readonly NetworkNode[];
    readonly signing: Signing;
    readonly concurrency: ConcurrencyBounds;
    /** Whether blocks are needed with what was written, not only with their verdicts. */
    readonly wholeBlocks: boolean;
    /** Wait for a block before a verdict is asked for, in milliseconds. */
    readonly stallMs: number;
    readonly onBlock?: (block: BlockSummary) => void;
    readonly onFeed?: (state: 'live' | 'broken', error?: unknown) => void;
    /** A connection was dead without anybody having been told, and is made anew. */
    readonly onSilent?: (peer: string) => void;
}

/** Owners of calls that are no chaincode's: questions must not keep anything from being sent. */
const forSubmitting = '(submit)';
const forAsking = '(status)';

const connectMs = 10_000;
const askMs = 5_000;

function deadline({ timeoutMs }: Pick<CallLimits, 'timeoutMs'>): Deadline {
    return { deadline: Date.now() + timeoutMs };
}

/** A stock Fabric channel, through the official client on every peer of the profile. */
export class FabricTransport implements Transport {
    readonly peers: readonly Peer[];
    readonly feed: BlockFeed;
    readonly tracker: CommitTracker;
    readonly #options: FabricTransportOptions;
    readonly #expired: (cause: unknown) => GatewayError | undefined;
    readonly #heights: HeightQuestions<Peer>;
    #feedPeer: Peer | undefined;
    #asked = 0n;

    private constructor(options: FabricTransportOptions, peers: readonly Peer[], height?: bigint) {
        this.#options = options;
        this.peers = peers;
        this.#expired = expiryTeller(Buffer.from(options.signing.identity.credentials).toString());
        this.#heights = new HeightQuestions(peers, (peer, height) =>
            heightOf(peer, options.channel).catch((error: unknown) => {
                // One that must not tell is taken to have what is needed: else nobody would serve.
                if (isClosedToClients(classify('evaluate', error).error)) raise(peer, height);
            }),
        );
        this.tracker = new CommitTracker({
            stallMs: options.stallMs,
            ask: (transactionId) => this.#ask(transactionId, askMs),
        });
        this.feed = new BlockFeed(
            {
                open: (start) => {
                    const peer = (this.#feedPeer = choosePeer(this.peers));
                    const open = options.wholeBlocks ? wholeBlocks : filteredBlocks;
                    return open(peer.gateway, options.channel, start);
                },
                onBlock: (block) => {
                    this.#block(block);
                },
                onState: (state, error) => {
                    const refused = this.feed.trouble !== undefined;
                    if (state === 'broken' && error !== undefined && !refused) {
                        this.#feedPeer?.health.unreachable();
                    }
                    options.onFeed?.(state, error);
                },
                lasting: (error) => lastingTrouble(error, this.#expired),
            },
            height,
        );
    }

    /** Connects to every peer, asks one for the height, and follows the blocks from there. */
    static async open(options: FabricTransportOptions): Promise<FabricTransport> {
        const peers = options.peers.map((node) => {
            const onSilent = (): void => {
                peer.silences += 1;
                options.onSilent?.(node.name);
            };
            const client = dial(node, {
                'grpc.initial_reconnect_backoff_ms': 100,
                'grpc.max_reconnect_backoff_ms': 2_000,
                ...watchSilence({ onSilent }),
            });
            const gateway = connect({ client, ...options.signing });
            const peer = new Peer({ name: node.name, client, gateway }, options.concurrency);
            return peer;
        });
        try {
            const height = await firstHeight(peers, options.channel);
            const transport = new FabricTransport(options, peers, height);
            transport.feed.start();
            return transport;
        } catch (error) {
            for (const peer of peers) peer.close();
            throw error;
        }
    }

    /** Also what a peer was asked for counts: the stream may be behind. */
    get height(): bigint {
        const { height } = this.feed;
        return this.#asked > height ? this.#asked : height;
    }

    /**
     * Whether the stream has shown every block that is known to exist. A verdict that was asked for may
     * be ahead of it, and with that what was written.
     */
    get current(): boolean {
        return this.feed.live && this.feed.height >= this.height;
    }

    /** A peer to make official calls on; the least loaded one. */
    peer(wish?: PeerWish): Peer {
        return choosePeer(this.peers, wish);
    }

    async endorse(call: Call, limits: CallLimits): Promise<Endorsed> {
        const { channel } = this.#options;
        await this.#heights.learn(limits.minHeight);
        const peer = this.peer(limits);
        const ask = (gateway: Gateway): Promise<Endorsed> =>
            endorseCall(gateway, channel, call, deadline(limits));
        const endorsed = await this.#asIdentity(peer.call(ask, call.chaincode));
        return { ...endorsed, peer: peer.name };
    }

    submit(endorsed: Pick<Endorsed, 'bytes'>, limits: CallLimits): Promise<void> {
        return this.peer().call(
            (gateway) => submitCall(gateway, endorsed.bytes, deadline(limits)),
            forSubmitting,
        );
    }

    async evaluate(call: Call, limits: CallLimits): Promise<Uint8Array> {
        const { channel } = this.#options;
        const ask = (gateway: Gateway): Promise<Uint8Array> =>
            evaluateCall(gateway, channel, call, deadline(limits));
        await this.#heights.learn(limits.minHeight);
        return this.#asIdentity(this.peer(limits).call(ask, call.chaincode));
    }

    watch(transactionId: string): CommitWatch {
        return this.tracker.watch(transactionId);
    }

    async lookup(
        transactionId: string,
        limits: CallLimits,
    ): Promise<TransactionStatus | undefined> {
        return this.tracker.recent(transactionId) ?? this.#ask(transactionId, limits.timeoutMs);
    }

    async close(): Promise<void> {
        await this.feed.close();
        this.tracker.close();
        for (const peer of this.peers) peer.close();
    }

    /** A call without effect. One that fails after the certificate has expired is not worth repeating. */
    async #asIdentity<T>(call: Promise<T>): Promise<T> {
        try {
            return await call;
        } catch (error) {
            throw this.#expired(error) ?? error;
        }
    }

    async #ask(transactionId: string, timeoutMs: number): Promise<TransactionStatus | undefined> {
        const { channel, signing } = this.#options;
        const peer = this.peer();
        const request = { channel, transactionId, identity: signing.identity };
        const status = await peer.call(
            (gateway) => commitStatusCall(gateway, request, deadline({ timeoutMs })),
            forAsking,
        );
        if (status !== undefined) this.#committed(peer, status.blockNumber + 1n);
        return status;
    }

    #committed(peer: Peer, height: bigint): void {
        raise(peer, height);
        if (height > this.#asked) this.#asked = height;
        if (this.feed.knownHeight(height)) this.#feedPeer?.health.unreachable();
    }

    #block(block: BlockSummary): void {
        if (this.#feedPeer !== undefined) raise(this.#feedPeer, block.number + 1n);
        this.#options.onBlock?.(block);
        this.tracker.block(block);
    }
}

/** Asks a peer how many blocks it has, and remembers the answer. */
async function heightOf(peer: Peer, channel: string): Promise<bigint> {
    const limit = deadline({ timeoutMs: connectMs });
    const ask = (gateway: Gateway): Promise<bigint> => channelHeight(gateway, channel, limit);
    const height = await peer.call(ask, forAsking);
    raise(peer, height);
    return height;
}

function raise(peer: Peer, height: bigint): void {
    if (height > peer.height) peer.height = height;
}

/**
 * Asks the peers in turn; undefined when none may tell (a channel may close its query chaincode to
 * clients), in which case blocks are followed from the next one on.
 */
async function firstHeight(peers: readonly Peer[], channel: string): Promise<bigint | undefined> {
    let last: ReturnType<typeof classify> | undefined;
    for (const peer of peers) {
        try {
            return await heightOf(peer, channel);
        } catch (error) {
            const failure = classify('evaluate', error);
            // A peer that answers tells more than one that does not.
            if (last === undefined || isSilence(last.error)) last = failure;
        }
    }
    if (last !== undefined && isClosedToClients(last.error)) return undefined;
    throw last?.error ?? new Error('The profile names no peer.');
}

function isSilence({ code }: GatewayError): boolean {
    return code === 'GATEWAY_UNAVAILABLE' || code === 'GATEWAY_TIMED_OUT';
}

/** Whether the channel does not let its clients ask for its height. */
function isClosedToClients({ code, message }: GatewayError): boolean {
    return code === 'GATEWAY_PERMISSION_DENIED' && !/identity|creator/iu.test(message);
}
