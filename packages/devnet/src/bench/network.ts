import { median, type FiguresReport } from '@goodput/figures';
import { startNetwork } from '../network/start-network.js';
import type { Network } from '../network/network.js';
import { connectClient, type Client } from '../test-support/connect-client.js';
import { CounterContract } from '../test-support/counter-contract.js';
import { ClientThread } from './client-thread.js';
import { callRound, KNOWN, type Caller, type Round } from './round.js';

const CHAINCODE = 'counter';

interface Running {
    readonly network: Network;
    readonly client: Client;
}

/** A network with the chaincode and a client. */
async function start(): Promise<Running> {
    const network = await startNetwork({ block: { timeoutMs: 10 } });
    await network.deploy({ name: CHAINCODE, contracts: [CounterContract] });
    return { network, client: connectClient(network) };
}

async function stop({ network, client }: Running): Promise<void> {
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
    readonly kind: Round['kind'];
    readonly callers: number;
    readonly calls: number;
    readonly rounds: number;
    readonly caller: Caller;
    /** Where the client ran. */
    readonly client: 'a thread of its own' | "the network's thread";
}

/** How many transactions were asked for and how many became valid. */
class Tally {
    submitted = 0;
    #valid = 0;

    constructor({ network }: Running) {
        network.channel().ledger.onCommit(({ codes }) => {
            this.#valid += codes.filter((code) => code === 0).length;
        });
    }

    get problem(): string | undefined {
        return this.#valid === this.submitted
            ? undefined
            : `${this.submitted} transactions were submitted, ${this.#valid} are valid`;
    }
}

async function measureLoad(report: FiguresReport, load: Load, tally: Tally): Promise<void> {
    const perSecond: number[] = [];
    const cpuMs: number[] = [];
    const { kind, callers, calls } = load;
    let problem: string | undefined;
    // the first round warms up and is not kept
    for (let round = -1; round < load.rounds; round += 1) {
        const begun = process.hrtime.bigint();
        const cpu = process.cpuUsage();
        const wrong = await load.caller({ kind, callers, calls, first: tally.submitted });
        const seconds = Number(process.hrtime.bigint() - begun) / 1e9;
        const { user, system } = process.cpuUsage(cpu);
        if (load.kind === 'submit') tally.submitted += load.calls;
        if (round >= 0) {
            perSecond.push(load.calls / seconds);
            cpuMs.push((user + system) / 1000 / load.calls);
        }
        problem ??= wrong === 0 ? tally.problem : `${wrong} calls gave a wrong value`;
    }
    report.add({
        id: load.id,
        unit: '1/s',
        better: 'higher',
        ours: perSecond,
        ...(problem !== undefined && { invalid: problem }),
        // Says more than the rate on a machine that has other things to do.
        extra: {
            callers: load.callers,
            client: load.client,
            cpuMsPerCall: Number(median(cpuMs).toFixed(3)),
        },
    });
}

async function measureCalls(report: FiguresReport): Promise<void> {
    const running = await start();
    const contract = running.client.contract(CHAINCODE);
    const thread = new ClientThread(running.network, CHAINCODE);
    const tally = new Tally(running);
    const { quick } = report.options;
    const rounds = quick ? 2 : 5;
    const apart = {
        rounds,
        caller: (round: Round) => thread.call(round),
        client: 'a thread of its own',
    } as const;
    for (const [callers, calls] of [
        [1, quick ? 10 : 200],
        [50, quick ? 200 : 3000],
        [200, quick ? 400 : 6000],
    ] as const) {
        const id = `devnet.submit-${callers}`;
        await measureLoad(report, { ...apart, id, kind: 'submit', callers, calls }, tally);
    }
    await contract.submitTransaction('put', KNOWN.key, KNOWN.value);
    tally.submitted += 1;
    const evaluate = { kind: 'evaluate', callers: 50, calls: quick ? 400 : 6000 } as const;
    await measureLoad(report, { ...apart, ...evaluate, id: 'devnet.evaluate' }, tally);
    await thread.stop();
    const together = {
        rounds,
        caller: (round: Round) => callRound(contract, round),
        client: "the network's thread",
    } as const;
    const submit = { kind: 'submit', callers: 200, calls: quick ? 400 : 6000 } as const;
    const id = 'devnet.submit-200-one-thread';
    await measureLoad(report, { ...together, ...submit, id }, tally);
    await stop(running);
}

/** What a transaction costs in memory once it is committed: its block, its place, its key. */
async function measureMemory(report: FiguresReport): Promise<void> {
    const transactions = report.options.quick ? 5_000 : 100_000;
    const running = await start();
    const contract = running.client.contract(CHAINCODE);
    const heldMiB = (): number => {
        globalThis.gc?.();
        const { heapUsed, arrayBuffers } = process.memoryUsage();
        return (heapUsed + arrayBuffers) / 2 ** 20;
    };
    const submit = (first: number, calls: number): Promise<number> =>
        callRound(contract, { kind: 'submit', callers: 200, first, calls });
    // What is compiled, pooled and cached once is not what a transaction costs.
    await submit(0, 2_000);
    const before = heldMiB();
    await submit(2_000, transactions);
    const held = heldMiB() - before;
    const problem =
        globalThis.gc === undefined
            ? 'run node with --expose-gc'
            : held <= 0
              ? `memory went from ${before.toFixed(1)} MiB by ${held.toFixed(1)}: too few to tell`
              : undefined;
    report.add({
        id: 'devnet.memory-per-1000-transactions',
        unit: 'MiB',
        better: 'lower',
        ours: [(held / transactions) * 1000],
        ...(problem !== undefined && { invalid: problem }),
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
