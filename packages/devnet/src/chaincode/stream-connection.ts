import type { peer } from '@hyperledger/fabric-protos';
import { ChaincodeConnection } from './connection.js';

/** A gRPC stream to a chaincode, whichever side opened it. */
interface MessageStream {
    write(message: peer.ChaincodeMessage): boolean;
    pause(): unknown;
    resume(): unknown;
    end(): unknown;
    once(event: 'drain', listener: () => void): unknown;
    on(event: 'data', listener: (message: peer.ChaincodeMessage) => void): unknown;
    on(event: 'end' | 'error' | 'cancelled' | 'close', listener: () => void): unknown;
}

/** Talks to a chaincode over a gRPC stream; the stream's end fails what runs on it. */
export function connectStream(
    stream: MessageStream,
    accept: (id: string, connection: ChaincodeConnection) => void,
    end: () => void = () => stream.end(),
): ChaincodeConnection {
    const connection: ChaincodeConnection = new ChaincodeConnection(
        {
            send: (message) => {
                if (stream.write(message)) return;
                // Who does not read is not read from: answers to it would fill the memory.
                stream.pause();
                stream.once('drain', () => stream.resume());
            },
            close: end,
        },
        (id) => {
            accept(id, connection);
        },
    );
    stream.on('data', (message) => {
        connection.receive(message);
    });
    const close = (): void => {
        connection.close();
    };
    stream.on('end', close);
    stream.on('error', close);
    stream.on('cancelled', close);
    stream.on('close', close);
    return connection;
}
