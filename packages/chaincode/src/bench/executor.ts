import type { FiguresReport } from '@goodput/figures';
import { encodeBatch } from '../index.js';
import { MemoryLedger } from '../memory-ledger.test.fixture.js';
import { Counter } from './counter.js';

/** A large batch through the shim's own runner over a peer in memory: what the executor itself takes. */
export async function executorFigures(report: FiguresReport): Promise<void> {
    const size = report.options.quick ? 20_000 : 100_000;
    const request = encodeBatch(
        Array.from({ length: size }, () => ({ fn: 'increment', args: ['hot'] })),
    );
    const ledger = new MemoryLedger([Counter]);
    const ours: number[] = [];
    for (let round = 0; round < (report.options.quick ? 5 : 9); round++) {
        const started = process.hrtime.bigint();
        const recorded = await ledger.endorse('executeBatch', [request]);
        const ns = Number(process.hrtime.bigint() - started);
        if (recorded.response?.status !== 200) throw new Error(recorded.response?.message);
        if (round > 0) ours.push((size * 1e9) / ns);
        ledger.commit(recorded);
    }
    const rounds = ours.length + 1;
    const counted = Number(ledger.entries()['hot']);
    report.add({
        id: 'chaincode.executor-hot',
        unit: 'ops/s',
        better: 'higher',
        ours,
        extra: { operations: size, requestBytes: request.length },
        ...(counted === rounds * size ? undefined : { invalid: `the counter is ${counted}` }),
    });
}
