import { expect } from 'chai';
import * as fc from 'fast-check';

import { openLedger } from './ledger.js';
import type { Simulation } from './simulation.js';
import { commitTogether, work } from './test-support/build-block.js';
import { collect } from './test-support/lab-contract.js';

const VALID = 0;
const MVCC_READ_CONFLICT = 11;
const PHANTOM_READ_CONFLICT = 12;

type Step =
    | { readonly kind: 'get'; readonly key: string }
    | { readonly kind: 'put'; readonly key: string; readonly value: string }
    | { readonly kind: 'range'; readonly key: string; readonly end: string };

/** A key's content, and a number that is new with every write. */
interface Cell {
    readonly value: string;
    readonly version: number;
}

/**
 * Fabric's rules as its documentation tells them, over a plain map: a transaction is valid if what it
 * read, and every range it walked, is still the same after the valid ones before it.
 */
class PlainRules {
    readonly #state = new Map<string, Cell>();
    /** What the block has written so far. */
    #touched = new Set<string>();
    #version = 0;

    decide(transactions: readonly (readonly Step[])[]): number[] {
        const before = new Map(this.#state);
        return transactions.map((steps) => {
            const code = this.#codeOf(steps, before);
            if (code === VALID) this.#apply(steps);
            return code;
        });
    }

    content(): [string, string][] {
        return [...this.#state].map(([key, { value }]): [string, string] => [key, value]).sort();
    }

    #codeOf(steps: readonly Step[], before: ReadonlyMap<string, Cell>): number {
        const changed = steps.some(
            (step) => step.kind === 'get' && before.get(step.key) !== this.#state.get(step.key),
        );
        // a key that was written and is gone again counts as written: it is in the block's updates
        const touched = steps.some((step) => step.kind === 'get' && this.#touched.has(step.key));
        if (changed || touched) return MVCC_READ_CONFLICT;
        const differs = steps.some(
            (step) =>
                step.kind === 'range' &&
                JSON.stringify(rows(before, step)) !== JSON.stringify(rows(this.#state, step)),
        );
        return differs ? PHANTOM_READ_CONFLICT : VALID;
    }

    nextBlock(): void {
        this.#touched = new Set();
    }

    #apply(steps: readonly Step[]): void {
        const writes = new Map<string, string>();
        for (const step of steps) if (step.kind === 'put') writes.set(step.key, step.value);
        const version = ++this.#version;
        for (const [key, value] of writes) {
            this.#touched.add(key);
            if (value === '') this.#state.delete(key);
            else this.#state.set(key, { value, version });
        }
    }
}

function rows(state: ReadonlyMap<string, Cell>, { key, end }: { key: string; end: string }) {
    return [...state].filter(([each]) => each >= key && each < end).sort();
}

async function run(simulation: Simulation, steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
        if (step.kind === 'get') await simulation.getState('cc', step.key);
        else if (step.kind === 'put') {
            simulation.putState('cc', step.key, Buffer.from(step.value));
        } else await collect(await simulation.getStateByRange('cc', step.key, step.end));
    }
}

describe('blocks of transactions endorsed on one state', () => {
    it('are decided as a plain reading of the rules decides them', async function () {
        this.timeout(300_000);
        const key = fc.constantFrom('a', 'b', 'c', 'd');
        const step: fc.Arbitrary<Step> = fc.oneof(
            fc.record({ kind: fc.constant('get' as const), key }),
            fc.record({
                kind: fc.constant('put' as const),
                key,
                value: fc.constantFrom('', '1', '2'),
            }),
            fc.record({ kind: fc.constant('range' as const), key, end: key }),
        );
        const block = fc.array(fc.array(step, { maxLength: 4 }), { maxLength: 5 });
        await fc.assert(
            fc.asyncProperty(fc.array(block, { maxLength: 4 }), async (blocks) => {
                const ledger = await openLedger({ channel: 'c' });
                const rules = new PlainRules();
                for (const transactions of blocks) {
                    const works = transactions.map((steps) =>
                        work((simulation) => run(simulation, steps)),
                    );
                    rules.nextBlock();
                    expect(await commitTogether(ledger, ...works)).to.deep.equal(
                        rules.decide(transactions),
                    );
                }
                const simulation = await ledger.simulate('content');
                const content = await collect(await simulation.getStateByRange('cc', '', ''));
                expect(content.map((each) => [each.key, each.value])).to.deep.equal(
                    rules.content(),
                );
                simulation.done();
                await ledger.close();
            }),
            { numRuns: 1_000 },
        );
    });
});
