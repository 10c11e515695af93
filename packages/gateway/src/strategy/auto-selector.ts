import { Ewma } from '../observe/ewma.js';
import type { Observer, TransactionSeen } from '../observe/observer.js';
import { freePlan, mergePlan, serializePlan, type Plan, type PlanInput } from './plan.js';
import type { Operation } from './operation.js';

/** Transactions of a function seen before its conflict rate counts. */
const leastSeen = 8;
/** Conflict rate above which a function whose keys are unknown is held in lanes. */
const guardAbove = 0.03;
/** Once held, it stays so for at least this long, so that the choice does not flutter. */
const dwellMs = 10_000;

interface FunctionState {
    readonly conflicts: Ewma;
    seen: number;
    guardedSince: number | undefined;
    /** Operations that had to wait for one another since it is held in lanes. */
    readonly company: Ewma;
}

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
 * with retries until conflicts show, and then waits in its contract's lane until it is quiet again.
 */
export class AutoSelector implements Observer {
    readonly #functions = new Map<string, FunctionState>();

    choose(name: string, input: PlanInput): AutoReason {
        if (input.keys !== undefined) return lanesByKey(input);
        const state = this.#state(name);
        const rate = state.conflicts.value ?? 0;
        const percent = `${(100 * rate).toFixed(1)}% of its transactions conflict`;
        this.#decide(state, rate);
        if (state.guardedSince === undefined) {
            const why = `its keys are not known and ${percent}: run freely, with retries`;
            return { plan: freePlan('retry'), why };
        }
        if (input.mergeable) {
            const why = `its keys are not known and ${percent}: merged with all of its contract`;
            return { plan: mergePlan(input, false), why };
        }
        const why = `its keys are not known, it cannot be merged, and ${percent}: ordered by what it is seen to read and write`;
        return { plan: freePlan('reorder'), why };
    }

    /** Recent share of conflicting transactions. */
    conflictRate(name: string): number | undefined {
        return this.#functions.get(name)?.conflicts.value;
    }

    transaction({ operations, status, error }: TransactionSeen): void {
        const conflict =
            error?.code === 'GATEWAY_MVCC_CONFLICT' || error?.code === 'GATEWAY_PHANTOM_CONFLICT';
        if (!conflict && status === undefined) return;
        for (const name of new Set(operations.map(functionName))) {
            const state = this.#state(name);
            state.seen += 1;
            state.conflicts.add(conflict ? 1 : 0);
            if (state.guardedSince !== undefined) state.company.add(operations.length);
        }
    }

    #decide(state: FunctionState, rate: number): void {
        const now = performance.now();
        if (state.guardedSince === undefined) {
            if (state.seen >= leastSeen && rate > guardAbove) state.guardedSince = now;
            return;
        }
        const alone = (state.company.value ?? 2) < 1.1;
        const quiet = alone && rate <= guardAbove / 3;
        if (quiet && now - state.guardedSince > dwellMs) {
            state.guardedSince = undefined;
            state.seen = 0;
        }
    }

    #state(name: string): FunctionState {
        let state = this.#functions.get(name);
        if (state === undefined) {
            state = {
                conflicts: new Ewma(0.1),
                seen: 0,
                guardedSince: undefined,
                company: new Ewma(0.1),
            };
            this.#functions.set(name, state);
        }
        return state;
    }
}

/** Names a function across contracts. */
export function functionName(operation: Pick<Operation, 'scope' | 'call'>): string {
    return `${operation.scope}:${operation.call.transaction}`;
}

function lanesByKey(input: PlanInput): AutoReason {
    if (input.mergeable) {
        const why =
            'its keys are known and its contract runs batches: runs at once while its keys are free, merged with what it meets on them';
        return { plan: mergePlan(input, true), why };
    }
    const why = 'its keys are known and it cannot be merged: waits its turn on each key';
    return { plan: serializePlan(input), why };
}
