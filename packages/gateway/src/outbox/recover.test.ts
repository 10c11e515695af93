import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import sinon from 'sinon';
import type { GatewayError } from '../errors.js';
import { counterFunctions, fakeClient } from '../test-support/fake-client.js';
import { FakeNetwork } from '../test-support/fake-network.js';
import { outboxSession } from '../test-support/outbox-session.js';
import { until } from '../test-support/until.js';
import { OutboxKeeper } from './outbox-keeper.js';
import { Outbox } from './outbox.js';
import { recover } from './recover.js';

describe('taking up an outbox', function () {
    this.timeout(180_000);
    let folder: string;
    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), 'goodput-recover-'));
    });
    afterEach(() => {
        rmSync(folder, { recursive: true, force: true });
    });

    /** A client whose outbox holds an operation of a crashed one, which it has yet to take up. */
    const reopened = async (network: FakeNetwork) => {
        const first = await outboxSession(folder, network);
        first.client.engine.hold();
        await first.client.contract().submitAsync('add', ['k', '1'], { id: 'x' });
        await first.crash();
        return opened(network);
    };

    const opened = async (network: FakeNetwork) => {
        const outbox = await Outbox.open(folder, { sync: false });
        const keeper = new OutboxKeeper(outbox, await outbox.operations(), () => undefined);
        return { outbox, keeper, client: fakeClient(network, {}, true, { keeper }) };
    };

    it('does not do an operation again that is only just being taken up', async () => {
        const network = new FakeNetwork();
        const { outbox, keeper, client } = await reopened(network);
        const { engine } = client;
        engine.hold();
        const again = client.contract().submit('add', ['k', '1'], { id: 'x' });
        await recover({ outbox, keeper, engine, onRecovered: () => undefined });
        engine.release();
        expect((await again).recovered).to.equal(true);
        await engine.drain(10_000);
        expect(network.value('k')).to.equal(1);
        await outbox.close();
    });

    it('tells whoever waits for one that is not taken up before the client closes', async () => {
        const network = new FakeNetwork();
        const { outbox, keeper, client } = await reopened(network);
        const { engine } = client;
        const again = client
            .contract()
            .submit('add', ['k', '1'], { id: 'x' })
            .catch((error: unknown) => error as GatewayError);
        await engine.drain(0);
        await recover({ outbox, keeper, engine, onRecovered: () => undefined });
        expect(await again).to.have.property('code', 'GATEWAY_CLOSED');
        expect((await outbox.list()).map(({ id }) => id)).to.deep.equal(['x']);
        await outbox.close();
    });

    it('does nothing again of a transaction of which it had only taken up a part when it closed', async () => {
        const network = new FakeNetwork(3_600_000);
        const first = await outboxSession(folder, network);
        const contract = first.client.contract({ strategy: 'merge', functions: counterFunctions });
        const keys = ['a', 'b', 'c'];
        await Promise.all(keys.map((key) => contract.submitAsync('add', [key, '1'])));
        await until(() => network.submissions > 0);
        await first.crash();
        network.cut();

        const { outbox, keeper, client } = await opened(network);
        const { engine } = client;
        const take = engine.recover.bind(engine);
        engine.recover = async (...args) => {
            const operation = await take(...args);
            await engine.drain(0);
            return operation;
        };
        await recover({ outbox, keeper, engine, onRecovered: () => undefined });
        await outbox.close();

        const last = await outboxSession(folder, network);
        await last.client.engine.drain(1_000);
        await last.crash();
        expect(keys.map((key) => network.value(key))).to.deep.equal([1, 1, 1]);
        expect(network.endorsements).to.equal(1);
    });

    it('tells whoever waits for what it could not take up, and leaves it as it is', async () => {
        const network = new FakeNetwork();
        const { outbox, keeper, client } = await reopened(network);
        const { engine } = client;
        const failing = sinon.stub(outbox, 'envelopes').rejects(new Error('the disk is failing'));
        const receipt = client
            .contract()
            .submit('add', ['k', '1'], { id: 'x' })
            .catch((error: unknown) => error as GatewayError);
        const failure = await recover({
            outbox,
            keeper,
            engine,
            onRecovered: () => undefined,
        }).catch((error: unknown) => error);
        failing.restore();
        expect(failure).to.have.property('message', 'the disk is failing');
        expect(await receipt).to.have.property('code', 'GATEWAY_OUTBOX_UNUSABLE');
        expect(engine.held).to.deep.equal({ operations: 0, bytes: 0 });
        expect((await outbox.list()).map(({ id, state }) => `${id} ${state}`)).to.deep.equal([
            'x waiting',
        ]);
        await outbox.close();
    });
});
