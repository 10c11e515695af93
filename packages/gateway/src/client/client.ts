import type { Network } from '@goodput/network';
import type { Block } from '@goodput/rwset';
import type { Gateway } from '@hyperledger/fabric-gateway';
import type { Registry } from 'prom-client';
import { GatewayError } from '../errors.js';
import { blockEvents, chaincodeEvents, type ContractEvent } from '../events/event-sources.js';
import type { EventStream } from '../events/event-stream.js';
import { BatchCapabilities } from '../merge/batch-capability.js';
import { readBatchBounds, wireCodec } from '../merge/wire-codec.js';
import { LogObserver } from '../observe/log.js';
import { outsideLogger, silentLogger, type Logger } from '../observe/logger.js';
import { Metrics } from '../observe/metrics.js';
import { outside } from '../observe/outsider.js';
import { StatsCounter, type ClientStats, type PeerStats } from '../observe/stats.js';
import { Tracing, type TracerLike } from '../observe/tracing.js';
import { ClientOutbox, type ClientOutboxParts } from '../outbox/client-outbox.js';
import { pauseUnless } from '../queue/cancellation.js';
import { Reads } from '../reads/reads.js';
import type { KnownWrites } from '../reorder/known-writes.js';
import type { Explanation, Submittal } from '../strategy/planner.js';
import type { BlockFeed, BlockSummary } from '../transport/block-feed.js';
import type { FabricTransport } from '../transport/fabric-transport.js';
import type { Peer } from '../transport/peer.js';
import type { Call } from '../transport/transport.js';
import { assertMetadata, contractOf } from '../types/metadata.js';
import { typedContract, type ContractTypes, type TypedContract } from '../types/typed-contract.js';
import { Contract } from './contract.js';
import { Engine } from './engine.js';
import { EventStreams, type EventOptions } from './event-streams.js';
import { assertDuration, assertName, invalid, shown } from './checks.js';
import type { CacheRule, ClientOptions, ContractOptions, EvaluateOptions } from './options.js';
import type { Settings } from './settings.js';
import type { Ticket } from './ticket.js';

/** What {@link Client} is made of. */
export interface ClientParts {
    readonly network: Network;
    readonly options: ClientOptions;
    readonly settings: Settings;
    readonly transport: FabricTransport;
    readonly outbox?: Pick<ClientOutboxParts, 'outbox' | 'records'>;
    readonly tracer?: TracerLike;
    /** Identity and channel, in a text that nobody else has. */
    readonly reader: string;
    readonly known?: KnownWrites;
    readonly listeners: TransportListeners;
}

/** Set once the client exists; the transport calls what is here. */
export interface TransportListeners {
    onBlock?: (block: BlockSummary) => void;
    onFeed?: (state: 'live' | 'broken', error?: unknown) => void;
    onSilent?: (peer: string) => void;
}

/** Longest wait for a contract's metadata before it is taken for one without. */
const metadataMs = 5_000;
/** What Fabric lets a chaincode be called; its own begin with an underscore. */
const chaincodeName = /^_?[a-z0-9]+([-_][a-z0-9]+)*$/iu;
/** Handlers of events have this long to finish with the event in hand when the client closes. */
const handlersMs = 5_000;

/** A connection to one channel as one identity. Make one per process and keep it. */
export class Client implements AsyncDisposable {
    readonly #network: Network;
    readonly #settings: Settings;
    readonly #transport: FabricTransport;
    readonly #engine: Engine;
    readonly #outbox: ClientOutbox | undefined;
    readonly #counter = new StatsCounter();
    readonly #reads: Reads;
    readonly #streams: EventStreams;
    /** Prometheus metrics of this client; add them to your own registry or serve them as they are. */
    readonly metrics: Registry;
    readonly #capabilities = new BatchCapabilities(
        (call) => this.#reads.evaluateNow(call, { timeoutMs: metadataMs }),
        readBatchBounds,
    );
    #closing: Promise<void> | undefined;

    /** @internal */
    constructor(parts: ClientParts) {
        const { network, options, settings, transport, outbox, known } = parts;
        this.#network = network;
        this.#settings = settings;
        this.#transport = transport;
        const logger = options.logger ? outsideLogger(options.logger) : silentLogger;
        const { keepMs } = settings;
        this.#outbox = outbox && new ClientOutbox({ ...outbox, keepMs, logger });
        const metrics = new Metrics(() => this.stats());
        this.metrics = metrics.registry;
        this.#streams = new EventStreams(() => transport.height);
        this.#reads = new Reads({
            transport,
            settings,
            logger,
            known,
            secondLevel: options.cache?.secondLevel,
            reader: parts.reader,
            live: () => transport.current,
            ordered: () => this.#counter.counts.ordered,
            context: () => this.#engine.context,
        });
        this.#listen(parts.listeners, logger);
        this.#engine = new Engine({
            transport,
            settings,
            codec: wireCodec,
            capabilities: this.#capabilities,
            ...(this.#outbox && { keeper: this.#outbox.keeper }),
            ...(known && { knownWrites: known }),
            observers: [
                this.#counter,
                metrics,
                ...(options.logger ? [new LogObserver(logger)] : []),
                ...(parts.tracer ? [new Tracing(parts.tracer)] : []),
            ],
        });
        const onRecovered = outside('outbox.onRecovered', options.outbox?.onRecovered);
        this.#outbox?.start(this.#engine, onRecovered);
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
                return this.#reads.evaluate(call, limits);
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
            blocks: statsOfFeed(feed),
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
        this.#assertOpen();
        const chaincode = this.#chaincode(name);
        return this.#streams.add(
            chaincodeEvents(() => this.gateway, this.channel, chaincode),
            options,
        );
    }

    /** Delivers every block, decoded, in order, across restarts of peers and of this process. */
    blockEvents(options: EventOptions<Block>): EventStream<Block> {
        this.#assertOpen();
        return this.#streams.add(
            blockEvents(() => this.gateway, this.channel),
            options,
        );
    }

    /** The metadata that a chaincode of `fabric-contract-api` gives of itself. */
    async metadata(name: string): Promise<unknown> {
        this.#assertOpen();
        return this.#capabilities.metadata(this.#chaincode(name));
    }

    /**
     * Accepts nothing more, waits for the receipts of what was accepted, and disconnects.
     *
     * @param options - `drainMs`: longest wait; what has no receipt by then gets one that says so
     */
    async close(options: { readonly drainMs?: number } = {}): Promise<void> {
        const { drainMs = this.#settings.timeouts.outcomeMs } = options;
        if (this.#closing === undefined) {
            assertDuration(0, drainMs, 'drainMs');
            this.#closing = this.#close(drainMs);
        }
        await this.#closing;
    }

    [Symbol.asyncDispose](): Promise<void> {
        return this.close();
    }

    /**
     * Resolves when what an earlier process had left in the outbox is in line, with the number of
     * operations; at once without an outbox.
     */
    get recovered(): Promise<number> {
        return this.#outbox?.recovered ?? Promise.resolve(0);
    }

    #assertOpen(): void {
        if (this.#closing === undefined) return;
        throw new GatewayError('GATEWAY_CLOSED', 'The client is closed. Connect again.', {
            retryable: true,
        });
    }

    #chaincode(name: string): string {
        const { chaincodes } = this.#network;
        assertName(name, 'The name of a chaincode');
        const known = Object.hasOwn(chaincodes, name) ? chaincodes[name] : undefined;
        if (known !== undefined || chaincodeName.test(name)) return known ?? name;
        throw invalid(
            `No chaincode can have the name ${shown(name)}. A contract within a chaincode is named by the option "contract".`,
        );
    }

    #listen(listeners: TransportListeners, logger: Logger): void {
        listeners.onBlock = (block) => {
            this.#reads.block(block);
        };
        listeners.onFeed = (state, error) => {
            // What was missed meanwhile comes first when blocks come again.
            const { trouble } = this.#transport.feed;
            if (trouble !== undefined) logger.error({ error }, 'blocks are refused to this client');
            else if (state === 'broken') logger.warn({ error }, 'the block stream broke');
            else logger.info({ height: this.#transport.height.toString() }, 'blocks are coming in');
        };
        listeners.onSilent = (peer) => {
            logger.warn({ peer }, 'the connection went silent and is made anew');
        };
    }

    async #close(drainMs: number): Promise<void> {
        this.#engine.close();
        // A handler may itself be waiting for this, or for ever.
        const late = new AbortController();
        const streams = this.#streams.close();
        await Promise.race([streams, pauseUnless(Math.min(drainMs, handlersMs), late.signal)]);
        late.abort();
        await this.#engine.drain(drainMs);
        await this.#transport.close();
        await this.#outbox?.close();
    }
}

function statsOfFeed({ live, height, reconnects, trouble }: BlockFeed): ClientStats['blocks'] {
    const counts = { live, height: Number(height), reconnects };
    return trouble === undefined ? counts : { ...counts, trouble: trouble.code };
}

function statsOfPeer({ name, health, limit, silences }: Peer): PeerStats {
    return {
        name,
        available: health.available(),
        latencyMs: health.latencyMs,
        calls: limit.running,
        waiting: limit.waiting,
        limit: limit.limit,
        silences,
    };
}
