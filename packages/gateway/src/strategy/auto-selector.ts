import type { Forecast } from './forecaster.js';
import { Guard } from './guard.js';
import type { Observer, TransactionSeen } from '../observe/observer.js';
import { RecentMix } from '../observe/recent-mix.js';
import { NamedMap } from '../queue/named-map.js';
import {
    earlyPlan,
    freePlan,
    mergePlan,
    orderPlan,
    serializePlan,
    type Plan,
    type PlanInput,
} from './plan.js';
import type { Operation } from './operation.js';

/** Conflict rate above which operations whose keys are known wait for one another. */
const laneAbove = 0.03;
/** Operations of a chaincode that tell what it is asked for. */
const mixSize = 512;

/** Lanes, once taken, are kept for at least this long, so that the choice does not flutter. */
const dwellMs = 10_000;

const crowded = 'as many transactions as commit in time are under way';

interface FunctionState {
    /** While its keys are unknown. */
    readonly guard: Guard;
    /** Whether operations with known keys, which cannot be merged, wait for one another. */
    laned: boolean;
    lanedSince: number;
}

/** Share of operations that must come through without lanes before lanes are given up. */
const freeAbove = 0.99;

/** Why a function is submitted the way it is. */
export interface AutoReason {
    readonly plan: Plan;
    readonly why: string;
}

/**
 * Chooses how to submit functions for which nothing is fixed.
 *
 * With known keys no forecast is needed: lanes let independent operations run as they are, and only
 * what meets on a key waits, merged where the contract can. Without them a function runs freely
 * with retries until conflicts show, and then as its {@link Guard} says until it is quiet again.
 * While the network is behind with what a contract has under way, everything that can is merged.
 */
export class AutoSelector implements Observer {
    readonly #forecast: (chaincode: string) => Forecast | undefined;
    readonly #latencyMs: number;
    readonly #saturated: (scope: string) => boolean;
    readonly #functions = new NamedMap<FunctionState>();
    readonly #mixes = new NamedMap<RecentMix>();

    /**
     * @param forecast - what the simulator makes of the recent operations of a chaincode
     * @param latencyMs - time from submit to receipt to aim for
     * @param saturated - whether more of a contract is under way than commits in time
     */
    constructor(
        forecast: (chaincode: string) => Forecast | undefined,
        latencyMs: number,
        saturated: (scope: string) => boolean = () => false,
    ) {
        this.#saturated = saturated;
        this.#forecast = forecast;
        this.#latencyMs = latencyMs;
    }

    choose(name: string, input: PlanInput): AutoReason {
        this.#mix(input.chaincode).add(name);
        if (input.keys !== undefined) return this.#withKeys(name, input);
        const { guard } = this.#state(name);
        const share = this.#mix(input.chaincode).share(name);
        const held = guard.decide({ share, mayBeEarly: input.mergeable && input.onlyReads });
        const rate = guard.conflictRate ?? 0;
        const percent = `${(100 * rate).toFixed(1)}% of its transactions conflict`;
        if (held !== 'lane' && input.mergeable && this.#saturated(input.scope)) {
            const why = `its keys are not known, ${percent}, and ${crowded}: merged with what waits`;
            return { plan: mergePlan(input, false), why };
        }
        if (held === 'free') {
            const why = `its keys are not known and ${percent}: run freely, with retries`;
            return { plan: freePlan('retry'), why };
        }
        if (held === 'early') {
            const why = `its keys are not known, it only reads, and ${percent}: run freely, with retries, but each when a block has just come`;
            return { plan: earlyPlan(), why };
        }
        if (input.mergeable) {
            const why = `its keys are not known and ${percent}: merged with all of its contract`;
            return { plan: mergePlan(input, false), why };
        }
        const why = `its keys are not known, it cannot be merged, and ${percent}: ordered by what it is seen to read and write`;
        return { plan: orderPlan(input), why };
    }

    /** Recent share of conflicting transactions. */
    conflictRate(name: string): number | undefined {
        return this.#functions.get(name)?.guard.conflictRate;
    }

    transaction({ operations, status, error }: TransactionSeen): void {
        const conflict =
            error?.code === 'GATEWAY_MVCC_CONFLICT' || error?.code === 'GATEWAY_PHANTOM_CONFLICT';
        if (!conflict && status === undefined) return;
        for (const name of new Set(operations.map(functionName))) {
            this.#state(name).guard.saw(conflict, operations.length);
        }
    }

    #withKeys(name: string, input: PlanInput): AutoReason {
        const forecast = this.#forecast(input.chaincode);
        const outlook = forecast === undefined ? '' : `; ${describe(forecast)}`;
        if (input.mergeable) {
            const why = this.#saturated(input.scope)
                ? `its keys are known, its contract runs batches, and ${crowded}: merged with what waits`
                : 'its keys are known and its contract runs batches: runs at once while its keys are free, merged with what it meets on them';
            return { plan: mergePlan(input, true), why: why + outlook };
        }
        const state = this.#state(name);
        if (forecast !== undefined) this.#decideLanes(state, forecast);
        if (!state.laned) {
            const why = 'its keys are known, and hardly any two operations would meet on them';
            return { plan: freePlan('retry'), why: why + outlook };
        }
        if (input.merges) {
            const why =
                'its keys are known, and others of its contract are merged: waits its turn on each key';
            return { plan: serializePlan(input), why: why + outlook };
        }
        const why =
            'its keys are known and it cannot be merged: ordered by what it is seen to read and write, one at a time on each key that it does both to';
        return { plan: orderPlan(input), why: why + outlook };
    }

    /** Lanes are given up when all would come through without; and taken up again at once. */
    #decideLanes(state: FunctionState, { retry }: Forecast): void {
        const now = performance.now();
        const conflicting = (state.guard.conflictRate ?? 0) > laneAbove;
        const free =
            !conflicting && retry.successShare >= freeAbove && retry.p95ms <= this.#latencyMs;
        if (!free) {
            state.laned = true;
            state.lanedSince = now;
        } else if (now - state.lanedSince > dwellMs) state.laned = false;
    }

    #mix(chaincode: string): RecentMix {
        return this.#mixes.getOrMake(chaincode, () => new RecentMix(mixSize));
    }

    #state(name: string): FunctionState {
        return this.#functions.getOrMake(name, () => ({
            guard: new Guard(),
            laned: true,
            lanedSince: performance.now(),
        }));
    }
}

/** Names a function across contracts. */
export function functionName(operation: Pick<Operation, 'scope' | 'call'>): string {
    return `${operation.scope}:${operation.call.transaction}`;
}

function describe({ operations, retry, merge }: Forecast): string {
    const percent = (share: number): string => `${(100 * share).toFixed(0)}%`;
    return `of the last ${operations} operations, ${percent(retry.successShare)} would commit with retries (p95 ${retry.p95ms.toFixed(0)} ms) and ${percent(merge.successShare)} merged (p95 ${merge.p95ms.toFixed(0)} ms)`;
}
