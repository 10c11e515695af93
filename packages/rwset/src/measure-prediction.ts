import type { TxReadWriteSet } from './model.js';
import { type Call, KeyPredictor, type PredictorOptions } from './predict.js';

/** A call and what it turned out to touch. */
export interface ObservedCall {
    readonly call: Call;
    readonly rwset: TxReadWriteSet;
}

/** How good predictions were on calls the predictor had not seen. */
export interface PredictionQuality {
    /** How many calls were predicted. */
    readonly calls: number;
    /** Of the keys named, the share that was touched. */
    readonly precision: number;
    /** Of the keys touched, the share that was named. */
    readonly recall: number;
    /** The share of calls of which all keys were named, and no others. */
    readonly exact: number;
}

/**
 * Learns from the first part of a trace and predicts the rest, held back until then. With nothing to
 * name and nothing touched, precision and recall are 1.
 */
export function measurePrediction(
    trace: readonly ObservedCall[],
    { trainShare = 0.5, ...options }: PredictorOptions & { readonly trainShare?: number } = {},
): PredictionQuality {
    const predictor = new KeyPredictor(options);
    const cut = Math.floor(trace.length * trainShare);
    for (const { call, rwset } of trace.slice(0, cut)) predictor.observe(call, rwset);
    let named = 0;
    let touched = 0;
    let right = 0;
    let exact = 0;
    for (const { call, rwset } of trace.slice(cut)) {
        const { reads, writes } = predictor.predict(call);
        const predicted = new Set([
            ...reads.map((each) => `r${each.namespace}\u0000${each.key}`),
            ...writes.map((each) => `w${each.namespace}\u0000${each.key}`),
        ]);
        const actual = new Set(
            rwset.namespaces
                .filter(({ namespace }) => namespace !== '_lifecycle')
                .flatMap(({ namespace, reads: r, writes: w, metadataWrites: m }) => [
                    ...r.map(({ key }) => `r${namespace}\u0000${key}`),
                    ...[...w, ...m].map(({ key }) => `w${namespace}\u0000${key}`),
                ]),
        );
        const hits = [...predicted].filter((id) => actual.has(id)).length;
        named += predicted.size;
        touched += actual.size;
        right += hits;
        if (hits === predicted.size && hits === actual.size) exact++;
    }
    const calls = trace.length - cut;
    return {
        calls,
        precision: named === 0 ? 1 : right / named,
        recall: touched === 0 ? 1 : right / touched,
        exact: calls === 0 ? 1 : exact / calls,
    };
}
