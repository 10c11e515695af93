import type { Gateway } from '@hyperledger/fabric-gateway';
import type { Network } from '@goodput/network';
import type { Block } from '@goodput/rwset';
import type { Registry } from 'prom-client';
import { CheckpointFile } from '../events/checkpoint-file.js';
import { blockEvents, chaincodeEvents, type ContractEvent } from '../events/event-sources.js';
import { EventStream, type EventStreamOptions, type OpenStream } from '../events/event-stream.js';
import { GatewayError } from '../errors.js';
import { assertMetadata, contractOf } from '../types/metadata.js';
import { typedContract, type ContractTypes, type TypedContract } from '../types/typed-contract.js';
import { classify } from '../failure/classify.js';
import { backoffMs, retryPolicy, type RetryPolicy } from '../failure/retry-policy.js';
import { BatchCapabilities } from '../merge/batch-capability.js';
import { readBatchBounds, wireCodec } from '../merge/wire-codec.js';
import { LogObserver } from '../observe/log.js';
import { silentLogger, type Logger } from '../observe/logger.js';
import { Metrics } from '../observe/metrics.js';
import { StatsCounter, type ClientStats, type PeerStats } from '../observe/stats.js';
import { Tracing, type TracerLike } from '../observe/tracing.js';
import type { Outbox } from '../outbox/outbox.js';
import { OutboxKeeper } from '../outbox/outbox-keeper.js';
import type { OperationRecord } from '../outbox/record.js';
import { recover } from '../outbox/recover.js';
import { pause, refusal } from '../queue/cancellation.js';
import { CachedReads } from '../reads/cached-reads.js';
import { ReadCache } from '../reads/read-cache.js';
import { SharedReads } from '../reads/shared-reads.js';
import { changesOf, KnownWrites } from '../reorder/known-writes.js';
import { endorse } from '../strategy/run-transaction.js';
import type { BlockSummary } from '../transport/block-feed.js';
import type { Peer } from '../transport/peer.js';
import type { FabricTransport } from '../transport/fabric-transport.js';
import type { Call } from '../transport/transport.js';
import { Contract } from './contract.js';
import { Engine, type Explanation, type Submittal } from './engine.js';
import type {
    CacheRule,
    ClientOptions,
    ContractOptions,
    EvaluateOptions,
    Settings,
} from './options.js';
import type { Ticket } from './ticket.js';

/** What {@link Client} is made of. */
export interface ClientParts {
    readonly network: Network;
    readonly options: ClientOptions;
    readonly settings: Settings;
    readonly transport: FabricTransport;
    readonly outbox?: Outbox;
    readonly records?: readonly OperationRecord[];
    readonly tracer?: TracerLike;
    readonly known?: KnownWrites;
    readonly blocks: BlockListeners;
}

/** Set once the client exists; the transport calls what is here. */
export interface BlockListeners {
    onBlock?: (block: BlockSummary) => void;
    onFeed?: (state: 'live' | 'broken', error?: unknown) => void;
}

/** How events are consumed. */
export interface EventOptions<T> extends Omit<EventStreamOptions<T>, 'checkpoint'> {
    /** A file, or an object that keeps the position where you like. */
    readonly checkpoint?: string | EventStreamOptions<T>['checkpoint'];
}

/** Longest wait for a contract's metadata before it is taken for one without. */
const metadataMs = 5_000;

/** A connection to one channel as one identity. Make one per process and keep it. */
export class Client implements AsyncDisposable {
    readonly #network: Network;
    readonly #settings: Settings;
    readonly #transport: FabricTransport;
    readonly #retry: RetryPolicy;
    readonly #engine: Engine;
    readonly #outbox: Outbox | undefined;
    readonly #counter = new StatsCounter();
    readonly #reads: CachedReads;
    readonly #shared: SharedReads;
    readonly #streams = new Set<{ close(): Promise<void> }>();
    /** Prometheus metrics of this client; add them to your own registry or serve them as they are. */
    readonly metrics: Registry;
    readonly #capabilities = new BatchCapabilities(
        (call) => this.#evaluateNow(call, { timeoutMs: metadataMs }),
        readBatchBounds,
    );
    #recovering: Promise<number> = Promise.resolve(0);
    #closing: Promise<void> | undefined;

    /** @internal */
    constructor(parts: ClientParts) {
        this.#network = parts.network;
        this.#settings = parts.settings;
        this.#transport = parts.transport;
        this.#retry = retryPolicy(parts.options.retry);
        this.#outbox = parts.outbox;
        const logger = parts.options.logger ?? silentLogger;
        const keeper =
            parts.outbox &&
            new OutboxKeeper(parts.outbox, parts.records ?? [], (error) => {
                logger.error({ error }, 'the outbox could not be written');
            });
        const metrics = new Metrics(() => this.stats());
        this.metrics = metrics.registry;
        const { transport } = parts;
        this.#shared = new SharedReads((call, options) => this.#evaluateNow(call, options));
        this.#reads = this.#cachedReads(parts, logger);
        parts.blocks.onBlock = (block) => {
            this.#block(block, parts.known);
        };
        parts.blocks.onFeed = (state, error) => {
            // What was missed meanwhile comes first when blocks come again.
            if (state === 'broken') logger.warn({ error }, 'the block stream broke');
            else logger.info({ height: transport.height.toString() }, 'blocks are coming in');
        };
        this.#engine = new Engine({
            transport: parts.transport,
            settings: parts.settings,
            retry: this.#retry,
            codec: wireCodec,
            capabilities: this.#capabilities,
            ...(keeper && { keeper }),
            ...(parts.known && { knownWrites: parts.known }),
            observers: [
                this.#counter,
                metrics,
                ...(parts.options.logger ? [new LogObserver(logger)] : []),
                ...(parts.tracer ? [new Tracing(parts.tracer)] : []),
            ],
        });
        if (parts.outbox !== undefined && keeper !== undefined) {
            this.#engine.hold();
            this.#recovering = this.#recover(parts.outbox, keeper, parts.options);
            this.#recovering.catch((error: unknown) => {
                logger.error({ error }, 'the outbox could not be taken up');
            });
        }
    }

    /** The channel that operations go to. */
    get channel(): string {
        return this.#network.channel;
    }

    /** The official client, for what this one does not offer. Do not close it. */
    get gateway(): Gateway {
        return this.#transport.peer().gateway;
    }

    /**
     * A contract of the channel.
     *
     * @param name - what the profile calls the chaincode, or the name it was committed under
     */
    contract(name: string, options: ContractOptions = {}): Contract {
        const host = {
            accept: (submittal: Submittal): Promise<Ticket> => this.#engine.accept(submittal),
            evaluate: async (call: Call, limits: EvaluateOptions) => {
                this.#assertOpen();
                return this.#shared.evaluate(call, limits, this.#generation);
            },
            read: async (call: Call, rule: CacheRule) => {
                this.#assertOpen();
                return this.#reads.read(call, rule);
            },
        };
        return new Contract(host, this.#chaincode(name), options);
    }

    /**
     * A contract with the types that {@link typesOf} has written for it; arguments that are not text
     * go as JSON, results come back as what the contract's metadata says.
     *
     * @example
     * ```ts no-run
     * import { connect } from '@goodput/gateway';
     *
     * interface Counter {
     *     add: { args: [key: string, by: number]; result: number };
     * }
     *
     * async function main(): Promise<void> {
     *     const client = await connect('profile.json');
     *     const counter = await client.typedContract<Counter>('counter');
     *     const { value } = await counter.submit('add', ['visits', 1]);
     *     console.log(value + 1);
     *     await client.close();
     * }
     * void main();
     * ```
     */
    async typedContract<T extends ContractTypes<T>>(
        name: string,
        options: ContractOptions = {},
    ): Promise<TypedContract<T>> {
        const metadata = assertMetadata(await this.metadata(name));
        const described = contractOf(metadata, options.contract);
        if (described === undefined) {
            throw new GatewayError(
                'GATEWAY_OPTIONS_INVALID',
                `The chaincode ${name} has no contract ${JSON.stringify(options.contract)}; it has ${Object.keys(metadata.contracts).join(', ')}.`,
            );
        }
        return typedContract<T>(this.contract(name, options), described);
    }

    /** How each function submitted so far is brought to the ledger, and why. */
    explain(): readonly Explanation[] {
        return this.#engine.explain();
    }

    /** What the client has done and is doing. */
    stats(): ClientStats {
        const { operations, bytes } = this.#engine.held;
        const { feed, tracker, peers } = this.#transport;
        return {
            ...this.#counter.counts,
            held: operations,
            heldBytes: bytes,
            waiting: this.#engine.dispatcher.waiting,
            transactions: this.#engine.dispatcher.transactions,
            verdicts: tracker.counts,
            blocks: { live: feed.live, height: Number(feed.height), reconnects: feed.reconnects },
            reordering: this.#engine.orderedCounts,
            cache: this.#reads.counts,
            peers: peers.map(statsOfPeer),
        };
    }

    /**
     * Delivers the events of a chaincode in order, across restarts of peers and of this process.
     *
     * @param name - what the profile calls the chaincode, or the name it was committed under
     */
    events(name: string, options: EventOptions<ContractEvent>): EventStream<ContractEvent> {
        const chaincode = this.#chaincode(name);
        return this.#stream(
            chaincodeEvents(() => this.gateway, this.channel, chaincode),
            options,
        );
    }

    /** Delivers every block, decoded, in order, across restarts of peers and of this process. */
    blockEvents(options: EventOptions<Block>): EventStream<Block> {
        return this.#stream(
            blockEvents(() => this.gateway, this.channel),
            options,
        );
    }

    /** The metadata that a chaincode of `fabric-contract-api` gives of itself. */
    metadata(name: string): Promise<unknown> {
        return this.#capabilities.metadata(this.#chaincode(name));
    }

    /**
     * Accepts nothing more, waits for the receipts of what was accepted, and disconnects.
     *
     * @param options - `drainMs`: longest wait; what has no receipt by then gets one that says so
     */
    close(options: { readonly drainMs?: number } = {}): Promise<void> {
        this.#closing ??= this.#close(options.drainMs ?? this.#settings.timeouts.outcomeMs);
        return this.#closing;
    }

    [Symbol.asyncDispose](): Promise<void> {
        return this.close();
    }

    /**
     * Resolves when what an earlier process had left in the outbox is in line, with the number of
     * operations; at once without an outbox.
     */
    get recovered(): Promise<number> {
        return this.#recovering;
    }

    async #recover(outbox: Outbox, keeper: OutboxKeeper, options: ClientOptions): Promise<number> {
        try {
            const { onRecovered } = options.outbox ?? {};
            return await recover({ outbox, keeper, engine: this.#engine, onRecovered });
        } finally {
            this.#engine.release();
        }
    }

    #assertOpen(): void {
        if (this.#closing === undefined) return;
        throw new GatewayError('GATEWAY_CLOSED', 'The client is closed. Connect again.', {
            retryable: true,
        });
    }

    #chaincode(name: string): string {
        const { chaincodes } = this.#network;
        return (Object.hasOwn(chaincodes, name) ? chaincodes[name] : undefined) ?? name;
    }

    #stream<T>(open: OpenStream<T>, options: EventOptions<T>): EventStream<T> {
        const { checkpoint, startBlock, ...rest } = options;
        // Without a block to begin with, a break before the first event would skip what came then.
        const { height } = this.#transport;
        const start = startBlock ?? (height === 0n ? undefined : height);
        const stream = new EventStream(open, {
            ...rest,
            startBlock: start,
            checkpoint:
                typeof checkpoint === 'string' ? new CheckpointFile(checkpoint) : checkpoint,
        });
        this.#streams.add(stream);
        void stream.done.catch(() => undefined).then(() => this.#streams.delete(stream));
        return stream;
    }

    #cachedReads(
        { settings, options, known, transport }: ClientParts,
        logger: Logger,
    ): CachedReads {
        return new CachedReads({
            cache: new ReadCache(settings.cache),
            known: known ?? new KnownWrites(),
            live: () => known !== undefined && transport.feed.live,
            endorse: async (call) => {
                const context = this.#engine.context;
                const outcome = await endorse(context, call, {}, {}, context.minHeight());
                if (outcome.endorsed !== undefined) return outcome.endorsed;
                throw outcome.error;
            },
            secondLevel: options.cache?.secondLevel,
            secondLevelFailed: (error) => {
                logger.warn({ error }, 'the second-level cache failed');
            },
        });
    }

    /** Grows with every block and every commit of ours: reads that began before one must not answer those that come after. */
    get #generation(): bigint {
        return (this.#transport.height << 32n) + BigInt(this.#counter.counts.ordered);
    }

    #block({ bytes }: BlockSummary, known: KnownWrites | undefined): void {
        if (bytes === undefined || known === undefined) return;
        const changes = changesOf(bytes);
        known.add(changes);
        this.#reads.changed(changes);
    }

    async #close(drainMs: number): Promise<void> {
        await Promise.allSettled([...this.#streams].map((stream) => stream.close()));
        await this.#engine.drain(drainMs);
        await this.#transport.close();
        await this.#outbox?.close();
    }

    async #evaluateNow(call: Call, options: EvaluateOptions): Promise<Uint8Array> {
        const { evaluateMs, unavailableMs } = this.#settings.timeouts;
        const timeoutMs = options.timeoutMs ?? evaluateMs;
        const patience = { signal: options.signal, deadlineMs: Date.now() + timeoutMs };
        const giveUpAt = Date.now() + Math.min(unavailableMs, timeoutMs);
        for (let attempt = 1; ; attempt++) {
            const refused = refusal(patience);
            if (refused !== undefined) throw refused;
            try {
                const left = Math.max(1, patience.deadlineMs - Date.now());
                const minHeight =
                    this.#counter.counts.ordered > 0 ? this.#transport.height : undefined;
                return await this.#transport.evaluate(call, { timeoutMs: left, minHeight });
            } catch (error) {
                const { error: known, remedy } = classify('evaluate', error);
                const again = remedy === 'repeat' && isTransient(known) && Date.now() < giveUpAt;
                if (!again) throw known;
                await pause(backoffMs(this.#retry, attempt + 1), options.signal).catch(
                    () => undefined,
                );
            }
        }
    }
}

function isTransient({ code }: GatewayError): boolean {
    return code === 'GATEWAY_UNAVAILABLE' || code === 'GATEWAY_OVERLOADED';
}

function statsOfPeer({ name, health, limit }: Peer): PeerStats {
    return {
        name,
        available: health.available(),
        latencyMs: health.latencyMs,
        calls: limit.running,
        waiting: limit.waiting,
        limit: limit.limit,
    };
}
