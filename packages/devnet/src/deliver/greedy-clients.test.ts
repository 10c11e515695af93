import { connect, type ClientHttp2Session } from 'node:http2';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { spy } from 'sinon';
import type { Network } from '../network/network.js';
import { startNetwork } from '../network/start-network.js';
import { connectClient } from '../test-support/connect-client.js';
import { CounterContract } from '../test-support/counter-contract.js';
import { seekEnvelope } from '../test-support/seek-envelope.js';

/** Resolves when the count has begun, and has stood still for a while. */
async function settled(count: () => number): Promise<number> {
    for (let before = 0; ;) {
        const now = count();
        if (now > 0 && now === before) return now;
        before = now;
        await pause(150);
    }
}

describe('a client that asks and never reads', function () {
    this.timeout(300_000);
    let network: Network;
    const sessions: ClientHttp2Session[] = [];

    before(async () => {
        network = await startNetwork({ tls: false, block: { timeoutMs: 10 } });
        await network.deploy({ name: 'counter', contracts: [CounterContract] });
        const client = connectClient(network);
        const large = 'x'.repeat(512 * 1024);
        for (let index = 0; index < 24; index += 1) {
            await client.contract('counter').submitTransaction('put', `key${index}`, large);
        }
        client.close();
    });
    after(async () => {
        for (const session of sessions) session.destroy();
        await network.stop();
    });

    /** A connection that never reads: the library's own client does, into its memory. */
    function dial(endpoint: string): ClientHttp2Session {
        const session = connect(`http://${endpoint}`);
        session.on('error', () => undefined);
        sessions.push(session);
        return session;
    }

    function ask(session: ClientHttp2Session, method: string, times: number): void {
        const stream = session.request({
            ':method': 'POST',
            ':path': method,
            'content-type': 'application/grpc',
            te: 'trailers',
        });
        stream.on('error', () => undefined);
        const bytes = seekEnvelope(network.organization().users[0]!, {
            start: 0,
            stop: Number.MAX_SAFE_INTEGER,
        }).serializeBinary();
        const frame = Buffer.alloc(5 + bytes.length);
        frame.writeUInt32BE(bytes.length, 1);
        frame.set(bytes, 5);
        for (let count = 0; count < times; count += 1) stream.write(frame);
    }

    async function stillServes(): Promise<void> {
        const client = connectClient(network);
        await client.contract('counter').submitTransaction('put', 'after', '1');
        client.close();
    }

    it('is sent no more blocks than are on their way, however often it asks', async () => {
        const blocks = spy(network.channel(), 'block');
        try {
            ask(dial(network.peers[0]?.endpoint ?? ''), '/protos.Deliver/Deliver', 1000);
            const read = await settled(() => blocks.callCount);
            expect(read).to.be.greaterThan(0).and.lessThan(12);
            await stillServes();
        } finally {
            blocks.restore();
        }
    });

    it('holds up nobody else, with a thousand streams', async () => {
        const endpoint = network.peers[0]?.endpoint ?? '';
        const blocks = spy(network.channel(), 'block');
        try {
            const dialled = Array.from({ length: 10 }, () => dial(endpoint));
            for (const session of dialled) {
                for (let count = 0; count < 100; count += 1) {
                    ask(session, '/protos.Deliver/Deliver', 2);
                }
            }
            await stillServes();
            expect(await settled(() => blocks.callCount)).to.be.lessThan(1000 * 12);
        } finally {
            blocks.restore();
        }
    });

    it('is not read from by the ordering service while it leaves answers unread', async () => {
        const endpoint = network.profile.orderers?.[0]?.endpoint ?? '';
        ask(dial(endpoint), '/orderer.AtomicBroadcast/Broadcast', 200);
        await stillServes();
    });
});
