import { expect } from 'chai';
import fc from 'fast-check';
import type { AccessSet } from './access.js';
import { RwsetError } from './errors.js';
import { measureConflicts } from './metrics.js';
import { renderConflicts } from './render-graph.js';

const key = fc.integer({ min: 0, max: 7 }).map((k) => `k${k}`);
const sets = fc.array(
    fc.record({ reads: fc.array(key, { maxLength: 3 }), writes: fc.array(key, { maxLength: 2 }) }),
    { maxLength: 12 },
);

/** Whether b writes what a reads, so that a has to come before b. */
const precedes = (all: readonly AccessSet[], a: number, b: number): boolean =>
    a !== b && all[a]!.reads.some((each) => all[b]!.writes.includes(each));

/** By transaction, all that can be reached from it, itself excluded unless on a cycle. */
function reachable(all: readonly AccessSet[]): boolean[][] {
    const n = all.length;
    const reach = all.map((_, a) => all.map((__, b) => precedes(all, a, b)));
    for (let k = 0; k < n; k++) {
        for (let a = 0; a < n; a++) {
            for (let b = 0; b < n; b++) {
                if (reach[a]![k]! && reach[k]![b]!) reach[a]![b] = true;
            }
        }
    }
    return reach;
}

describe('Measuring conflicts', () => {
    it('agrees with looking at every pair', () => {
        fc.assert(
            fc.property(sets, (all) => {
                const metrics = measureConflicts(all);
                const pairs = all.flatMap((_, a) => all.map((__, b) => [a, b] as const));
                const bound = pairs.filter(([a, b]) => precedes(all, a, b));
                expect(metrics.conflicting).to.equal(new Set(bound.flat()).size);
                const reach = reachable(all);
                const component = (a: number): string =>
                    all
                        .map((_, b) => b)
                        .filter((b) => b === a || (reach[a]![b]! && reach[b]![a]!))
                        .join();
                const cycles = new Set(
                    all.map((_, a) => component(a)).filter((text) => text.includes(',')),
                );
                expect(new Set(metrics.cycles.map((c) => c.transactions.join()))).to.deep.equal(
                    cycles,
                );
                const longest = (a: number): number => {
                    const own = component(a).split(',').map(Number);
                    const next = all
                        .map((_, b) => b)
                        .filter((b) => reach[a]![b]! && !own.includes(b));
                    return own.length + Math.max(0, ...next.map(longest));
                };
                expect(metrics.criticalPath).to.equal(
                    Math.max(0, ...all.map((_, a) => longest(a))),
                );
            }),
            { numRuns: 500 },
        );
    });

    it('counts what a hot key costs', () => {
        const rmw: AccessSet = { reads: ['hot'], writes: ['hot'] };
        const metrics = measureConflicts([rmw, rmw, rmw, { reads: ['hot', 'x'], writes: ['y'] }]);
        expect(metrics.hotKeys).to.deep.equal([
            { key: 'hot', readers: 4, writers: 3, conflicts: 9 },
        ]);
        expect(metrics.cycles).to.deep.equal([{ transactions: [0, 1, 2], keys: ['hot'] }]);
        expect(metrics).to.include({
            conflicts: 9,
            conflicting: 4,
            inCycles: 3,
            criticalPath: 4,
            parallelism: 1,
            phases: 2,
            width: 3,
        });
    });

    it('measures nothing as nothing', () => {
        expect(measureConflicts([])).to.include({
            transactions: 0,
            criticalPath: 0,
            parallelism: 0,
        });
    });
});

describe('Drawing conflicts', () => {
    const pair: AccessSet[] = [
        { reads: ['\u0000type\u0000"a"\u0000'], writes: ['alone'] },
        { reads: [], writes: ['\u0000type\u0000"a"\u0000'] },
    ];

    it('writes Mermaid and Graphviz, with control characters made visible', () => {
        expect(renderConflicts(pair)).to.equal(
            [
                'flowchart LR',
                '    t0["tx 0"]',
                '    t1["tx 1"]',
                '    k0(["␀type␀#34;a#34;␀"])',
                '    t0 -->|reads| k0',
                '    k0 -->|written by| t1',
                '',
            ].join('\n'),
        );
        expect(renderConflicts(pair, { format: 'graphviz', labels: ['one', 'two'] })).to.equal(
            [
                'digraph conflicts {',
                '    rankdir=LR;',
                '    t0 [shape=box, label="one"];',
                '    t1 [shape=box, label="two"];',
                '    k0 [shape=ellipse, label="␀type␀\\"a\\"␀"];',
                '    t0 -> k0 [label="reads"];',
                '    k0 -> t1 [label="written by"];',
                '}',
                '',
            ].join('\n'),
        );
    });

    it('refuses to draw what nobody can read', () => {
        expect(() => renderConflicts(pair, { maxNodes: 2 })).to.throw(RwsetError, 'maxNodes');
    });
});
