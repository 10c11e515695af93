import type { CacheRule, EvaluateOptions, SecondLevelCache } from '../client/options.js';
import type { Settings } from '../client/settings.js';
import { GatewayError } from '../errors.js';
import { classify } from '../failure/classify.js';
import { backoffMs } from '../failure/retry-policy.js';
import type { Logger } from '../observe/logger.js';
import { pauseUnless, refusal, unlessRefused } from '../queue/cancellation.js';
import { changesOf, KnownWrites, type KeyChange } from '../reorder/known-writes.js';
import { endorse, type TransactionContext } from '../strategy/run-transaction.js';
import type { BlockSummary } from '../transport/block-feed.js';
import type { Call, Transport } from '../transport/transport.js';
import { CachedReads, type ReadCounts } from './cached-reads.js';
import { ReadCache } from './read-cache.js';
import { SharedReads } from './shared-reads.js';

/** What reading takes. */
export interface ReadsParts {
    readonly transport: Transport;
    readonly settings: Settings;
    readonly logger: Logger;
    /** What the block stream has shown; absent when it carries verdicts only. */
    readonly known: KnownWrites | undefined;
    readonly secondLevel: SecondLevelCache | undefined;
    /** Who reads on which channel, for a second level that others share. */
    readonly reader: string;
    /** Whether all blocks known to exist have come in. */
    readonly live: () => boolean;
    /** Transactions of ours that were ordered so far. */
    readonly ordered: () => number;
    /** What a cached read is endorsed with. */
    readonly context: () => TransactionContext;
}

/** Everything that is asked of peers without changing the ledger. */
export class Reads {
    readonly #parts: ReadsParts;
    readonly #shared: SharedReads;
    readonly #cached: CachedReads;

    constructor(parts: ReadsParts) {
        this.#parts = parts;
        this.#shared = new SharedReads((call, options) => this.evaluateNow(call, options));
        this.#cached = this.#newCache(parts);
        const { height } = parts.transport;
        if (height > 0n) parts.known?.begin(height);
    }

    get counts(): ReadCounts {
        return this.#cached.counts;
    }

    /** Asks a peer, or joins the same question under way. */
    evaluate(call: Call, options: EvaluateOptions): Promise<Uint8Array> {
        return this.#shared.evaluate(call, options, this.#generation);
    }

    /** Answers from memory while nothing has changed what the answer rests on. */
    read(call: Call, rule: CacheRule): Promise<Uint8Array> {
        return this.#cached.read(call, rule);
    }

    /** Takes what a block has changed. */
    block({ number, bytes }: BlockSummary): void {
        const { known, logger } = this.#parts;
        if (bytes === undefined || known === undefined) return;
        let changes: readonly KeyChange[];
        try {
            changes = changesOf(bytes);
        } catch (error) {
            // What it changed is not known, so nothing from before it can be believed.
            known.begin(number + 1n);
            this.#cached.clear();
            logger.error({ error, block: number.toString() }, 'a block could not be read');
            return;
        }
        known.add(changes);
        this.#cached.changed(changes);
    }

    /** Asks a peer, again while none can be reached. */
    async evaluateNow(call: Call, options: EvaluateOptions): Promise<Uint8Array> {
        const { transport, settings, ordered, context } = this.#parts;
        const { stop } = context();
        const { evaluateMs, unavailableMs } = settings.timeouts;
        const timeoutMs = options.timeoutMs ?? evaluateMs;
        const started = performance.now();
        const patience = { signal: options.signal, deadline: started + timeoutMs };
        const giveUpAt = started + Math.min(unavailableMs, timeoutMs);
        for (let attempt = 1; ; attempt++) {
            const refused = refusal(patience) ?? (stop.aborted ? closedWhileReading() : undefined);
            if (refused !== undefined) throw refused;
            try {
                const left = Math.max(1, patience.deadline - performance.now());
                // Whoever has committed something sees it in what comes after.
                const minHeight = ordered() > 0 ? transport.height : undefined;
                const answer = transport.evaluate(call, { timeoutMs: left, minHeight });
                return await unlessRefused(answer, patience, stop, closedWhileReading);
            } catch (error) {
                const { error: known, remedy } = classify('evaluate', error);
                const again = remedy === 'repeat' && isTransient(known);
                if (!again || performance.now() > giveUpAt) throw known;
                await pauseUnless(backoffMs(settings.retry, attempt + 1), options.signal, stop);
            }
        }
    }

    /** Grows with every block and every commit of ours: reads that began before one must not answer those that come after. */
    get #generation(): bigint {
        return (this.#parts.transport.height << 32n) + BigInt(this.#parts.ordered());
    }

    #newCache(parts: ReadsParts): CachedReads {
        const { settings, logger, known, live, secondLevel, reader, context } = parts;
        return new CachedReads({
            cache: new ReadCache(settings.cache),
            known: known ?? new KnownWrites(),
            live: () => known !== undefined && live(),
            height: () => this.#parts.transport.height,
            endorse: async (call) => {
                const minHeight = this.#parts.transport.height;
                const outcome = await endorse(context(), call, {}, {}, { minHeight });
                if (outcome.endorsed !== undefined) return outcome.endorsed;
                throw outcome.error;
            },
            secondLevel,
            reader,
            secondLevelFailed: (error) => {
                logger.warn({ error }, 'the second-level cache failed');
            },
        });
    }
}

function closedWhileReading(): GatewayError {
    return new GatewayError('GATEWAY_CLOSED', 'The client was closed before the answer came.', {
        retryable: true,
    });
}

function isTransient({ code }: GatewayError): boolean {
    return code === 'GATEWAY_UNAVAILABLE' || code === 'GATEWAY_OVERLOADED';
}
