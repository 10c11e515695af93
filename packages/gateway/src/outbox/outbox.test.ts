import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { status as Grpc } from '@grpc/grpc-js';
import { expect } from 'chai';
import { ClassicLevel } from 'classic-level';
import sinon from 'sinon';
import type { GatewayError } from '../errors.js';
import type { ClientOptions } from '../client/options.js';
import type { Receipt } from '../client/receipt.js';
import { counterFunctions } from '../test-support/fake-client.js';
import { FakeNetwork, grpcError } from '../test-support/fake-network.js';
import { outboxSession, type OutboxSession } from '../test-support/outbox-session.js';
import { until } from '../test-support/until.js';
import { Outbox, type OutboxEntry } from './outbox.js';

describe('the outbox', function () {
    this.timeout(180_000);
    let folder: string;
    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), 'goodput-outbox-'));
    });
    afterEach(() => {
        rmSync(folder, { recursive: true, force: true });
    });

    const open = (
        network: FakeNetwork,
        timeouts: ClientOptions['timeouts'] = {},
        more: ClientOptions = {},
    ): Promise<OutboxSession> => outboxSession(folder, network, timeouts, more);

    it('holds an operation from acceptance to receipt', async () => {
        const { client, outbox, crash } = await open(new FakeNetwork());
        client.engine.hold();
        const ticket = await client.contract().submitAsync('add', ['k', '1'], { id: 'one' });
        expect((await outbox.list()).map(({ id, state }) => `${id} ${state}`)).to.deep.equal([
            'one waiting',
        ]);
        client.engine.release();
        await ticket.receipt;
        await crash();
        const again = await Outbox.open(folder);
        expect(await again.list()).to.deep.equal([]);
        expect((await again.receipt('one'))?.id).to.equal('one');
        await again.close();
    });

    it('does not take a new operation for one that an envelope outlives', async () => {
        const network = new FakeNetwork(3_600_000);
        const first = await open(network);
        const contract = first.client.contract({ strategy: 'merge', functions: counterFunctions });
        const ids = ['a', 'b', 'c'];
        await Promise.all(ids.map((id) => contract.submitAsync('add', [id, '1'], { id })));
        // Those that came later may have left in a transaction of their own.
        let sent: number[] = [];
        while (sent.length < ids.length) {
            await new Promise(setImmediate);
            sent = (await first.outbox.envelopes()).flatMap(({ operations }) => operations);
        }
        const last = Math.max(...sent);
        await first.outbox.finish(last, { id: 'c', finishedAt: 0, receipt: {} }, undefined);
        await first.crash();
        const again = await Outbox.open(folder);
        expect(again.nextSequence()).to.equal(last + 1);
        await again.close();
    });

    it('runs after a crash what had been accepted and not sent', async () => {
        const network = new FakeNetwork();
        const first = await open(network);
        first.client.engine.hold();
        const contract = first.client.contract({ functions: counterFunctions });
        for (const n of [1, 2, 3]) await contract.submitAsync('add', ['k', String(n)]);
        await first.crash();
        const second = await open(network);
        await second.client.engine.drain(10_000);
        expect(network.value('k')).to.equal(6);
        expect(
            second.recovered.map(({ outcome, recovered }) => [outcome, recovered]),
        ).to.deep.equal(Array(3).fill(['committed', true]));
        await second.crash();
    });

    it('sends the very same transaction after a crash, whether it had arrived or not', async () => {
        for (const arrived of [true, false]) {
            const network = new FakeNetwork();
            const first = await open(network);
            network.faults[arrived ? 'acknowledge' : 'submit'] = () => {
                throw grpcError(Grpc.UNAVAILABLE, 'the process dies here');
            };
            const contract = first.client.contract({ functions: counterFunctions });
            const before = network.chain.length;
            // A network that never answers: the crash comes before any receipt.
            network.watch = () => ({
                status: new Promise(() => undefined),
                cancel: () => undefined,
            });
            network.lookup = () => Promise.reject(new Error('dead'));
            const ticket = await contract.submitAsync('add', ['k', '3'], { id: 'a' });
            while ((await first.outbox.envelopes()).length === 0) {
                await new Promise((resolve) => setImmediate(resolve));
            }
            expect(ticket.status).to.not.equal('committed');
            const endorsed = network.endorsements;
            await first.crash();

            network.watch = FakeNetwork.prototype.watch.bind(network);
            network.lookup = FakeNetwork.prototype.lookup.bind(network);
            network.faults.acknowledge = () => undefined;
            network.faults.submit = () => undefined;
            const second = await open(network);
            await second.client.engine.drain(10_000);
            expect(network.value('k')).to.equal(3);
            expect(network.endorsements).to.equal(endorsed);
            expect(network.chain.length).to.equal(before + 1);
            await second.crash();
            rmSync(folder, { recursive: true, force: true });
        }
    });

    for (const [status, why] of [
        [Grpc.RESOURCE_EXHAUSTED, 'too many requests in flight'],
        [Grpc.PERMISSION_DENIED, 'access denied'],
    ] as const) {
        it(`does not give up what an earlier process may have sent for "${why}"`, async () => {
            const network = new FakeNetwork(60_000);
            const first = await open(network);
            await first.client.contract().submitAsync('add', ['k', '3'], { id: 'a' });
            await until(() => network.submissions > 0);
            await first.crash();
            network.faults.submit = () => {
                throw grpcError(status, why);
            };
            const second = await open(network, { outcomeMs: 1 });
            expect(second.recovered.map((receipt) => receipt.outcome)).to.deep.equal(['failed']);
            // Endorsed anew, it would be applied twice once the first is in a block.
            expect((await second.outbox.list()).map(({ state }) => state)).to.deep.equal(['sent']);
            await second.crash();
            network.cut();
        });
    }

    it('does an operation once, however often its id is submitted', async () => {
        const network = new FakeNetwork();
        const session = await open(network);
        const contract = session.client.contract();
        const [one, two] = await Promise.all([
            contract.submitAsync('add', ['k', '1'], { id: 'x' }),
            contract.submitAsync('add', ['k', '1'], { id: 'x' }),
        ]);
        expect(one).to.equal(two);
        await one.receipt;
        expect((await contract.submit('add', ['k', '1'], { id: 'x' })).text()).to.equal('1');
        await session.crash();
        const again = await open(network);
        const later = await again.client.contract().submit('add', ['k', '1'], { id: 'x' });
        expect([later.text(), later.recovered, network.value('k')]).to.deep.equal(['1', true, 1]);
        await again.crash();
    });

    it('does not do an operation again while it is not known what became of it', async () => {
        const network = new FakeNetwork(3_600_000);
        const { client, crash } = await open(network, { outcomeMs: 1, commitMs: 1 });
        const contract = client.contract();
        const submit = async (): Promise<Receipt> =>
            (await contract.submitAsync('add', ['k', '1'], { id: 'x' })).receipt;
        const first = await submit();
        expect(first.outcome === 'failed' && first.error.code).to.equal('GATEWAY_OUTCOME_UNKNOWN');
        await submit();
        await crash();
        network.cut();
        const again = await open(network);
        const receipt = await (
            await again.client.contract().submitAsync('add', ['k', '1'], { id: 'x' })
        ).receipt;
        expect([receipt.outcome, network.value('k')]).to.deep.equal(['committed', 1]);
        await again.crash();
    });

    it('has a receipt for what was being written down when the client closed', async () => {
        const network = new FakeNetwork();
        const { client, outbox } = await open(network);
        const accepting = client.contract().submitAsync('add', ['k', '1'], { id: 'x' });
        await new Promise((resolve) => setImmediate(resolve));
        await client.engine.drain(0);
        const ticket = await accepting.catch((error: unknown) => error as GatewayError);
        const held = (await outbox.list()).length;
        // Refused and not kept, or kept and not refused; never both or neither.
        if (ticket instanceof Error) expect(held).to.equal(0);
        else expect((await ticket.receipt).outcome).to.be.oneOf(['committed', 'failed']);
        await outbox.close();
        const again = await open(network);
        await again.client.engine.drain(10_000);
        expect(network.value('k')).to.equal(ticket instanceof Error ? 0 : 1);
        await again.crash();
    });

    it('holds on to deadline and strategy through a crash, and does more than the queue would take', async () => {
        const network = new FakeNetwork();
        const first = await open(network);
        first.client.engine.hold();
        const contract = first.client.contract({ strategy: 'direct' });
        await contract.submitAsync('add', ['k', '1'], { timeoutMs: 60_000, id: 'late' });
        for (const key of ['a', 'b', 'c']) await contract.submitAsync('add', [key, '1']);
        await first.crash();
        const clock = sinon.useFakeTimers({ now: Date.now() + 60_001, toFake: ['Date'] });
        const second = await open(network, {}, { queue: { operations: 2 } }).finally(() => {
            clock.restore();
        });
        await second.client.engine.drain(10_000);
        expect(['a', 'b', 'c', 'k'].map((key) => network.value(key))).to.deep.equal([1, 1, 1, 0]);
        expect(second.recovered.map(({ strategy }) => strategy)).to.deep.equal(
            Array(4).fill('direct'),
        );
        const late = second.recovered.find(({ id }) => id === 'late');
        expect(late?.outcome === 'failed' && late.error.code).to.equal('GATEWAY_DEADLINE_PASSED');
        await second.crash();
        expect(await leftIn(folder)).to.deep.equal([]);
        // A process that has crashed has no timers left.
        await first.client.engine.drain(0);
    });

    it('is that of one identity on one channel, for as long as it holds anything', async () => {
        const anna = { channel: 'one', mspId: 'Org1MSP', subject: 'CN=anna' };
        const others = [
            { ...anna, channel: 'two' },
            { ...anna, mspId: 'Org2MSP' },
            { ...anna, subject: 'CN=ben' },
        ];
        const empty = await Outbox.open(folder);
        for (const owner of [...others, anna, anna]) await empty.claim(owner);
        await empty.close();
        const session = await open(new FakeNetwork());
        await session.client.contract().submit('add', ['k', '1'], { id: 'x' });
        await session.crash();
        const outbox = await Outbox.open(folder);
        for (const owner of others) {
            const error = await outbox.claim(owner).catch((thrown: unknown) => thrown);
            expect(error).to.have.property('code', 'GATEWAY_OUTBOX_UNUSABLE');
        }
        await outbox.claim(anna);
        await outbox.close();
    });

    it('keeps what failed for somebody to retry', async () => {
        const network = new FakeNetwork();
        network.faults.endorse = () => {
            throw grpcError(Grpc.PERMISSION_DENIED, 'not allowed');
        };
        const session = await open(network);
        const contract = session.client.contract();
        await (
            await contract.submitAsync('add', ['k', '1'], { id: 'x' })
        ).receipt;
        await session.crash();
        network.faults.endorse = () => undefined;

        const outbox = await Outbox.open(folder);
        const [entry] = await outbox.list();
        expect(entry).to.deep.include({ id: 'x', state: 'failed', function: 'counters:add' });
        expect(entry?.error?.code).to.equal('GATEWAY_PERMISSION_DENIED');
        const lines: string[] = [];
        for await (const line of outbox.export()) lines.push(line);
        expect(lines.join('')).to.match(/"transaction":"add"/);
        expect([await outbox.retry('other'), await outbox.retry()]).to.deep.equal([0, 1]);
        await outbox.close();

        const again = await open(network);
        await again.client.engine.drain(10_000);
        expect(network.value('k')).to.equal(1);
        await again.crash();
    });

    it('refuses to be opened twice, and to hold transient data', async () => {
        const session = await open(new FakeNetwork());
        const second = await Outbox.open(folder).catch((error: unknown) => error);
        expect(second).to.have.property('code', 'GATEWAY_OUTBOX_UNUSABLE');
        const contract = session.client.contract();
        const refused = await contract
            .submit('add', ['k'], { transient: { secret: 'x' } })
            .catch((error: unknown) => error);
        expect(refused).to.have.property('code', 'GATEWAY_OPTIONS_INVALID');
        await session.crash();
    });

    it('is not made by somebody who only looks', async () => {
        const elsewhere = join(folder, 'mistyped');
        const error = await Outbox.open(elsewhere, { create: false }).catch(
            (thrown: unknown) => thrown as GatewayError,
        );
        expect((error as GatewayError).code).to.equal('GATEWAY_OUTBOX_UNUSABLE');
        const made = await Outbox.open(elsewhere);
        await made.close();
        await (await Outbox.open(elsewhere, { create: false })).close();
    });

    it('says what is wrong with a folder that cannot be one, and keeps nothing open', async () => {
        const file = join(folder, 'file');
        writeFileSync(file, 'not a folder');
        const damaged = join(folder, 'damaged');
        await (await Outbox.open(damaged)).close();
        writeFileSync(join(damaged, 'CURRENT'), 'MANIFEST-999999\n');
        for (const path of [file, damaged]) {
            const error = await Outbox.open(path).catch((thrown: unknown) => thrown);
            expect((error as GatewayError).code).to.equal('GATEWAY_OUTBOX_UNUSABLE');
        }
    });

    it('says so when its folder may not be written, and leaves it as it is', async () => {
        const readOnly = join(folder, 'read-only');
        await (await Outbox.open(readOnly)).close();
        const before = readdirSync(readOnly);
        for (const file of before) chmodSync(join(readOnly, file), 0o444);
        chmodSync(readOnly, 0o555);
        chmodSync(folder, 0o755);
        try {
            for (const path of [readOnly, join(readOnly, 'new')]) {
                const error = await withoutPrivileges(() => Outbox.open(path)).catch(
                    (thrown: unknown) => thrown as GatewayError,
                );
                expect(error).to.have.property('code', 'GATEWAY_OUTBOX_UNUSABLE');
                expect((error as GatewayError).message).to.match(/permission denied/i);
            }
            expect(readdirSync(readOnly)).to.deep.equal(before);
        } finally {
            chmodSync(readOnly, 0o755);
        }
    });

    it('accepts nothing that a full disk does not take, and does once what it had accepted', async () => {
        const network = new FakeNetwork();
        const session = await open(network);
        const contract = session.client.contract({ functions: counterFunctions });
        // The disk is full for a while in the midst of it; each write fails as a whole.
        const disk = ClassicLevel.prototype as unknown as { _batch: () => Promise<void> };
        const write = disk._batch;
        let writes = 0;
        const stub = sinon.stub(disk, '_batch').callsFake(function (this: unknown, ...args) {
            writes += 1;
            const full = Object.assign(new Error('No space left on device'), { code: 'ENOSPC' });
            return writes > 30 && writes < 60 ? Promise.reject(full) : write.apply(this, args);
        });
        const accepted: Promise<Receipt>[] = [];
        const refused: GatewayError[] = [];
        try {
            for (let n = 0; n < 120; n++) {
                try {
                    const ticket = await contract.submitAsync('add', ['k', '1'], { id: `op${n}` });
                    accepted.push(ticket.receipt);
                } catch (error) {
                    refused.push(error as GatewayError);
                }
            }
            const receipts = await Promise.all(accepted);
            expect(writes).to.be.greaterThan(60);
            expect(refused.length).to.be.greaterThan(0);
            for (const error of refused) {
                expect(error.code).to.equal('GATEWAY_OUTBOX_UNUSABLE');
                expect(error.message).to.match(/No space left.*was not accepted/);
            }
            for (const receipt of receipts) {
                if (receipt.outcome === 'committed') continue;
                expect(receipt.error.code).to.equal('GATEWAY_OUTBOX_UNUSABLE');
                expect(receipt.error.message).to.match(/Nothing was sent.*goes on when/);
            }
            expect(session.client.engine.held).to.deep.equal({ operations: 0, bytes: 0 });
            const committed = receipts.filter(({ outcome }) => outcome === 'committed');
            expect(network.value('k')).to.equal(committed.length);
        } finally {
            stub.restore();
        }
        await session.crash();
        const again = await open(network);
        await again.client.engine.drain(10_000);
        expect(network.value('k')).to.equal(accepted.length);
        await again.crash();
        expect(await leftIn(folder)).to.deep.equal([]);
    });
});

/** What an outbox holds once all that was asked of it is on disk, which a receipt does not wait for. */
async function leftIn(folder: string): Promise<OutboxEntry[]> {
    const outbox = await Outbox.open(folder);
    const left = await outbox.list();
    await outbox.close();
    return left;
}

/** As somebody whom permissions hold back, which they do not hold back root. */
async function withoutPrivileges<T>(what: () => Promise<T>): Promise<T> {
    const root = process.getuid?.() === 0;
    if (root) process.seteuid?.(65_534);
    try {
        return await what();
    } finally {
        if (root) process.seteuid?.(0);
    }
}
