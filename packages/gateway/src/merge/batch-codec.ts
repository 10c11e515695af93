import type { Call } from '../transport/transport.js';

/** What became of one operation of a merged transaction. */
export type BatchOutcome =
    | { readonly ok: true; readonly result: Uint8Array }
    | { readonly ok: false; readonly code?: string; readonly message: string };

/** How merged transactions are written and read. */
export interface BatchCodec {
    /** One call that carries all of these, in this order. */
    encode(calls: readonly Call[]): Call;
    /** The outcomes in the same order; throws `GATEWAY_RESPONSE_MALFORMED`. */
    decode(result: Uint8Array, count: number): readonly BatchOutcome[];
    /** Whether a contract's refusal means that it has no batch executor at all. */
    isUnsupported(contractMessage: string): boolean;
}
