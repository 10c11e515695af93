import type { Gateway } from '@hyperledger/fabric-gateway';
import type { Network } from '@goodput/network';
import { GatewayError } from '../errors.js';
import { classify } from '../failure/classify.js';
import { backoffMs, retryPolicy, type RetryPolicy } from '../failure/retry-policy.js';
import { BatchCapabilities } from '../merge/batch-capability.js';
import { readBatchBounds, wireCodec } from '../merge/wire-codec.js';
import { silentLogger } from '../observe/logger.js';
import type { Outbox } from '../outbox/outbox.js';
import { OutboxKeeper } from '../outbox/outbox-keeper.js';
import type { OperationRecord } from '../outbox/record.js';
import { recover } from '../outbox/recover.js';
import { pause, refusal } from '../queue/cancellation.js';
import type { FabricTransport } from '../transport/fabric-transport.js';
import type { Call } from '../transport/transport.js';
import { Contract } from './contract.js';
import { Engine, type Explanation, type Submittal } from './engine.js';
import type { ClientOptions, ContractOptions, EvaluateOptions, Settings } from './options.js';
import type { Ticket } from './ticket.js';

/** What {@link Client} is made of. */
export interface ClientParts {
    readonly network: Network;
    readonly options: ClientOptions;
    readonly settings: Settings;
    readonly transport: FabricTransport;
    readonly outbox?: Outbox;
    readonly records?: readonly OperationRecord[];
}

/** A connection to one channel as one identity. Make one per process and keep it. */
export class Client implements AsyncDisposable {
    readonly #network: Network;
    readonly #settings: Settings;
    readonly #transport: FabricTransport;
    readonly #retry: RetryPolicy;
    readonly #engine: Engine;
    readonly #outbox: Outbox | undefined;
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
        this.#engine = new Engine({
            transport: parts.transport,
            settings: parts.settings,
            retry: this.#retry,
            codec: wireCodec,
            capabilities: new BatchCapabilities(
                (call) => this.#evaluate(call, {}),
                readBatchBounds,
            ),
            ...(keeper && { keeper }),
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
        const { chaincodes } = this.#network;
        const chaincode = Object.hasOwn(chaincodes, name) ? chaincodes[name] : undefined;
        const host = {
            accept: (submittal: Submittal): Promise<Ticket> => this.#engine.accept(submittal),
            evaluate: (call: Call, limits: EvaluateOptions) => this.#evaluate(call, limits),
        };
        return new Contract(host, chaincode ?? name, options);
    }

    /** How each function submitted so far is brought to the ledger, and why. */
    explain(): readonly Explanation[] {
        return this.#engine.explain();
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

    async #close(drainMs: number): Promise<void> {
        await this.#engine.drain(drainMs);
        await this.#transport.close();
        await this.#outbox?.close();
    }

    async #evaluate(call: Call, options: EvaluateOptions): Promise<Uint8Array> {
        const { evaluateMs, unavailableMs } = this.#settings.timeouts;
        const timeoutMs = options.timeoutMs ?? evaluateMs;
        const patience = { signal: options.signal, deadlineMs: Date.now() + timeoutMs };
        const giveUpAt = Date.now() + Math.min(unavailableMs, timeoutMs);
        for (let attempt = 1; ; attempt++) {
            const refused = refusal(patience);
            if (refused !== undefined) throw refused;
            try {
                const left = Math.max(1, patience.deadlineMs - Date.now());
                return await this.#transport.evaluate(call, { timeoutMs: left });
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
