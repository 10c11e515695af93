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
    let tail = Promise.resolve();
    let open = true;
    stream.on('data', (envelope: common.Envelope) => {
        tail = tail.then(async () => {
            if (!open) return;
            const response = await answer(envelope, broadcast);
            stream.write(response);
            if (response.getStatus() === Status.SUCCESS) return;
            open = false;
            stream.end();
        });
    });
    stream.on('end', () => {
        void tail.then(() => {
            if (open) stream.end();
        });
    });
    for (const event of ['cancelled', 'error']) {
        stream.on(event, () => {
            open = false;
        });
    }
}
