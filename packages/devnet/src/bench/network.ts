import { median, type FiguresReport } from '@goodput/figures';
import { startNetwork } from '../network/start-network.js';
import type { Network } from '../network/network.js';
import { connectClient, type Client } from '../test-support/connect-client.js';
import { CounterContract } from '../test-support/counter-contract.js';

const CHAINCODE = 'counter';

/** A network with the chaincode and a client. */
async function start(): Promise<{ readonly network: Network; readonly client: Client }> {
    const network = await startNetwork({ block: { timeoutMs: 10 } });
    await network.deploy({ name: CHAINCODE, contracts: [CounterContract] });
    return { network, client: connectClient(network) };
}

async function stop({ network, client }: Awaited<ReturnType<typeof start>>): Promise<void> {
    client.close();
    await network.stop();
}

async function measureStart(report: FiguresReport): Promise<void> {
    const samples: number[] = [];
    for (let run = 0; run < (report.options.quick ? 3 : 10); run += 1) {
        const begun = process.hrtime.bigint();
        const running = await start();
        await running.client.contract(CHAINCODE).submitTransaction('put', 'first', '1');
        samples.push(Number(process.hrtime.bigint() - begun) / 1e6);
        await stop(running);
    }
    report.add({ id: 'devnet.start', unit: 'ms', better: 'lower', ours: samples });
}

interface Load {
    readonly id: string;
    readonly callers: number;
    readonly calls: number;
    readonly rounds: number;
    call(index: number): Promise<unknown>;
    /** Why the round was not what it should have been, if so. */
    check(done: number): Promise<string | undefined>;
}

/** Calls in a closed loop: each caller begins its next call when the last one has ended. */
async function measureLoad(report: FiguresReport, load: Load): Promise<void> {
    const perSecond: number[] = [];
    const cpuMs: number[] = [];
    let next = 0;
    let problem: string | undefined;
    // the first round warms up and is not kept
    for (let round = -1; round < load.rounds; round += 1) {
        const last = next + load.calls;
        const begun = process.hrtime.bigint();
        const cpu = process.cpuUsage();
        await Promise.all(
            Array.from({ length: load.callers }, async () => {
                while (next < last) {
                    next += 1;
                    await load.call(next);
                }
            }),
        );
        const seconds = Number(process.hrtime.bigint() - begun) / 1e9;
        const { user, system } = process.cpuUsage(cpu);
        if (round >= 0) {
            perSecond.push(load.calls / seconds);
            cpuMs.push((user + system) / 1000 / load.calls);
        }
        problem ??= await load.check(next);
    }
    report.add({
        id: load.id,
        unit: '1/s',
        better: 'higher',
        ours: perSecond,
        ...(problem !== undefined && { invalid: problem }),
        // Says more than the rate on a machine that has other things to do.
        extra: { callers: load.callers, cpuMsPerCall: Number(median(cpuMs).toFixed(3)) },
    });
}

async function measureCalls(report: FiguresReport): Promise<void> {
    const running = await start();
    const contract = running.client.contract(CHAINCODE);
    const { ledger } = running.network.channel();
    let valid = 0;
    const forget = ledger.onCommit(({ codes }) => {
        valid += codes.filter((code) => code === 0).length;
    });
    const { quick } = report.options;
    let submitted = 0;
    for (const [callers, calls] of [
        [1, quick ? 10 : 200],
        [50, quick ? 200 : 3000],
        [200, quick ? 400 : 6000],
    ] as const) {
        await measureLoad(report, {
            id: `devnet.submit-${callers}`,
            callers,
            calls,
            rounds: quick ? 2 : 5,
            call: (index) => {
                submitted += 1;
                return contract.submitTransaction('put', `key-${callers}-${index}`, 'value');
            },
            check: () =>
                Promise.resolve(
                    valid === submitted
                        ? undefined
                        : `${submitted} transactions were submitted, ${valid} are valid`,
                ),
        });
    }
    forget();
    await contract.submitTransaction('put', 'known', 'value');
    let wrong = 0;
    await measureLoad(report, {
        id: 'devnet.evaluate',
        callers: 50,
        calls: quick ? 400 : 6000,
        rounds: quick ? 2 : 5,
        call: async () => {
            const value = await contract.evaluateTransaction('get', 'known');
            if (Buffer.from(value).toString() !== 'value') wrong += 1;
        },
        check: () =>
            Promise.resolve(wrong === 0 ? undefined : `${wrong} evaluations gave a wrong value`),
    });
    await stop(running);
}

/** What a transaction costs in memory once it is committed: its block, its place, its key. */
async function measureMemory(report: FiguresReport): Promise<void> {
    const transactions = report.options.quick ? 1000 : 100_000;
    const running = await start();
    const contract = running.client.contract(CHAINCODE);
    const heldMiB = (): number => {
        globalThis.gc?.();
        const { heapUsed, arrayBuffers } = process.memoryUsage();
        return (heapUsed + arrayBuffers) / 2 ** 20;
    };
    const submit = async (count: number): Promise<void> => {
        let next = 0;
        await Promise.all(
            Array.from({ length: 200 }, async () => {
                while (next < count) {
                    next += 1;
                    await contract.submitTransaction('put', `key${next % 1000}`, 'value');
                }
            }),
        );
    };
    // What is compiled, pooled and cached once is not what a transaction costs.
    await submit(1000);
    const before = heldMiB();
    await submit(transactions);
    const held = heldMiB() - before;
    report.add({
        id: 'devnet.memory-per-1000-transactions',
        unit: 'MiB',
        better: 'lower',
        ours: [(held / transactions) * 1000],
        ...(globalThis.gc === undefined && { invalid: 'run node with --expose-gc' }),
        extra: { transactions },
    });
    await stop(running);
}

/** What a network costs: from its start to the memory its transactions leave behind. */
export async function measureNetwork(report: FiguresReport): Promise<void> {
    await measureStart(report);
    await measureCalls(report);
    await measureMemory(report);
}
