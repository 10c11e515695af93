import type { ServerDuplexStream } from '@grpc/grpc-js';
import { common, orderer } from '@hyperledger/fabric-protos';
import { RefusedEnvelope, readEnvelope, type UnpackedEnvelope } from '../orderer/check-envelope.js';

const { Status } = common;

type Stream = ServerDuplexStream<common.Envelope, orderer.BroadcastResponse>;

/** Hands an envelope to the ordering service; throws `RefusedEnvelope`, or whatever else went wrong. */
export type Broadcast = (bytes: Uint8Array, unpacked: UnpackedEnvelope) => Promise<void>;

async function answer(
    envelope: common.Envelope,
    broadcast: Broadcast,
): Promise<orderer.BroadcastResponse> {
    const response = new orderer.BroadcastResponse();
    try {
        await broadcast(envelope.serializeBinary(), readEnvelope(envelope));
        response.setStatus(Status.SUCCESS);
    } catch (error) {
        const refused = error instanceof RefusedEnvelope;
        response.setStatus(refused ? error.status : Status.SERVICE_UNAVAILABLE);
        response.setInfo(error instanceof Error ? error.message : String(error));
    }
    return response;
}

/** Serves one broadcast stream: an answer to each envelope, and the end after the first refusal. */
export function broadcastStream(stream: Stream, broadcast: Broadcast): void {
    let open = true;
    let answering = Promise.resolve();
    stream.on('data', (envelope: common.Envelope) => {
        // The next is read when this one's answer is on its way: who sends more is held up, not remembered.
        stream.pause();
        answering = answer(envelope, broadcast).then(async (response) => {
            if (!open) return;
            const accepted = response.getStatus() === Status.SUCCESS;
            const full = !stream.write(response);
            if (!accepted) {
                open = false;
                stream.end();
                return;
            }
            if (full) await drained(stream);
            stream.resume();
        });
    });
    stream.on('end', () => {
        void answering.then(() => {
            if (open) stream.end();
        });
    });
    for (const event of ['cancelled', 'error']) {
        stream.on(event, () => {
            open = false;
        });
    }
}

/** Resolves when more can be written, or nobody is there any more to write to. */
function drained(stream: Stream): Promise<void> {
    return new Promise((resolve) => {
        for (const event of ['drain', 'cancelled', 'close']) {
            stream.once(event, () => {
                resolve();
            });
        }
    });
}
