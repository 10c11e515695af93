import { publicKeyName } from './access.js';
import {
    type CallTexts,
    deriveTemplate,
    fillTemplate,
    type KeyTemplate,
    templateText,
    textsOf,
} from './key-template.js';
import type { Transaction, TxReadWriteSet } from './model.js';

/** A call before it is endorsed. */
export interface Call {
    readonly chaincode: string;
    readonly functionName: string;
    /** The arguments after the function's name, as text. */
    readonly args: readonly string[];
}

/** A key that a call will touch, as far as experience goes. */
export interface PredictedKey {
    readonly namespace: string;
    readonly key: string;
    /** From 0 to 1: how often this held, with a deduction while there is little experience. */
    readonly confidence: number;
}

/** What a call will touch. */
export interface Prediction {
    readonly reads: readonly PredictedKey[];
    readonly writes: readonly PredictedKey[];
    /**
     * From 0 to 1: how often predictions for this function named every key. Low for a function that
     * is new, makes its keys of something else than its arguments, or queries ranges.
     */
    readonly confidence: number;
}

/** Options of {@link KeyPredictor}. */
export interface PredictorOptions {
    /** Predictions below this confidence are kept back. Default 0.5. */
    readonly minConfidence?: number;
    /** How many templates are kept per function; the least useful go first. Default 64. */
    readonly maxTemplates?: number;
    /** How many functions are kept; the one not seen for longest goes first. Default 1,000. */
    readonly maxFunctions?: number;
}

/** How many calls count: past that, older ones weigh half as much. */
const MEMORY = 500;

interface LearntTemplate {
    readonly namespace: string;
    readonly isWrite: boolean;
    readonly template: KeyTemplate;
    /** Whether it takes nothing from the call. */
    readonly isConstant: boolean;
    hits: number;
    tries: number;
}

interface LearntFunction {
    readonly templates: Map<string, LearntTemplate>;
    calls: number;
    /** Calls of which every key was named. */
    covered: number;
}

/**
 * Learns from observed read/write sets which keys a function touches, as templates over its
 * arguments: `transfer(a, b)` reads and writes `account-{0}` and `account-{1}`. Values inside JSON
 * arguments are found too. Keys of the chaincode lifecycle are left out, as is what ranges return.
 *
 * @example
 * ```ts
 * import { KeyPredictor, ReadWriteSetBuilder } from '@goodput/rwset';
 *
 * const predictor = new KeyPredictor();
 * for (const id of ['7', '12', '31']) {
 *     const builder = new ReadWriteSetBuilder();
 *     builder.addWrite('stock', `item-${id}`, Buffer.from('1'));
 *     const call = { chaincode: 'stock', functionName: 'put', args: [id] };
 *     predictor.observe(call, builder.build().rwset);
 * }
 * const { writes } = predictor.predict({ chaincode: 'stock', functionName: 'put', args: ['99'] });
 * console.log(writes[0]?.key); // => item-99
 * ```
 */
export class KeyPredictor {
    readonly #functions = new Map<string, LearntFunction>();
    readonly #minConfidence: number;
    readonly #maxTemplates: number;
    readonly #maxFunctions: number;

    constructor(options: PredictorOptions = {}) {
        this.#minConfidence = options.minConfidence ?? 0.5;
        this.#maxTemplates = options.maxTemplates ?? 64;
        this.#maxFunctions = options.maxFunctions ?? 1000;
    }

    /** Learns from what a call turned out to touch. */
    observe(call: Call, rwset: TxReadWriteSet): void {
        const learnt = this.#functionOf(call);
        const texts = textsOf(call.args);
        const touched = touchedKeys(rwset);
        const named = new Set<string>();
        // What an argument explains, a constant is given no credit for: those come second.
        const explained = new Set<string>();
        for (const isConstant of [false, true]) {
            for (const each of learnt.templates.values()) {
                if (each.isConstant !== isConstant) continue;
                const key = fillTemplate(each.template, texts);
                if (key === undefined) continue;
                each.tries++;
                const id = touchId(each.namespace, key, each.isWrite);
                if (!touched.has(id) || (isConstant && explained.has(id))) continue;
                each.hits++;
                if (confidenceOf(each) < this.#minConfidence) continue;
                explained.add(id);
                named.add(id);
            }
        }
        learnt.calls++;
        if (named.size === touched.size && !hasRanges(rwset)) learnt.covered++;
        for (const [id, touch] of touched) if (!named.has(id)) this.#learn(learnt, touch, texts);
        if (learnt.calls > MEMORY) fade(learnt);
        this.#evict(learnt);
    }

    /** Learns from a transaction; arguments that are not UTF-8 are of no use, and do no harm. */
    observeTransaction(tx: Transaction): void {
        const call = callOf(tx);
        if (call !== undefined && tx.rwset !== undefined) this.observe(call, tx.rwset);
    }

    /** What a call will touch. */
    predict(call: Call): Prediction {
        const learnt = this.#functions.get(functionId(call));
        if (learnt === undefined) return { reads: [], writes: [], confidence: 0 };
        const texts = textsOf(call.args);
        const best = new Map<string, PredictedKey & { isWrite: boolean }>();
        for (const each of learnt.templates.values()) {
            const confidence = confidenceOf(each);
            if (confidence < this.#minConfidence) continue;
            const key = fillTemplate(each.template, texts);
            if (key === undefined) continue;
            const id = touchId(each.namespace, key, each.isWrite);
            if ((best.get(id)?.confidence ?? -1) >= confidence) continue;
            best.set(id, { namespace: each.namespace, key, confidence, isWrite: each.isWrite });
        }
        const of = (isWrite: boolean): PredictedKey[] =>
            [...best.values()]
                .filter((each) => each.isWrite === isWrite)
                .map(({ namespace, key, confidence }) => ({ namespace, key, confidence }));
        return {
            reads: of(false),
            writes: of(true),
            confidence: learnt.covered / (learnt.calls + 1),
        };
    }

    /** What was learnt of a function, for people: templates such as `account-{0}`. */
    templates(chaincode: string, functionName: string): readonly string[] {
        const learnt = this.#functions.get(functionId({ chaincode, functionName }));
        return [...(learnt?.templates.values() ?? [])]
            .filter((each) => confidenceOf(each) >= this.#minConfidence)
            .map(
                ({ isWrite, template }) =>
                    `${isWrite ? 'write' : 'read'} ${templateText(template)}`,
            )
            .sort();
    }

    #functionOf(call: Call): LearntFunction {
        const id = functionId(call);
        const learnt = this.#functions.get(id) ?? { templates: new Map(), calls: 0, covered: 0 };
        // Moved to the end: the map's order is by last use.
        this.#functions.delete(id);
        this.#functions.set(id, learnt);
        if (this.#functions.size > this.#maxFunctions) {
            const [oldest] = this.#functions.keys();
            if (oldest !== undefined) this.#functions.delete(oldest);
        }
        return learnt;
    }

    #learn(learnt: LearntFunction, { namespace, key, isWrite }: Touch, texts: CallTexts): void {
        const derived = deriveTemplate(key, texts);
        // The key as it is may be right as well: an argument can equal a part of it by accident.
        for (const template of derived === undefined ? [[key]] : [derived, [key]]) {
            const id = `${isWrite ? 'w' : 'r'}${publicKeyName(namespace, templateText(template))}`;
            if (learnt.templates.has(id)) continue;
            const isConstant = template !== derived;
            // Every key is its own constant once: a constant has to come twice to be believed.
            const tries = isConstant ? 2 : 1;
            learnt.templates.set(id, { namespace, isWrite, template, isConstant, hits: 1, tries });
        }
    }

    #evict({ templates }: LearntFunction): void {
        if (templates.size <= this.#maxTemplates) return;
        const worstFirst = [...templates].sort(
            ([, a], [, b]) => confidenceOf(a) - confidenceOf(b) || a.tries - b.tries,
        );
        for (const [id] of worstFirst.slice(0, templates.size - this.#maxTemplates)) {
            templates.delete(id);
        }
    }
}

/** The call of a committed or endorsed transaction, if it was one of an application's. */
export function callOf(tx: Transaction): Call | undefined {
    if (tx.kind !== 'invoke' || tx.chaincode === undefined) return undefined;
    return {
        chaincode: tx.chaincode.name,
        functionName: tx.functionName,
        args: tx.args.map((arg) => Buffer.from(arg).toString('utf8')),
    };
}

interface Touch {
    readonly namespace: string;
    readonly key: string;
    readonly isWrite: boolean;
}

const LIFECYCLE = '_lifecycle';

function touchedKeys(rwset: TxReadWriteSet): Map<string, Touch> {
    const touched = new Map<string, Touch>();
    for (const { namespace, reads, writes, metadataWrites } of rwset.namespaces) {
        if (namespace === LIFECYCLE) continue;
        const add = (key: string, isWrite: boolean): void => {
            touched.set(touchId(namespace, key, isWrite), { namespace, key, isWrite });
        };
        for (const { key } of reads) add(key, false);
        for (const { key } of writes) add(key, true);
        for (const { key } of metadataWrites) add(key, true);
    }
    return touched;
}

function hasRanges(rwset: TxReadWriteSet): boolean {
    return rwset.namespaces.some(({ rangeQueries }) => rangeQueries.length > 0);
}

function touchId(namespace: string, key: string, isWrite: boolean): string {
    return `${isWrite ? 'w' : 'r'}${publicKeyName(namespace, key)}`;
}

function functionId({ chaincode, functionName }: Pick<Call, 'chaincode' | 'functionName'>): string {
    return publicKeyName(chaincode, functionName);
}

function confidenceOf({ hits, tries }: LearntTemplate): number {
    return hits / (tries + 1);
}

function fade(learnt: LearntFunction): void {
    learnt.calls /= 2;
    learnt.covered /= 2;
    for (const each of learnt.templates.values()) {
        each.hits /= 2;
        each.tries /= 2;
    }
}
