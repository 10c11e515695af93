import { expect } from 'chai';
import * as fc from 'fast-check';

import { StateLock } from './state-lock.js';

describe('the state lock', () => {
    it('never lets a writer in beside anyone, and lets everyone in, in order of kinds', async () => {
        const users = fc.array(fc.record({ write: fc.boolean(), steps: fc.nat(3) }), {
            maxLength: 20,
        });
        await fc.assert(
            fc.asyncProperty(users, async (all) => {
                const lock = new StateLock();
                let readers = 0;
                let writers = 0;
                const entered: number[] = [];
                await Promise.all(
                    all.map(async ({ write, steps }, number) => {
                        const release = write ? await lock.write() : await lock.read();
                        if (write) writers++;
                        else readers++;
                        entered.push(number);
                        expect(writers === 0 || (writers === 1 && readers === 0)).to.equal(true);
                        for (let step = 0; step < steps; step++) await Promise.resolve();
                        if (write) writers--;
                        else readers--;
                        release();
                        release();
                    }),
                );
                // whoever comes first is not overtaken by anyone of the other kind
                for (const [place, number] of entered.entries()) {
                    for (const later of entered.slice(place + 1)) {
                        if (later > number) continue;
                        expect(all[later]?.write, `${later} before ${number}`).to.equal(
                            all[number]?.write,
                        );
                    }
                }
                expect(entered.length).to.equal(all.length);
            }),
            { numRuns: 500 },
        );
    });

    it('refuses those who wait once it is closed, and those who would have to', async () => {
        const lock = new StateLock();
        const release = await lock.read();
        const waiting = Promise.allSettled([lock.write(), lock.read()]);
        const reason = new Error('closed');
        lock.close(reason);
        const settled = [...(await waiting), ...(await Promise.allSettled([lock.write()]))];
        expect(settled).to.deep.equal(settled.map(() => ({ status: 'rejected', reason })));
        release();
    });
});
