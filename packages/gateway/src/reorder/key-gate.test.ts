import { expect } from 'chai';
import fc from 'fast-check';
import { KeyGate } from './key-gate.js';

/** What was admitted to a gate, in its order, and not yet let go. */
class Doorman {
    readonly inside = new Map<number, readonly string[]>();
    readonly admitted: number[] = [];
    readonly gate: KeyGate<number>;
    readonly dead = new Set<number>();

    constructor() {
        this.gate = new KeyGate<number>((item) => !this.dead.has(item));
    }

    come(item: number, keys: readonly string[]): void {
        const admit = (): void => {
            for (const key of keys) {
                const taken = [...this.inside.values()].some((held) => held.includes(key));
                expect(taken, `${key} taken when ${item} came in`).to.equal(false);
            }
            this.inside.set(item, keys);
            this.admitted.push(item);
        };
        if (this.gate.enter(item, keys, admit)) admit();
    }

    /** All that are inside go together, as with a block. */
    async block(): Promise<void> {
        for (const [item, keys] of this.inside) this.gate.leave(item, keys);
        this.inside.clear();
        await settled();
    }
}

async function settled(): Promise<void> {
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}

describe('the gate of keys', () => {
    it('lets one in on each key, and the others in their order', async () => {
        const door = new Doorman();
        for (const item of [1, 2, 3]) door.come(item, ['hot']);
        await settled();
        expect(door.admitted).to.deep.equal([1]);
        await door.block();
        await door.block();
        expect(door.admitted).to.deep.equal([1, 2, 3]);
    });

    it('does not let what waits for a hot key hold up another', async () => {
        const door = new Doorman();
        door.come(1, ['hot']);
        door.come(2, ['hot', 'cool']);
        door.come(3, ['cool', 'cold']);
        door.come(4, ['cold']);
        await settled();
        expect(door.admitted).to.deep.equal([1, 3]);
        await door.block();
        expect(door.admitted).to.deep.equal([1, 3, 2, 4]);
    });

    it('is not passed for ever, even where its keys are never free together', async () => {
        const door = new Doorman();
        door.come(1, ['a']);
        door.come(2, ['b']);
        door.come(3, ['a', 'b']);
        // a and b are given back in turns, and there is always somebody for the one that is.
        for (let n = 4; n < 60 && !door.admitted.includes(3); n++) {
            const key = n % 2 === 0 ? 'a' : 'b';
            door.come(n, [key]);
            const holder = [...door.inside].find(([, keys]) => keys.includes(key));
            if (holder === undefined) continue;
            door.inside.delete(holder[0]);
            door.gate.leave(...holder);
            await settled();
        }
        expect(door.admitted).to.include(3);
    });

    it('forgets what was given up, and what it held', async () => {
        const door = new Doorman();
        for (const item of [1, 2, 3]) door.come(item, ['k']);
        door.dead.add(2);
        await door.block();
        expect(door.admitted).to.deep.equal([1, 3]);
        await door.block();
        expect(door.gate.size).to.equal(0);
        door.come(4, ['k']);
        expect(door.admitted).to.deep.equal([1, 3, 4]);
    });

    it('lets everybody in once, never two on a key, whatever comes and goes', async () => {
        const keys = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), {
            minLength: 1,
            maxLength: 3,
        });
        await fc.assert(
            fc.asyncProperty(
                fc.array(fc.array(keys, { maxLength: 6 }), { maxLength: 8 }),
                async (rounds) => {
                    const door = new Doorman();
                    let count = 0;
                    for (const round of rounds) {
                        for (const wanted of round) door.come(count++, wanted);
                        await settled();
                        await door.block();
                    }
                    for (let block = 0; block <= count; block++) await door.block();
                    expect([...door.admitted].sort((a, b) => a - b)).to.deep.equal(
                        Array.from({ length: count }, (_, item) => item),
                    );
                    expect(door.gate.size).to.equal(0);
                },
            ),
            { numRuns: 100 },
        );
    });
});
