import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import {
    Client,
    credentials,
    ServerCredentials,
    type Server,
    type ServerWritableStream,
} from '@grpc/grpc-js';
import { expect } from 'chai';
import { nodeServer } from './node-server.js';

const same = (bytes: Buffer): Buffer => bytes;
const watch = {
    path: '/test/watch',
    requestStream: false,
    responseStream: true,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
} as const;

function listen(server: Server): Promise<number> {
    return new Promise((resolve, reject) => {
        server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
            if (error === null) resolve(port);
            else reject(error);
        });
    });
}

describe("a node's server", () => {
    it('lets go of a client that is gone without having said so', async () => {
        // Asked for often, and given as much time as a busy machine may need.
        const server = nodeServer({ timeMs: 100, timeoutMs: 3_000 });
        const opened = new Promise<ServerWritableStream<Buffer, Buffer>>((resolve) => {
            server.addService({ watch }, { watch: resolve });
        });
        const port = await listen(server);
        const sockets: Socket[] = [];
        let heard = 0;
        const wire = createServer((near) => {
            const far = connect(port, '127.0.0.1');
            near.on('data', () => {
                heard += 1;
            });
            near.pipe(far).pipe(near);
            sockets.push(near, far);
        }).listen(0, '127.0.0.1');
        await once(wire, 'listening');
        const client = new Client(
            `127.0.0.1:${(wire.address() as AddressInfo).port}`,
            credentials.createInsecure(),
        );
        try {
            client
                .makeServerStreamRequest(watch.path, same, same, Buffer.alloc(0))
                .on('error', () => undefined);
            const stream = await opened;
            // One that lives answers, however little it has to say.
            const before = heard;
            while (heard < before + 5) await new Promise((resolve) => setTimeout(resolve, 10));
            expect(stream.cancelled).to.equal(false);
            const gone = once(stream, 'cancelled');
            for (const socket of sockets) socket.unpipe().resume();
            await gone;
        } finally {
            client.close();
            for (const socket of sockets) socket.destroy();
            wire.close();
            server.forceShutdown();
        }
    });
});
