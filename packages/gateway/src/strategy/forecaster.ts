import { simulate, type Strategy } from '@goodput/rwset';
import type { DeclaredKeys } from '../lanes/key-use.js';
import { Ewma } from '../observe/ewma.js';
import type { Observer, TransactionSeen } from '../observe/observer.js';
import { NamedMap } from '../queue/named-map.js';

/** What a way of submitting would make of the recent operations. */
export interface ForecastOutcome {
    readonly goodput: number;
    readonly successShare: number;
    readonly p95ms: number;
}

/** A look ahead, by simulation of the operations submitted lately on a network as fast as this one. */
export interface Forecast {
    /** Operations it rests on. */
    readonly operations: number;
    readonly retry: ForecastOutcome;
    readonly reorder: ForecastOutcome;
    readonly merge: ForecastOutcome;
}

type TraceOperation = Parameters<typeof simulate>[0][number];

/** Operations a forecast rests on: enough to see who meets, few enough to take milliseconds. */
const most = 200;
const least = 40;
/** A forecast holds this long. */
const validMs = 5_000;

interface Recent {
    readonly operations: TraceOperation[];
    forecast: Forecast | undefined;
    madeAt: number;
}

/** Forecasts, for each chaincode, what each strategy would make of what is submitted. */
export class Forecaster implements Observer {
    readonly #recent = new NamedMap<Recent>();
    readonly #endorse = new Ewma(0.1);
    readonly #commit = new Ewma(0.1);

    /** Notes an operation whose keys are known. */
    note(chaincode: string, functionName: string, keys: DeclaredKeys): void {
        const recent = this.#recent.getOrMake(chaincode, () => ({
            operations: [],
            forecast: undefined,
            madeAt: -Infinity,
        }));
        const plain = 'length' in keys;
        recent.operations.push({
            atMs: performance.now(),
            functionName,
            reads: plain ? keys : [...(keys.reads ?? []), ...(keys.writes ?? [])],
            writes: plain ? keys : (keys.writes ?? []),
        });
        if (recent.operations.length >= 2 * most) recent.operations.splice(0, most);
    }

    transaction({ endorseMs, commitMs, operations }: TransactionSeen): void {
        if (operations.length === 1) this.#endorse.add(endorseMs);
        if (commitMs !== undefined) this.#commit.add(commitMs - endorseMs);
    }

    /** The forecast for a chaincode, once enough is known. */
    forecast(chaincode: string): Forecast | undefined {
        const recent = this.#recent.get(chaincode);
        if (recent === undefined) return undefined;
        const now = performance.now();
        if (now - recent.madeAt < validMs) return recent.forecast;
        if (recent.operations.length < least || this.#commit.value === undefined) return undefined;
        recent.madeAt = now;
        recent.forecast = this.#simulate(recent.operations.slice(-most));
        return recent.forecast;
    }

    #simulate(operations: readonly TraceOperation[]): Forecast {
        const first = operations[0]?.atMs ?? 0;
        const trace = operations.map((each) => ({ ...each, atMs: each.atMs - first }));
        const network = {
            endorseMs: this.#endorse.value ?? 6,
            batchTimeoutMs: Math.max(1, (this.#commit.value ?? 2_000) - 20),
        };
        const outcome = (strategy: Strategy): ForecastOutcome => {
            const { goodput, successShare, latencyMs } = simulate(trace, { strategy, network });
            return { goodput, successShare, p95ms: latencyMs.p95 };
        };
        return {
            operations: trace.length,
            retry: outcome({ name: 'retry' }),
            reorder: outcome({ name: 'ordered' }),
            merge: outcome({ name: 'merged' }),
        };
    }
}
