import { expect } from 'chai';
import * as fc from 'fast-check';

import { WorldState } from './state.js';

const VERSION = { blockNum: 1, txNum: 0 };

type Step =
    | { readonly kind: 'set'; readonly key: string; readonly value: string }
    | { readonly kind: 'delete'; readonly key: string }
    | { readonly kind: 'read'; readonly key: string }
    | { readonly kind: 'copy' };

describe('the world state', () => {
    it('and every copy of it are what plain maps would be, whichever is written to', () => {
        const key = fc.constantFrom('a', 'ab', 'b', '\ud7ff', '\ue000', '\u{10000}', 'z');
        const step: fc.Arbitrary<Step> = fc.oneof(
            fc.record({ kind: fc.constant('set' as const), key, value: fc.constantFrom('1', '2') }),
            fc.record({ kind: fc.constant('delete' as const), key }),
            fc.record({ kind: fc.constant('read' as const), key }),
            fc.record({ kind: fc.constant('copy' as const) }),
        );
        const steps = fc.array(fc.tuple(fc.nat(3), step), { maxLength: 40 });
        fc.assert(
            fc.property(steps, (all) => {
                const pairs = [{ state: new WorldState(), oracle: new Map<string, string>() }];
                for (const [which, change] of all) {
                    const pair = pairs[which % pairs.length];
                    if (!pair) continue;
                    const { state, oracle } = pair;
                    switch (change.kind) {
                        case 'copy':
                            pairs.push({ state: state.clone(), oracle: new Map(oracle) });
                            break;
                        case 'read':
                            expect(textOf(state.get('ns', change.key))).to.equal(
                                oracle.get(change.key),
                            );
                            break;
                        case 'delete':
                            state.set('ns', change.key, undefined);
                            oracle.delete(change.key);
                            break;
                        case 'set':
                            set(state, change.key, change.value);
                            oracle.set(change.key, change.value);
                    }
                }
                for (const { state, oracle } of pairs) {
                    expect(contentOf(state)).to.deep.equal(sorted(oracle));
                    for (const other of pairs) {
                        const moved = state.clone();
                        for (const { namespace, key: at, value } of state.changesTo(other.state)) {
                            moved.set(namespace, at, value);
                        }
                        expect(contentOf(moved)).to.deep.equal(contentOf(other.state));
                    }
                }
            }),
            { numRuns: 1_000 },
        );
    }).timeout(60_000);

    it('tells the changes to a copy without walking what they share', () => {
        const state = new WorldState();
        for (let i = 0; i < 5_000; i++) set(state, `k${i}`, 'x');
        const copy = state.clone();
        set(copy, 'k17', 'y');
        copy.set('ns', 'k18', undefined);
        set(copy, 'new', 'z');
        expect(
            state.changesTo(copy).map(({ key, value }) => [key, textOf(value)]),
        ).to.have.deep.members([
            ['k17', 'y'],
            ['k18', undefined],
            ['new', 'z'],
        ]);
    });
});

function set(state: WorldState, key: string, value: string): void {
    state.set('ns', key, { value: Buffer.from(value), version: VERSION, metadata: undefined });
}

function textOf(entry: { readonly value: Uint8Array } | undefined): string | undefined {
    return entry && Buffer.from(entry.value).toString();
}

function contentOf(state: WorldState): (string | undefined)[][] {
    return Array.from(state.range('ns', '', ''), (entry) => [entry.key, textOf(entry)]);
}

function sorted(oracle: ReadonlyMap<string, string>): string[][] {
    return [...oracle].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}
