import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import {
    Client,
    credentials,
    Server,
    ServerCredentials,
    status as Grpc,
    type ClientReadableStream,
    type ServiceError,
} from '@grpc/grpc-js';
import { expect } from 'chai';
import sinon from 'sinon';
import { watchSilence, type Patience } from './watched-channel.js';

const same = (bytes: Buffer): Buffer => bytes;
const unary = { requestStream: false, responseStream: false } as const;
const codec = {
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
};
const service = {
    soon: { path: '/test/soon', ...unary, ...codec },
    late: { path: '/test/late', ...unary, ...codec },
    watch: { path: '/test/watch', requestStream: false, responseStream: true, ...codec },
};

/** Carries bytes to a server until told to swallow them: nobody is told of that. */
class Wire {
    readonly #sockets = new Set<Socket>();
    readonly #server = createServer();
    silent = false;

    async open(port: number): Promise<string> {
        this.#server.on('connection', (near) => {
            const far = connect(port, '127.0.0.1');
            this.#carry(near, far);
            this.#carry(far, near);
        });
        this.#server.listen(0, '127.0.0.1');
        await once(this.#server, 'listening');
        return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    }

    #carry(from: Socket, to: Socket): void {
        this.#sockets.add(from);
        // A connection that was once swallowed stays so, as with a firewall that has forgotten it.
        let lost = this.silent;
        from.on('data', (bytes) => {
            lost ||= this.silent;
            if (!lost) to.write(bytes);
        });
        from.on('error', () => to.destroy());
        from.on('close', () => {
            this.#sockets.delete(from);
            if (!lost) to.destroy();
        });
    }

    async close(): Promise<void> {
        for (const socket of this.#sockets) socket.destroy();
        this.#server.close();
        await once(this.#server, 'close');
    }
}

describe('a watched connection', () => {
    const patience: Patience = { quietMs: 100, idleMs: 200, answerMs: 1_000 };
    let server: Server;
    let wire: Wire;
    let client: Client;
    let renewed: number;
    let finishLate: (() => void)[];
    const begin = async (wished: Patience = patience): Promise<void> => {
        renewed = 0;
        finishLate = [];
        server = new Server();
        server.addService(service, {
            soon: (_: unknown, answer: (e: null, bytes: Buffer) => void) => {
                answer(null, Buffer.from('here'));
            },
            late: (_: unknown, answer: (e: null, bytes: Buffer) => void) => {
                finishLate.push(() => {
                    answer(null, Buffer.from('at last'));
                });
            },
            watch: (call: { write(bytes: Buffer): void }) => {
                call.write(Buffer.from('first'));
            },
        });
        const port = await new Promise<number>((resolve, reject) => {
            server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
                if (error === null) resolve(bound);
                else reject(error);
            });
        });
        wire = new Wire();
        const address = await wire.open(port);
        const onSilent = (): void => {
            renewed += 1;
        };
        const watching = watchSilence({ ...wished, onSilent });
        client = new Client(address, credentials.createInsecure(), watching);
    };
    afterEach(async () => {
        sinon.restore();
        client.close();
        await wire.close();
        server.forceShutdown();
    });

    const call = (path: string, timeoutMs = 30_000): Promise<string> =>
        new Promise((resolve, reject) => {
            const deadline = Date.now() + timeoutMs;
            const done = (error: ServiceError | null, bytes?: Buffer): void => {
                if (error !== null) reject(error);
                else resolve(String(bytes));
            };
            client.makeUnaryRequest(path, same, same, Buffer.alloc(0), { deadline }, done);
        });
    const failure = async (promise: Promise<unknown>): Promise<ServiceError> => {
        const error: unknown = await promise.then(
            () => undefined,
            (reason: unknown) => reason,
        );
        expect(error).to.be.instanceOf(Error);
        return error as ServiceError;
    };
    const nextOf = (stream: ClientReadableStream<Buffer>): Promise<string> =>
        new Promise((resolve, reject) => {
            stream.once('data', (bytes: Buffer) => {
                resolve(String(bytes));
            });
            stream.once('error', reject);
        });

    it('ends what waits as unavailable when the other side went silent, and goes on with a new one', async () => {
        await begin();
        expect(await call('/test/soon')).to.equal('here');
        wire.silent = true;
        const waiting = [call('/test/soon'), call('/test/late')];
        const errors = await Promise.all(waiting.map(failure));
        for (const { code, details } of errors) {
            expect(code).to.equal(Grpc.UNAVAILABLE);
            expect(details).to.include('went silent');
        }
        expect(renewed).to.equal(1);
        wire.silent = false;
        expect(await call('/test/soon')).to.equal('here');
    });

    it('does the same when the other side accepts a connection and never speaks', async () => {
        await begin();
        wire.silent = true;
        expect((await failure(call('/test/soon'))).code).to.equal(Grpc.UNAVAILABLE);
        wire.silent = false;
        expect(await call('/test/soon')).to.equal('here');
    });

    it('ends a stream that would wait for ever', async () => {
        await begin();
        const stream = client.makeServerStreamRequest('/test/watch', same, same, Buffer.alloc(0));
        expect(await nextOf(stream)).to.equal('first');
        wire.silent = true;
        expect((await failure(nextOf(stream))).code).to.equal(Grpc.UNAVAILABLE);
        expect(renewed).to.equal(1);
    });

    it('waits for what is slow, and for a stream that has nothing to say', async () => {
        await begin();
        const asked = sinon.spy(Client.prototype, 'makeUnaryRequest');
        const stream = client.makeServerStreamRequest('/test/watch', same, same, Buffer.alloc(0));
        expect(await nextOf(stream)).to.equal('first');
        const late = call('/test/late');
        const questions = (): number =>
            asked.getCalls().filter(({ args: [path] }) => path.includes('Alive')).length;
        while (questions() < 3) await new Promise((resolve) => setTimeout(resolve, 10));
        finishLate[0]?.();
        expect(await late).to.equal('at last');
        const before = questions();
        while (questions() < before + 2) await new Promise((resolve) => setTimeout(resolve, 10));
        expect(renewed).to.equal(0);
        stream.on('error', () => undefined);
        stream.cancel();
    });

    it('does not blame the connection for its own process being held up', async () => {
        await begin({ quietMs: 30, idleMs: 30, answerMs: 60 });
        expect(await call('/test/soon')).to.equal('here');
        const answer = call('/test/soon');
        const until = performance.now() + 500;
        while (performance.now() < until);
        expect(await answer).to.equal('here');
        expect(renewed).to.equal(0);
    });

    it('leaves a call that ends by its own time limit, or is refused, as it is', async () => {
        await begin();
        expect((await failure(call('/test/late', 50))).code).to.equal(Grpc.DEADLINE_EXCEEDED);
        expect((await failure(call('/test/unknown'))).code).to.equal(Grpc.UNIMPLEMENTED);
        expect(renewed).to.equal(0);
    });

    it('looks only while calls are under way', async () => {
        await begin();
        const timers = sinon.spy(globalThis, 'setInterval');
        const ended = sinon.spy(globalThis, 'clearInterval');
        await call('/test/soon');
        const ours = timers.returnValues.at(0);
        expect(ours).to.not.equal(undefined);
        expect(ended.calledWith(ours)).to.equal(true);
    });
});
