import type { FiguresReport, Samples } from '@goodput/figures';
import type { ChaincodeStub } from 'fabric-shim';
import { MemoryLedger } from '../memory-ledger.test.fixture.js';
import { UnitOfWork } from '../index.js';
import { asScan, type Row, type RowIterator, type Scan } from '../stub.js';

type AsyncWork = (iterations: number) => Promise<void>;

/** Nanoseconds per iteration of each contestant, taking turns. */
async function measure(
    contestants: Readonly<Record<string, AsyncWork>>,
    iterations: number,
    samples: number,
): Promise<Samples[]> {
    const all = Object.entries(contestants).map(([name, work]) => ({
        name,
        work,
        values: [] as number[],
    }));
    for (let round = -1; round < samples; round++) {
        for (const { work, values } of all) {
            const started = process.hrtime.bigint();
            await work(iterations);
            const ns = Number(process.hrtime.bigint() - started) / iterations;
            if (round >= 0) values.push(ns);
        }
    }
    return all;
}

const value = Buffer.from('12345');

async function getAndPut(
    stub: ChaincodeStub | UnitOfWork,
    iterations: number,
    keys: number,
): Promise<void> {
    for (let index = 0; index < iterations; index++) {
        const key = `key-${index % keys}`;
        await stub.getState(key);
        await stub.putState(key, value);
    }
}

async function drain(rows: AsyncIterable<unknown>): Promise<number> {
    let count = 0;
    for await (const row of rows) if (row !== undefined) count++;
    return count;
}

function add(report: FiguresReport, id: string, [ours, bare]: Samples[], baseline: string): void {
    if (ours === undefined || bare === undefined) throw new Error(`${id} has no samples`);
    report.add({
        id,
        unit: 'ns',
        better: 'lower',
        ours: ours.values,
        baseline: { name: baseline, values: bare.values },
    });
}

/** What the overlay costs against the shim's own stub, both over a peer in memory without a wire. */
export async function overlayFigures(report: FiguresReport): Promise<void> {
    const samples = report.options.quick ? 9 : 31;
    const iterations = report.options.quick ? 2_000 : 10_000;
    for (const [id, keys] of [
        ['chaincode.overlay-get', 1],
        ['chaincode.overlay-get-1000-keys', 1000],
    ] as const) {
        const ledger = new MemoryLedger();
        const found = await measure(
            {
                overlay: async (n) => {
                    await ledger.simulate(async (stub) => {
                        const unit = new UnitOfWork(stub);
                        await getAndPut(unit, n, keys);
                        await unit.flush();
                    });
                },
                bare: async (n) => {
                    await ledger.simulate(async (stub) => getAndPut(stub, n, keys));
                },
            },
            iterations,
            samples,
        );
        add(report, id, found, 'fabric-shim stub, get and put');
    }
    await scanFigures(report, samples);
}

/** A stub whose scans give these rows, at no cost of their own. */
function stubOver(rows: readonly Row[]): ChaincodeStub {
    const getStateByRange = (): Scan => {
        let index = 0;
        const iterator = {
            next: async () => {
                const value = rows[index++];
                return Promise.resolve(
                    value === undefined ? { done: true } : { done: false, value },
                );
            },
            close: async () => Promise.resolve(),
        } as RowIterator;
        return asScan(Promise.resolve(iterator));
    };
    return { getStateByRange } as unknown as ChaincodeStub;
}

async function scanFigures(report: FiguresReport, samples: number): Promise<void> {
    const count = 1000;
    const rows = Array.from({ length: count }, (_, index) => ({
        namespace: '',
        key: `row-${String(index).padStart(6, '0')}`,
        value,
    }));
    const [even, odd] = [0, 1].map((rest) => rows.filter((_, index) => index % 2 === rest));
    const seen: number[] = [];
    const found = await measure(
        {
            merged: async (n) => {
                for (let done = 0; done < n; done += count) {
                    const unit = new UnitOfWork(stubOver(even ?? []));
                    for (const { key } of odd ?? []) await unit.putState(key, value);
                    seen.push(await drain(unit.getStateByRange('row-', 'row.')));
                }
            },
            bare: async (n) => {
                for (let done = 0; done < n; done += count) {
                    seen.push(await drain(stubOver(rows).getStateByRange('row-', 'row.')));
                }
            },
        },
        10 * count,
        samples,
    );
    if (seen.some((each) => each !== count)) throw new Error('a scan has lost rows');
    add(report, 'chaincode.scan-merge-row', found, 'the same rows from the bare stub');
}
