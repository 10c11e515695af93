import { common, ledger } from '@hyperledger/fabric-protos';
import { decodeEnvelope } from '@goodput/rwset';

import { HISTORY_NAMESPACE, historyPrefix } from './bookkeeping.js';
import { promised } from './promised.js';
import type { RowSource } from './result-batches.js';
import type { WorldState } from './state.js';

/** What valid transactions wrote to a key, newest first, read from their blocks as it is asked for. */
export class HistoryRows implements RowSource {
    readonly #namespace: string;
    readonly #key: string;
    readonly #envelope: (blockNumber: number, index: number) => Uint8Array;
    readonly #places: { readonly blockNum: number; readonly txNum: number }[];

    constructor(
        namespace: string,
        key: string,
        state: WorldState,
        envelope: (blockNumber: number, index: number) => Uint8Array,
    ) {
        this.#namespace = namespace;
        this.#key = key;
        this.#envelope = envelope;
        const prefix = historyPrefix(namespace, key);
        const notes = state.range(HISTORY_NAMESPACE, prefix, `${prefix}:`);
        this.#places = Array.from(notes, ({ version }) => version);
    }

    next(): Promise<Uint8Array | undefined> {
        return promised(() => {
            const place = this.#places.pop();
            if (!place) return undefined;
            const envelope = this.#envelope(place.blockNum, place.txNum);
            const { txId, rwset } = decodeEnvelope(envelope);
            const write = rwset?.namespaces
                .find(({ namespace }) => namespace === this.#namespace)
                ?.writes.find(({ key }) => key === this.#key);
            const modification = new ledger.queryresult.KeyModification();
            modification.setTxId(txId);
            modification.setValue(write?.value ?? new Uint8Array());
            modification.setIsDelete(!write || write.isDelete || write.value.length === 0);
            modification.setTimestamp(timestampOf(envelope));
            return modification.serializeBinary();
        });
    }

    bookmark(): string {
        return '';
    }

    close(): void {
        this.#places.length = 0;
    }
}

/** The transaction's own timestamp, to the nanosecond. */
function timestampOf(envelope: Uint8Array) {
    const payload = common.Payload.deserializeBinary(
        common.Envelope.deserializeBinary(envelope).getPayload_asU8(),
    );
    const header = payload.getHeader()?.getChannelHeader_asU8() ?? new Uint8Array();
    return common.ChannelHeader.deserializeBinary(header).getTimestamp();
}
