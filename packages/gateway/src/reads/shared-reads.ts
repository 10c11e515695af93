import type { EvaluateOptions } from '../client/options.js';
import type { Call } from '../transport/transport.js';
import { nameOfCall } from './cached-reads.js';

type Evaluate = (call: Call, options: EvaluateOptions) => Promise<Uint8Array>;

interface UnderWay {
    readonly generation: bigint;
    readonly answer: Promise<Uint8Array>;
}

/**
 * Lets identical reads that are under way at once share one call, as long as no block came in
 * between: whoever has seen a commit never gets an answer from before it.
 */
export class SharedReads {
    readonly #evaluate: Evaluate;
    readonly #underWay = new Map<string, UnderWay>();

    constructor(evaluate: Evaluate) {
        this.#evaluate = evaluate;
    }

    /** @param generation - changes with every block */
    async evaluate(call: Call, options: EvaluateOptions, generation: bigint): Promise<Uint8Array> {
        // What has limits of its own is asked on its own.
        if (Object.keys(options).length > 0) return this.#evaluate(call, options);
        const name = nameOfCall(call);
        const underWay = this.#underWay.get(name);
        if (underWay?.generation === generation) return Uint8Array.from(await underWay.answer);
        const answer = this.#evaluate(call, options).finally(() => {
            if (this.#underWay.get(name)?.answer === answer) this.#underWay.delete(name);
        });
        this.#underWay.set(name, { generation, answer });
        return Uint8Array.from(await answer);
    }
}
