import { FiguresReport, parseFiguresArguments, type FiguresOptions } from '@goodput/figures';
import { loadNetwork, type Network } from '@goodput/network';
import type { StrategyChoice } from '../client/options.js';
import { measure, type Measured, type Offer } from './measure.js';
import { networkProcess } from './network-process.js';
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
    return networkProcess({ timeoutMs: quick ? 100 : 500, maxMessageCount: 100 });
}

/** A row a system, ready to be put into a page. */
const columns = [
    'workload',
    'system',
    'offered',
    'valid ops/s',
    'success',
    'p50 ms',
    'p95 ms',
    'p99 ms',
    'transactions',
    'invalid',
    'client CPU us/op',
];

function say(id: string, measured: Measured): void {
    const { system, goodput: perSecond, success, p50ms, p95ms, p99ms } = measured;
    const { offered, transactions, invalidTransactions, cpuUsPerOperation } = measured;
    const cells = [
        id,
        system,
        offered,
        perSecond.toFixed(1),
        `${(100 * success).toFixed(1)}%`,
        ...[p50ms, p95ms, p99ms].map((ms) => ms.toFixed(0)),
        transactions,
        invalidTransactions,
        cpuUsPerOperation,
    ];
    process.stderr.write(`| ${cells.join(' | ')} |\n`);
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
    process.stderr.write(
        `| ${columns.join(' | ')} |\n| ${columns.map(() => '---').join(' | ')} |\n`,
    );
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
