import type { Context } from 'fabric-contract-api';
import { chaincodeMetrics } from './metrics.js';
import { unitOf } from './unit-of-work.js';

type Phase = 'before' | 'run' | 'after' | 'flush';

const clocks = new WeakMap<Context, PhaseClock>();

interface DebugLogger {
    debug(line: string): void;
    isDebugEnabled?(): boolean;
}

/** Measures the phases of one transaction. The clock is read for metrics and for nothing else. */
export class PhaseClock {
    readonly #micros: Record<Phase, number> = { before: 0, run: 0, after: 0, flush: 0 };
    #since = process.hrtime.bigint();

    /** The clock of a transaction, started when first asked for. */
    static of(ctx: Context): PhaseClock {
        let clock = clocks.get(ctx);
        if (clock === undefined) {
            clock = new PhaseClock();
            clocks.set(ctx, clock);
        }
        return clock;
    }

    /** Ends a phase and begins the next. */
    end(phase: Phase): void {
        const now = process.hrtime.bigint();
        this.#micros[phase] = Number((now - this.#since) / 1000n);
        this.#since = now;
    }

    /** Tells whoever listens what the transaction did. */
    report(ctx: Context, contract: string): void {
        const logger = debugLogger(ctx);
        if (logger === undefined && !chaincodeMetrics.isWatched) return;
        const unit = unitOf(ctx);
        const metrics = {
            contract,
            transaction: unit.getFunctionAndParameters().fcn,
            txId: unit.getTxID(),
            counts: { ...unit.counts },
            phases: { ...this.#micros },
        };
        logger?.debug(JSON.stringify(metrics));
        chaincodeMetrics.publish(metrics);
    }
}

function debugLogger(ctx: Context): DebugLogger | undefined {
    // Outside of the shim's own runner there may be no logging at all.
    const { logging } = ctx as { logging?: { getLogger(name: string): DebugLogger } };
    const logger = logging?.getLogger('goodput');
    return logger?.isDebugEnabled?.() === true ? logger : undefined;
}
