import { FiguresReport, measureNs, parseFiguresArguments, type Samples } from '@goodput/figures';
import type { AccessSet } from '../access.js';
import { ConflictAttributor } from '../attribute.js';
import { decodeBlock } from '../decode-block.js';
import { groupOperations } from '../group.js';
import { measurePrediction } from '../measure-prediction.js';
import { MemoryState } from '../memory-state.js';
import { orderAccesses } from '../order.js';
import { observedCalls } from '../test-support/calls.js';
import { customWorkload, zipfWorkload } from '../test-support/workloads.js';
import { isReadConflict } from '../validation-code.js';
import { aria } from './aria.js';
import { blockStream, decodeWithFabricProtos } from './block-stream.js';
import { fabricPlusPlus } from './fabric-plus-plus.js';

const report = new FiguresReport(parseFiguresArguments(process.argv.slice(2)));
const { quick } = report.options;
const sampling = quick ? { samples: 10, sampleMs: 25 } : { samples: 30, sampleMs: 20 };

/** How many survive one snapshot in an order; those that do not are passed over. */
function survivors(accesses: readonly AccessSet[], order: readonly number[]): number {
    const written = new Set<string>();
    let count = 0;
    for (const tx of order) {
        const { reads, writes } = accesses[tx]!;
        if (reads.some((key) => written.has(key))) continue;
        count++;
        for (const key of writes) written.add(key);
    }
    return count;
}

const arrival = (accesses: readonly AccessSet[]): number =>
    survivors(
        accesses,
        accesses.map((_, tx) => tx),
    );

const scaled = ({ name, values }: Samples, by: (ns: number) => number): Samples => ({
    name,
    values: values.map(by),
});

function benchPlanning(): void {
    const count = 5000;
    const skewed = { count, keys: 10_000, skew: 1, keysEach: 2, seed: 1 };
    const workloads = [
        ['rwset.plan-per-op', zipfWorkload({ ...skewed, readShare: 0 })],
        ['rwset.plan-per-op-mixed', zipfWorkload({ ...skewed, readShare: 0.5 })],
        ['rwset.plan-per-op-custom', customWorkload(count, 1)],
    ] as const;
    for (const [id, ops] of workloads) {
        const [ours, theirs] = measureNs(
            {
                ours: (n) => repeat(n, () => groupOperations(ops).groups.length),
                [`Aria's rule`]: (n) => repeat(n, () => aria(ops).length),
            },
            sampling,
        );
        const covered = groupOperations(ops).groups.reduce(
            (sum, group) => sum + group.ops.length,
            0,
        );
        report.add({
            id,
            unit: 'us/op',
            better: 'lower',
            ours: scaled(ours!, (ns) => ns / 1000 / count).values,
            baseline: scaled(theirs!, (ns) => ns / 1000 / count),
            ...(covered !== count && { invalid: `${covered} of ${count} operations are planned` }),
            extra: { keptShare: 1, ariaKeptShare: aria(ops).length / count },
        });
    }
}

function benchOrdering(): void {
    const seeds = quick ? [1, 2, 3] : Array.from({ length: 20 }, (_, i) => i + 1);
    for (const [count, floor] of [
        [500, 0.91],
        [1000, 0.804],
        [5000, 0],
    ] as const) {
        const batches = seeds.map((seed) => customWorkload(count, seed));
        const kept = batches.map((sets) => orderAccesses(sets).order.length);
        const isWrong = batches.some(
            (sets, i) => survivors(sets, orderAccesses(sets).order) !== kept[i],
        );
        const share = kept.reduce((sum, each) => sum + each / count, 0) / kept.length;
        report.add({
            id: `rwset.order-${count}`,
            unit: 'survivors',
            better: 'higher',
            ours: kept,
            baseline: { name: 'arrival order', values: batches.map(arrival) },
            ...(isWrong && { invalid: 'a scheduled transaction does not survive' }),
            ...(share < floor && { invalid: `${share} survive, below the ${floor} published` }),
            extra: { share, aria: batches.map((sets) => aria(sets).length) },
        });
        const [sets] = batches;
        const [ours] = measureNs(
            { ours: (n) => repeat(n, () => orderAccesses(sets!).order.length) },
            sampling,
        );
        // Enumerating cycles takes seconds: few samples have to do, and none of the largest batch.
        const theirs = count <= 1000 ? enumeration(sets!) : undefined;
        report.add({
            id: `rwset.order-${count}-ms`,
            unit: 'ms',
            better: 'lower',
            ours: scaled(ours!, (ns) => ns / 1e6).values,
            ...(theirs && {
                baseline: theirs.samples,
                extra: { ourSurvivors: kept[0], baselineSurvivors: theirs.survivors },
            }),
        });
    }
}

function enumeration(sets: readonly AccessSet[]): { samples: Samples; survivors: number } {
    const values: number[] = [];
    let kept = 0;
    for (let i = 0; i < (quick ? 1 : 3); i++) {
        const start = process.hrtime.bigint();
        const order = fabricPlusPlus(sets);
        values.push(Number(process.hrtime.bigint() - start) / 1e6);
        kept = survivors(sets, order);
    }
    return { samples: { name: 'cycle enumeration', values }, survivors: kept };
}

function benchAttribution(): void {
    const perBlock = 100;
    const blocks = blockStream(quick ? 20 : 100, perBlock);
    const transactions = blocks.length * perBlock;
    const decoded = blocks.map((bytes) => decodeBlock(bytes));
    const attributor = new ConflictAttributor();
    const conflicts = decoded.flatMap((block) => attributor.add(block));
    const victims = decoded
        .flatMap((block) => block.transactions)
        .filter(({ code }) => isReadConflict(code)).length;
    const named = conflicts.filter(({ blocker }) => blocker !== undefined).length;
    const [ours, theirs] = measureNs(
        {
            ours: (n) =>
                repeat(n, () => {
                    const fresh = new ConflictAttributor();
                    let found = 0;
                    for (const bytes of blocks) found += fresh.add(decodeBlock(bytes)).length;
                    return found;
                }),
            'fabric-protos, decoding alone': (n) =>
                repeat(n, () => {
                    const lastWriter = new Map<string, string>();
                    let reads = 0;
                    for (const bytes of blocks) reads += decodeWithFabricProtos(bytes, lastWriter);
                    return reads;
                }),
        },
        quick ? { samples: 3, sampleMs: 1 } : { samples: 15, sampleMs: 1 },
    );
    const perSecond = (samples: Samples): Samples =>
        scaled(samples, (ns) => (transactions / ns) * 1e9);
    report.add({
        id: 'rwset.attribute',
        unit: 'tx/s',
        better: 'higher',
        ours: perSecond(ours!).values,
        baseline: perSecond(theirs!),
        ...((victims === 0 || named !== victims) && {
            invalid: `${named} of ${victims} victims have a blocker`,
        }),
        extra: {
            conflicts: victims,
            bytesPerTransaction: Math.round(
                blocks.reduce((sum, { length }) => sum + length, 0) / transactions,
            ),
        },
    });
    const quality = measurePrediction(observedCalls(quick ? 2000 : 20_000));
    for (const figure of ['precision', 'recall'] as const) {
        report.add({
            id: `rwset.predict-${figure}`,
            unit: 'share',
            better: 'higher',
            ours: [quality[figure]],
            extra: { calls: quality.calls, exact: quality.exact },
        });
    }
}

function benchState(): void {
    const build = (size: number): MemoryState => {
        const state = new MemoryState();
        const version = { blockNum: 0, txNum: 0 };
        const value = { value: Buffer.from('1'), version, metadata: undefined };
        for (let i = 0; i < size; i++) {
            const key = `key-${String((i * 7919) % size).padStart(8, '0')}`;
            state.apply([{ namespace: 'cc', collection: undefined, key, value, version }]);
        }
        return state;
    };
    const large = quick ? 100_000 : 1_000_000;
    const small = build(1000);
    const started = process.hrtime.bigint();
    const big = build(large);
    const insertNs = Number(process.hrtime.bigint() - started) / large;
    const scan = (state: MemoryState, size: number) => (n: number) => {
        let sum = 0;
        for (let i = 0; i < n; i++) {
            const from = `key-${String((i * 104_729) % size).padStart(8, '0')}`;
            let rows = 0;
            for (const { key } of state.range('cc', from, '')) {
                sum += key.length;
                if (++rows === 10) break;
            }
        }
        return sum;
    };
    const [ours, thousand] = measureNs(
        { ours: scan(big, large), 'the same at 1,000 keys': scan(small, 1000) },
        sampling,
    );
    report.add({
        id: 'rwset.range-10-rows',
        unit: 'ns',
        better: 'lower',
        ours: ours!.values,
        baseline: thousand!,
        extra: { keys: large, insertNs: Math.round(insertNs) },
    });
}

function repeat(times: number, work: () => number): number {
    let sum = 0;
    for (let i = 0; i < times; i++) sum += work();
    return sum;
}

benchPlanning();
benchOrdering();
benchAttribution();
benchState();
process.exitCode = report.finish();
