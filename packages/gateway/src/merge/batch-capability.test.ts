import { expect } from 'chai';
import sinon from 'sinon';
import { GatewayError } from '../errors.js';
import { BatchCapabilities, type BatchCapability } from './batch-capability.js';

const bounds = { operations: 5, bytes: 1_000, keys: 10 };

describe('whether a contract runs batches', () => {
    let clock: sinon.SinonFakeTimers;
    let answer: () => string;
    let asked: number;
    let capabilities: BatchCapabilities;
    beforeEach(() => {
        clock = sinon.useFakeTimers({ toFake: ['performance'] });
        asked = 0;
        answer = () => '{}';
        capabilities = new BatchCapabilities(
            async () => {
                asked += 1;
                await Promise.resolve();
                return Buffer.from(answer());
            },
            (metadata) => ((metadata as { batch?: boolean }).batch ? bounds : undefined),
        );
    });
    afterEach(() => {
        clock.restore();
    });

    const ask = (): Promise<BatchCapability> => capabilities.of('cc', 'cc', undefined);
    const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

    it('is asked once, and of a contract without metadata too', async () => {
        for (const said of ['{}', 'no JSON at all']) {
            answer = () => said;
            await Promise.all([ask(), ask(), ask()]);
            await ask();
        }
        expect(asked).to.equal(1);
    });

    it('is not asked with each submission of a contract that refuses to tell', async () => {
        answer = () => {
            throw new GatewayError('GATEWAY_CONTRACT_REJECTED', 'no such function');
        };
        for (let n = 0; n < 10; n++) await ask();
        clock.tick(30_000);
        await ask();
        expect(asked).to.equal(1);
    });

    it('is asked again soon of a contract out of reach, and nobody waits for that', async () => {
        answer = () => {
            throw new GatewayError('GATEWAY_UNAVAILABLE', 'no peer');
        };
        for (let n = 0; n < 10; n++) expect((await ask()).batchable).to.equal(false);
        expect(asked).to.equal(1);
        answer = () => '{"batch":true}';
        clock.tick(2_001);
        expect((await ask()).batchable).to.equal(false);
        await settle();
        expect((await ask()).batchable).to.equal(true);
    });

    it('is known of a contract that is out of reach for a while as it was before', async () => {
        answer = () => '{"batch":true}';
        expect((await ask()).batchable).to.equal(true);
        answer = () => {
            throw new GatewayError('GATEWAY_TIMED_OUT', 'too busy');
        };
        clock.tick(60_001);
        for (let n = 0; n < 3; n++) {
            await ask();
            await settle();
            expect((await ask()).batchable).to.equal(true);
            clock.tick(2_001);
        }
        expect(asked).to.equal(4);
        answer = () => '{}';
        await ask();
        await settle();
        expect((await ask()).batchable).to.equal(false);
    });

    it('is found out anew after an upgrade', async () => {
        expect((await ask()).batchable).to.equal(false);
        answer = () => '{"batch":true}';
        clock.tick(60_001);
        await ask();
        await settle();
        expect((await ask()).batchable).to.equal(true);
        capabilities.refused('cc');
        expect((await ask()).batchable).to.equal(false);
    });
});
