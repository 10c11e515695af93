import { contracts } from '@goodput/bench-chaincode';
import { startNetwork } from '@goodput/devnet';
import { FiguresReport, parseFiguresArguments, type FiguresOptions } from '@goodput/figures';
import { loadNetwork, resolveProfile, type Network } from '@goodput/network';
import type { StrategyChoice } from '../client/options.js';
import { measure, type Measured, type Offer } from './measure.js';
import { goodput, plain, plainRetry, type MakeSystem } from './systems.js';
import { noContention, workloads, type BenchWorkload } from './workloads.js';

/** What is said on the command line beside `--quick` and `--json FILE`. */
interface BenchOptions {
    readonly network?: string;
    /** Only workloads whose id contains this. */
    readonly only?: string;
    /** Operations offered a second. */
    readonly rate: number;
    readonly seconds: number;
    /** Each strategy beside `auto`. */
    readonly strategies: readonly StrategyChoice[];
    /** The baseline that retries takes its time to give up. */
    readonly withRetry: boolean;
}

function benchOptions({ rest, quick }: FiguresOptions): BenchOptions {
    const value = (name: string): string | undefined => {
        const at = rest.indexOf(name);
        return at < 0 ? undefined : rest[at + 1];
    };
    const network = value('--network');
    const only = value('--only');
    return {
        ...(network !== undefined && { network }),
        ...(only !== undefined && { only }),
        rate: Number(value('--rate') ?? '300'),
        seconds: Number(value('--seconds') ?? (quick ? '1' : '5')),
        withRetry: !quick,
        strategies: quick ? [] : ['direct', 'retry', 'serialize', 'reorder', 'merge'],
    };
}

/** A given network, or devnet with the blocks of Fabric's test network scaled to the length of a run. */
async function target(
    file: string | undefined,
    quick: boolean,
): Promise<{ readonly network: Network; readonly stop: () => Promise<void> }> {
    if (file !== undefined) {
        return { network: loadNetwork(file), stop: () => Promise.resolve() };
    }
    const timeoutMs = quick ? 100 : 500;
    const devnet = await startNetwork({ block: { timeoutMs, maxMessageCount: 100 } });
    await devnet.deploy({ name: 'bench', contracts });
    return { network: resolveProfile(devnet.profile), stop: () => devnet.stop() };
}

function say(id: string, measured: Measured): void {
    const {
        system,
        goodput: perSecond,
        success,
        p95ms,
        transactions,
        invalidTransactions,
    } = measured;
    const percent = (100 * success).toFixed(1);
    process.stderr.write(
        `${id.padEnd(16)} ${system.padEnd(24)} ${perSecond.toFixed(1).padStart(8)} valid/s  ` +
            `${percent.padStart(5)}%  p95 ${p95ms.toFixed(0).padStart(6)} ms  ` +
            `${transactions} transactions, ${invalidTransactions} invalid\n`,
    );
}

function faultOf({ lost, duplicated }: Measured): string | undefined {
    if (lost + duplicated === 0) return undefined;
    return `${lost} lost, ${duplicated} duplicated`;
}

function addRow(report: FiguresReport, id: string, ours: Measured, theirs: Measured): void {
    const { goodput: perSecond, system, ...columns } = ours;
    const invalid = faultOf(ours);
    report.add({
        id: `gateway.${id}`,
        unit: 'ops/s',
        better: 'higher',
        ours: [perSecond],
        baseline: { name: theirs.system, values: [theirs.goodput] },
        ...(invalid !== undefined && { invalid }),
        extra: {
            ...columns,
            strategy: system,
            baselineP95ms: theirs.p95ms,
            baselineSuccess: theirs.success,
            baselineTransactions: theirs.transactions,
            baselineInvalidTransactions: theirs.invalidTransactions,
        },
    });
}

async function compareOn(
    report: FiguresReport,
    network: Network,
    workload: BenchWorkload,
    offer: Offer,
    { strategies, withRetry }: Pick<BenchOptions, 'strategies' | 'withRetry'>,
): Promise<void> {
    const { id } = workload;
    const run = async (make: MakeSystem): Promise<Measured> => {
        const measured = await measure(network, workload, make, offer);
        say(id, measured);
        return measured;
    };
    const naive = await run(plain);
    const retried = withRetry ? await run(plainRetry) : undefined;
    const ours = await run(goodput(id === 'reorder-opaque' ? 'reorder' : 'auto'));
    addRow(report, id, ours, naive);
    if (retried !== undefined) addRow(report, `${id}.vs-retry`, ours, retried);
    for (const strategy of strategies) {
        addRow(report, `${id}.${strategy}`, await run(goodput(strategy)), naive);
    }
}

async function main(): Promise<void> {
    const figures = parseFiguresArguments(process.argv.slice(2));
    const options = benchOptions(figures);
    const report = new FiguresReport(figures);
    const { network, stop } = await target(options.network, figures.quick);
    const { seconds, rate, only = '' } = options;
    try {
        for (const workload of workloads.filter(({ id }) => id.includes(only))) {
            const offer = { perSecond: rate, seconds };
            await compareOn(report, network, workload, offer, options);
        }
        if (noContention.id.includes(only)) {
            const offer = { callers: 200, seconds: figures.quick ? 1.5 : seconds };
            await compareOn(report, network, noContention, offer, { ...options, strategies: [] });
        }
        if (!figures.quick && 'hot-counter'.includes(only))
            await saturate(report, network, seconds);
    } finally {
        await stop();
    }
    process.exitCode = report.finish();
}

/** One hot counter at a load that only merging can follow. */
async function saturate(report: FiguresReport, network: Network, seconds: number): Promise<void> {
    const [hot] = workloads;
    if (hot === undefined) return;
    const naive = await measure(network, hot, plain, { perSecond: 300, seconds });
    const ours = await measure(network, hot, goodput('merge'), { perSecond: 10_000, seconds });
    say('hot, saturated', ours);
    addRow(report, 'hot-counter.saturated', ours, naive);
}

void main();
