import { status, type Client, type ServiceError } from '@grpc/grpc-js';

/** Something that can be put on the wire. */
interface Message {
    serializeBinary(): Uint8Array;
}

/** What a service answered: bytes, or a status and its text. */
export interface Answer {
    readonly status: string;
    readonly text: string;
    readonly bytes: Uint8Array;
}

/** Calls a service past the official client, which would not send everything. */
export function callUnary(client: Client, path: string, request: Message): Promise<Answer> {
    return new Promise((resolve) => {
        client.makeUnaryRequest(
            path,
            (bytes: Uint8Array) => Buffer.from(bytes),
            (bytes: Buffer) => bytes,
            request.serializeBinary(),
            (error: ServiceError | null, bytes?: Buffer) => {
                resolve({
                    status: status[error?.code ?? status.OK],
                    text: error?.details ?? '',
                    bytes: bytes ?? Buffer.alloc(0),
                });
            },
        );
    });
}

/**
 * Opens a stream in both directions, writes the requests one after the other and collects answers
 * until there are enough or the stream ends.
 */
export function callStream(
    client: Client,
    path: string,
    requests: readonly Message[],
    enough: (answers: readonly Uint8Array[]) => boolean,
): Promise<readonly Uint8Array[]> {
    return new Promise((resolve, reject) => {
        const answers: Uint8Array[] = [];
        const stream = client.makeBidiStreamRequest(
            path,
            (bytes: Uint8Array) => Buffer.from(bytes),
            (bytes: Buffer) => bytes,
        );
        let settled = false;
        const settle = (): void => {
            settled = true;
            stream.cancel();
            resolve(answers);
        };
        stream.on('data', (bytes: Uint8Array) => {
            answers.push(bytes);
            if (!settled && enough(answers)) settle();
        });
        stream.on('end', () => {
            if (!settled) settle();
        });
        stream.on('error', (error) => {
            if (!settled) reject(error);
        });
        for (const request of requests) stream.write(request.serializeBinary());
    });
}
