import type { StrategyName } from '../client/receipt.js';
import type { StrategyChoice } from '../client/options.js';
import type { KeyUse } from '../lanes/key-lanes.js';
import {
    keyNames,
    keyUses,
    readAndWritten,
    unknownKeys,
    type DeclaredKeys,
} from '../lanes/key-use.js';
import { EARLY, FREE, mergeKind, singleKind } from './lane-kinds.js';

/** How one operation is to be run. */
export interface Plan {
    readonly strategy: StrategyName;
    readonly kind: string;
    readonly keys: readonly KeyUse[];
    readonly spread: boolean;
}

/** What is known of an operation when it is planned. */
export interface PlanInput {
    readonly scope: string;
    /** Contracts of one chaincode share their keys. */
    readonly chaincode: string;
    /** Declared, or learnt; undefined when neither. */
    readonly keys: DeclaredKeys | undefined;
    /** The contract runs batches: others of it wait in lanes. */
    readonly merges: boolean;
    /** It does, and this operation can be in one. */
    readonly mergeable: boolean;
    /** Its function was never seen to write, as far as that is known. */
    readonly onlyReads: boolean;
}

function laned(strategy: StrategyName, kind: string, input: PlanInput, spread: boolean): Plan {
    const { chaincode, keys } = input;
    return {
        strategy,
        kind,
        keys: keys === undefined ? unknownKeys(chaincode) : keyUses(chaincode, keys),
        spread,
    };
}

/** A transaction of its own, whatever else is under way. */
export function freePlan(strategy: 'direct' | 'retry' | 'reorder'): Plan {
    return { strategy, kind: FREE, keys: [], spread: false };
}

/**
 * A transaction of its own, endorsed as soon as a block has come and so ahead of most that will be in
 * the next: what it reads has hardly any time to change.
 */
export function earlyPlan(): Plan {
    return { ...freePlan('retry'), kind: EARLY };
}

/** A transaction of its own, when its keys are free. */
export function serializePlan(input: PlanInput): Plan {
    return laned('serialize', singleKind(input.chaincode), input, false);
}

/**
 * A transaction of its own, in the order in which most survive. What is known to be read and written
 * is waited for, as a block takes one of those who want it whatever the order.
 */
export function orderPlan({ chaincode, keys }: PlanInput): Plan {
    const both = keys === undefined ? [] : readAndWritten(keys);
    return { ...freePlan('reorder'), keys: keyNames(chaincode, both) };
}

/**
 * Merged with others of its contract.
 *
 * @param spread - only with those it shares keys with, so that independent ones need not wait
 */
export function mergePlan(input: PlanInput, spread: boolean): Plan {
    return laned('merge', mergeKind(input.scope), input, spread);
}

/** What a strategy that is given, not chosen, means for an operation. */
export function fixedPlan(strategy: Exclude<StrategyChoice, 'auto'>, input: PlanInput): Plan {
    if (strategy === 'merge')
        return input.mergeable ? mergePlan(input, false) : serializePlan(input);
    if (strategy === 'serialize') return serializePlan(input);
    if (strategy === 'reorder') return orderPlan(input);
    return freePlan(strategy);
}
