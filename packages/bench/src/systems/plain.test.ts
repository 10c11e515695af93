import { expect } from 'chai';
import { contracts } from '@goodput/bench-chaincode';
import { startNetwork, type Network as Devnet } from '@goodput/devnet';
import { resolveProfile } from '@goodput/network';
import { realTiming } from '../load/open-loop.js';
import { seededRandom } from '../load/random.js';
import { retrySystem } from './plain.js';

describe('The official client in a sensible loop', function () {
    this.timeout(180_000);
    let devnet: Devnet;
    before(async () => {
        devnet = await startNetwork({ block: { timeoutMs: 10 } });
        await devnet.deploy({ name: 'bench', contracts: [...contracts] });
    });
    after(() => devnet.stop());

    it('tries an endorsement again that failed', async () => {
        const repair = devnet.faults.failEndorser();
        const pauses: number[] = [];
        const sleep = (ms: number): Promise<void> => {
            pauses.push(ms);
            if (pauses.length === 2) repair();
            return Promise.resolve();
        };
        const target = { network: resolveProfile(devnet.profile), chaincode: 'bench' };
        const system = retrySystem(target, seededRandom('retry'), { ...realTiming, sleep });
        const outcome = await system.submit({ id: 'r/1', name: 'add', args: ['c0', '1'] });
        await system.close();
        expect(outcome.class).to.equal('committed');
        expect(pauses).to.have.length(2);
    });
});
