import type { FiguresReport } from '@goodput/figures';
import { startNetwork } from '@goodput/devnet';
import { CommitError, type Contract } from '@hyperledger/fabric-gateway';
import { decodeReceipts, encodeBatch } from '../index.js';
import { connectTo } from './connect.js';
import { Counter } from './counter.js';

const SECOND = 1e9;

async function opsPerSecond(operations: number, work: () => Promise<void>): Promise<number> {
    const started = process.hrtime.bigint();
    await work();
    return (operations * SECOND) / Number(process.hrtime.bigint() - started);
}

/** Submits batches one after the other; each must have every receipt. */
async function batched(
    contract: Contract,
    size: number,
    keyOf: (index: number) => string,
): Promise<void> {
    const calls = Array.from({ length: size }, (_, index) => ({
        fn: 'increment',
        args: [keyOf(index)],
    }));
    const answer = await contract.submitTransaction('executeBatch', encodeBatch(calls));
    const receipts = decodeReceipts(answer);
    if (receipts.length !== size || receipts.some(({ ok }) => !ok))
        throw new Error('a receipt is missing');
}

/** Callers who each submit one increment after another for a while; returns how many were valid. */
async function naive(contract: Contract, callers: number, ms: number): Promise<number> {
    const until = Date.now() + ms;
    let valid = 0;
    const caller = async (): Promise<void> => {
        while (Date.now() < until) {
            const outcome = await contract.submitTransaction('increment', 'naive').then(
                () => 1,
                (error: unknown) => {
                    if (error instanceof CommitError) return 0;
                    throw error;
                },
            );
            valid += outcome;
        }
    };
    await Promise.all(Array.from({ length: callers }, caller));
    return valid;
}

/** Batches end to end on the embedded network: endorsed, ordered, validated, committed. */
export async function batchFigures(report: FiguresReport): Promise<void> {
    const rounds = report.options.quick ? 3 : 9;
    const network = await startNetwork({ block: { timeoutMs: 20 } });
    const client = connectTo(network);
    try {
        await network.deploy({ name: 'counter', contracts: [Counter] });
        const contract = client.contract('counter');
        await hotAgainstNaive(report, contract, rounds);
        for (const size of [1, 10, 100, 1000]) {
            await spread(report, contract, size, 1, rounds);
            if (size > 1) await spread(report, contract, size, size, rounds);
        }
    } finally {
        client.close();
        await network.stop();
    }
}

async function valueOf(contract: Contract, key: string): Promise<number> {
    return Number(Buffer.from(await contract.evaluateTransaction('value', key)).toString());
}

async function hotAgainstNaive(
    report: FiguresReport,
    contract: Contract,
    rounds: number,
): Promise<void> {
    const size = 1000;
    const callers = 50;
    const windowMs = report.options.quick ? 1000 : 3000;
    const ours: number[] = [];
    const theirs: number[] = [];
    let valid = 0;
    await batched(contract, size, () => 'hot');
    for (let round = 0; round < rounds; round++) {
        ours.push(await opsPerSecond(size, async () => batched(contract, size, () => 'hot')));
        const started = process.hrtime.bigint();
        const committed = await naive(contract, callers, windowMs);
        theirs.push((committed * SECOND) / Number(process.hrtime.bigint() - started));
        valid += committed;
    }
    const counted = [await valueOf(contract, 'hot'), await valueOf(contract, 'naive')];
    const expected = [(rounds + 1) * size, valid];
    const isRight = counted.join() === expected.join();
    report.add({
        id: 'chaincode.batch-1000-hot',
        unit: 'ops/s',
        better: 'higher',
        ours,
        baseline: { name: `one transaction each, ${callers} callers, valid ones`, values: theirs },
        ...(isRight
            ? undefined
            : { invalid: `counters are ${counted.join()}, not ${expected.join()}` }),
    });
}

async function spread(
    report: FiguresReport,
    contract: Contract,
    size: number,
    keys: number,
    rounds: number,
): Promise<void> {
    const ours: number[] = [];
    for (let round = 0; round < rounds; round++) {
        const keyOf = (index: number): string => `spread-${size}-${keys}-${index % keys}`;
        ours.push(await opsPerSecond(size, async () => batched(contract, size, keyOf)));
    }
    const isRight =
        (await valueOf(contract, `spread-${size}-${keys}-0`)) === (rounds * size) / keys;
    report.add({
        id: `chaincode.batch-${size}-on-${keys}-${keys === 1 ? 'key' : 'keys'}`,
        unit: 'ops/s',
        better: 'higher',
        ours,
        ...(isRight ? undefined : { invalid: 'increments were lost' }),
    });
}
