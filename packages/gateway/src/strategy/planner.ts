import type { FunctionOptions, StrategyChoice, SubmitOptions } from '../client/options.js';
import { assertStrategy } from '../client/checks.js';
import type { DeclaredKeys } from '../lanes/key-use.js';
import type { BatchCapabilities } from '../merge/batch-capability.js';
import type { BatchBounds } from '../merge/batch-size.js';
import type { Observer } from '../observe/observer.js';
import type { Call } from '../transport/transport.js';
import { AutoSelector, functionName, type AutoReason } from './auto-selector.js';
import { Forecaster, type Forecast } from './forecaster.js';
import { KeyLearner } from './key-learner.js';
import { chaincodeOf, FREE } from './lane-kinds.js';
import type { Operation } from './operation.js';
import { fixedPlan, type Plan, type PlanInput } from './plan.js';

/** A submission with everything that decides how it is run. */
export interface Submittal {
    readonly call: Call;
    readonly scope: string;
    readonly options: SubmitOptions;
    readonly function: FunctionOptions;
}

/** How a function is submitted at the moment, and why. */
export interface Explanation {
    /** Chaincode, contract if named, and function. */
    readonly function: string;
    readonly strategy: string;
    readonly why: string;
    /** When this strategy began for it. */
    readonly since: Date;
    readonly operations: number;
    /** Recent share of its transactions that conflicted, once known. */
    readonly conflictRate?: number;
    /** What the simulator expects of each way for the recent operations of the chaincode. */
    readonly forecast?: Forecast;
}

/** What planning looks at. */
export interface PlannerParts {
    /** For functions that say nothing else. */
    readonly strategy: StrategyChoice;
    readonly latencyMs: number;
    readonly capabilities: BatchCapabilities;
    /** Whether a contract has as many transactions under way as commit in time. */
    readonly saturated: (scope: string) => boolean;
}

/** Functions that {@link Planner.explain} tells of. */
const mostExplained = 1_000;

/** Decides how each operation is to be brought to the ledger, and can say why. */
export class Planner {
    readonly #parts: PlannerParts;
    readonly #forecaster = new Forecaster();
    readonly #learner = new KeyLearner();
    readonly #auto: AutoSelector;
    readonly #limits = new Map<string, BatchBounds>();
    readonly #explained = new Map<
        string,
        Omit<Explanation, 'conflictRate' | 'function' | 'forecast'>
    >();

    constructor(parts: PlannerParts) {
        this.#parts = parts;
        const forecast = this.#forecaster.forecast.bind(this.#forecaster);
        this.#auto = new AutoSelector(forecast, parts.latencyMs, parts.saturated);
    }

    /** What plans are learnt from. */
    get observers(): readonly Observer[] {
        const forget: Observer = {
            notBatchable: (scope) => {
                this.#limits.delete(scope);
                this.#parts.capabilities.refused(scope);
            },
        };
        return [this.#auto, this.#learner, this.#forecaster, forget];
    }

    /** What a contract allows in a batch; undefined when it takes none. */
    batchLimits(scope: string): BatchBounds | undefined {
        return this.#limits.get(scope);
    }

    /** @param keys - those declared for this call */
    async plan(submittal: Submittal, keys: DeclaredKeys | undefined): Promise<Plan> {
        const { call, scope } = submittal;
        const choice = this.#choice(submittal);
        assertStrategy(choice, 'strategy');
        const wantsBatch = choice === 'merge' || choice === 'auto';
        const capability = wantsBatch
            ? await this.#parts.capabilities.of(scope, call.chaincode, call.contract)
            : undefined;
        if (capability?.batchable === true) this.#limits.set(scope, capability.limits);
        else if (capability?.batchable === false) this.#limits.delete(scope);
        const merges = capability?.batchable ?? false;
        const mergeable = merges && canBeInBatch(call);
        const needsKeys = choice !== 'direct' && choice !== 'retry' && choice !== 'reorder';
        const known = keys ?? (needsKeys ? this.#learner.predict(call) : undefined);
        const input = this.#input(submittal, { keys: known, merges, mergeable });
        if (choice === 'auto' && known !== undefined) {
            this.#forecaster.note(call.chaincode, call.transaction, known);
        }
        const { plan, why } = this.#reason(choice, functionName(submittal), input);
        const whyNot = capability?.batchable === false ? `; not merged: ${capability.why}` : '';
        this.#note(functionName(submittal), plan.strategy, why + whyNot);
        return plan;
    }

    /** After a conflict of an operation that runs freely: another way, if one is better by now. */
    replan(operation: Operation, submittal: Submittal): Plan | undefined {
        if (operation.strategy !== 'retry' || this.#choice(submittal) !== 'auto') return undefined;
        const { scope, call } = operation;
        const merges = this.#limits.has(scope);
        const mergeable = merges && canBeInBatch(call);
        const keys = this.#learner.predict(call);
        const input = this.#input(operation, { keys, merges, mergeable });
        const { plan, why } = this.#auto.choose(functionName(operation), input);
        if (plan.strategy === operation.strategy && plan.kind === FREE) return undefined;
        this.#note(functionName(operation), plan.strategy, why, 0);
        return plan;
    }

    /** How each function seen is submitted at the moment, and why. */
    explain(): readonly Explanation[] {
        return [...this.#explained].map(([name, explained]) => {
            const conflictRate = this.#auto.conflictRate(name);
            const forecast = this.#forecaster.forecast(chaincodeOf(name));
            return {
                function: name,
                ...explained,
                ...(conflictRate !== undefined && { conflictRate }),
                ...(forecast && { forecast }),
            };
        });
    }

    #input(
        { scope, call }: Pick<Operation, 'scope' | 'call'>,
        known: Pick<PlanInput, 'keys' | 'merges' | 'mergeable'>,
    ): PlanInput {
        const onlyReads = this.#learner.onlyReads(call);
        return { scope, chaincode: call.chaincode, onlyReads, ...known };
    }

    #choice({ options, function: own }: Submittal): StrategyChoice {
        return options.strategy ?? own.strategy ?? this.#parts.strategy;
    }

    #reason(choice: StrategyChoice, name: string, input: PlanInput): AutoReason {
        if (choice === 'auto') return this.#auto.choose(name, input);
        return { plan: fixedPlan(choice, input), why: 'it was asked for' };
    }

    #note(name: string, strategy: string, why: string, operations = 1): void {
        const before = this.#explained.get(name);
        // Names come from the application, and perhaps from its users.
        if (before === undefined && this.#explained.size >= mostExplained) return;
        const since = before?.strategy === strategy ? before.since : new Date();
        this.#explained.set(name, {
            strategy,
            why,
            since,
            operations: (before?.operations ?? 0) + operations,
        });
    }
}

/** Whether a batch can carry it: batches carry text, and no data that only some may see. */
function canBeInBatch(call: Call): boolean {
    return (
        call.transient === undefined &&
        call.endorsingOrganizations === undefined &&
        call.args.every((arg) => typeof arg === 'string')
    );
}
