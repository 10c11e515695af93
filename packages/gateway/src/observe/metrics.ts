import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Receipt } from '../client/receipt.js';
import type { GatewayError } from '../errors.js';
import { functionName } from '../strategy/auto-selector.js';
import type { Operation } from '../strategy/operation.js';
import { BoundedLabels } from './bounded-labels.js';
import type { Observer, TransactionSeen } from './observer.js';
import type { ClientStats } from './stats.js';

const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const sizes = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000];

/** Prometheus metrics of one client, in a registry of their own. No label ever holds a key or an argument. */
export class Metrics implements Observer {
    readonly registry = new Registry();
    readonly #labels = new BoundedLabels();
    readonly #operations: Counter<'function' | 'outcome' | 'code'>;
    readonly #transactions: Counter<'function' | 'verdict'>;
    readonly #repeats: Counter<'function' | 'code'>;
    readonly #latency: Histogram<'function'>;
    readonly #stages: Histogram<'stage'>;
    readonly #batch: Histogram;

    /** @param stats - read when metrics are collected */
    constructor(stats: () => ClientStats) {
        const registers = [this.registry];
        this.#operations = new Counter({
            name: 'goodput_operations_total',
            help: 'Operations that have had their receipt. The rate of outcome="committed" is the goodput.',
            labelNames: ['function', 'outcome', 'code'],
            registers,
        });
        this.#transactions = new Counter({
            name: 'goodput_transactions_total',
            help: 'Transactions made, by what became of them.',
            labelNames: ['function', 'verdict'],
            registers,
        });
        this.#repeats = new Counter({
            name: 'goodput_repeats_total',
            help: 'Times that something was tried again, by the reason.',
            labelNames: ['function', 'code'],
            registers,
        });
        this.#latency = new Histogram({
            name: 'goodput_operation_seconds',
            help: 'From acceptance to receipt.',
            labelNames: ['function'],
            buckets: seconds,
            registers,
        });
        this.#stages = new Histogram({
            name: 'goodput_stage_seconds',
            help: 'Time in the stages of a transaction.',
            labelNames: ['stage'],
            buckets: seconds,
            registers,
        });
        this.#batch = new Histogram({
            name: 'goodput_batch_operations',
            help: 'Operations that share a transaction.',
            buckets: sizes,
            registers,
        });
        gauges(registers, stats);
    }

    transaction({ operations, endorseMs, commitMs, status, error }: TransactionSeen): void {
        const [first] = operations;
        if (first === undefined) return;
        const verdict = status === undefined ? (error?.code ?? 'unknown') : 'valid';
        this.#transactions.inc({ function: this.#name(first), verdict });
        this.#batch.observe(operations.length);
        this.#stages.observe({ stage: 'endorse' }, endorseMs / 1_000);
        if (commitMs === undefined) return;
        this.#stages.observe({ stage: 'commit' }, (commitMs - endorseMs) / 1_000);
    }

    repeated(operations: readonly Operation[], { code }: GatewayError): void {
        const [first] = operations;
        if (first !== undefined) this.#repeats.inc({ function: this.#name(first), code });
    }

    settled(operation: Operation, receipt: Receipt): void {
        const { outcome } = receipt;
        const code = receipt.outcome === 'committed' ? '' : receipt.error.code;
        this.#operations.inc({ function: this.#name(operation), outcome, code });
        this.#latency.observe({ function: this.#name(operation) }, receipt.elapsedMs / 1_000);
    }

    #name(operation: Operation): string {
        return this.#labels.label(functionName(operation));
    }
}

/** Values that are read, not counted. */
function gauges(registers: Registry[], stats: () => ClientStats): void {
    const gauge = (name: string, help: string, read: (now: ClientStats) => number): void => {
        new Gauge({
            name,
            help,
            registers,
            collect() {
                this.set(read(stats()));
            },
        });
    };
    gauge('goodput_held_operations', 'Operations accepted and without receipt.', (now) => now.held);
    gauge('goodput_held_bytes', 'Bytes of their arguments.', (now) => now.heldBytes);
    gauge('goodput_waiting_operations', 'Operations not started yet.', (now) => now.waiting);
    gauge(
        'goodput_transactions_under_way',
        'Transactions between endorsing and commit.',
        (now) => now.transactions,
    );
    gauge('goodput_blocks_live', '1 while blocks come in.', (now) => (now.blocks.live ? 1 : 0));
    gauge('goodput_block_height', 'Blocks seen.', (now) => now.blocks.height);
    gauge('goodput_verdicts_from_blocks', 'Verdicts from blocks.', (now) => now.verdicts.blocks);
    gauge('goodput_verdicts_from_calls', 'Verdicts asked for.', (now) => now.verdicts.calls);
    gauge('goodput_cache_hits', 'Reads answered from memory.', (now) => now.cache.hits);
    gauge('goodput_cache_misses', 'Reads that were not.', (now) => now.cache.misses);
    gauge('goodput_cache_invalidated', 'Answers dropped.', (now) => now.cache.invalidated);
}
