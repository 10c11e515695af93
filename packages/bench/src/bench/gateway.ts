import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { FiguresOptions, FiguresReport } from '@goodput/figures';
import type { Network } from '@goodput/network';
import { reportsMarkdown } from '../report/markdown.js';
import type { RunReport, SystemReport } from '../report/report.js';
import { reportTable } from '../report/table.js';
import type { Load } from '../run/options.js';
import { runWorkload } from '../run/run-workload.js';
import { openNetwork } from '../run/with-network.js';
import { systems, systemsNamed } from '../systems/built-in.js';
import { findWorkload } from '../workloads/find-workload.js';

/** What is said on the command line beside `--quick` and `--json FILE`. */
export interface GatewayOptions {
    readonly quick: boolean;
    readonly network: string | undefined;
    /** Only rows whose name contains this. */
    readonly only: string;
    /** Operations offered a second. */
    readonly rate: number;
    readonly seconds: number;
    /** Where to write the tables of every system, as Markdown. */
    readonly markdown: string | undefined;
}

/** One comparison, and the rows made of it. */
interface Case {
    /** The row is `gateway.` and this. */
    readonly id: string;
    readonly workload: string;
    /** Who is ours in the first row; every other strategy has a row of its own. */
    readonly ours: string;
    readonly systems: readonly string[];
    readonly load: Load;
}

/** Goodput may be compared with nobody else at a load that only merging can follow. */
const SATURATING_RATE = 10_000;
const CALLERS = 200;

export function parseGatewayOptions({ rest, quick }: FiguresOptions): GatewayOptions {
    const { values } = parseArgs({
        args: [...rest],
        options: {
            network: { type: 'string' },
            only: { type: 'string', default: '' },
            rate: { type: 'string', default: '300' },
            seconds: { type: 'string', default: quick ? '0.8' : '6' },
            markdown: { type: 'string' },
        },
    });
    const { network, only, markdown } = values;
    return {
        quick,
        network,
        only,
        markdown,
        rate: Number(values.rate),
        seconds: Number(values.seconds),
    };
}

function constantLoad(ratePerSecond: number, seconds: number): Load {
    const schedule = { kind: 'constant', ratePerSecond } as const;
    return { kind: 'open', schedule, durationMs: seconds * 1000 };
}

function casesOf({ quick, rate, seconds, only }: GatewayOptions): Case[] {
    const all = quick ? ['plain', 'auto'] : systems.map(({ name }) => name);
    const contended = [
        'hot-counter',
        'hot-counter-delta',
        'hot-8',
        'zipf-rmw',
        'ehr',
        'drm',
        'voting',
        'smallbank',
    ];
    const cases: Case[] = [
        ...contended.map((workload) => {
            return {
                id: workload,
                workload,
                ours: 'auto',
                systems: all,
                load: constantLoad(rate, seconds),
            };
        }),
        {
            id: 'reorder-opaque',
            workload: 'custom-opaque',
            ours: 'reorder',
            systems: quick ? ['plain', 'reorder'] : all,
            load: constantLoad(rate, seconds),
        },
        {
            id: 'no-contention',
            workload: 'no-contention',
            ours: 'auto',
            systems: all,
            load: { kind: 'closed', callers: CALLERS, durationMs: seconds * 1000 },
        },
    ];
    return cases.filter(({ id }) => id.includes(only));
}

function faultOf({ verdict: { ok, problems } }: SystemReport): string | undefined {
    return ok ? undefined : (problems[0] ?? 'the ledger was not verified');
}

function addRow(report: FiguresReport, id: string, ours: SystemReport, theirs: SystemReport): void {
    const invalid = faultOf(ours) ?? faultOf(theirs);
    const { recording, verdict, transactions, success } = ours;
    report.add({
        id: `gateway.${id}`,
        unit: 'ops/s',
        better: 'higher',
        ours: [ours.goodputPerSecond],
        baseline: { name: theirs.system, values: [theirs.goodputPerSecond] },
        ...(invalid !== undefined && { invalid }),
        extra: {
            strategy: ours.system,
            offered: recording.offered,
            success,
            p50ms: recording.latency.p50Ms,
            p95ms: recording.latency.p95Ms,
            p99ms: recording.latency.p99Ms,
            transactions: transactions.valid + transactions.invalid,
            invalidTransactions: transactions.invalid,
            lost: verdict.lost,
            duplicated: verdict.duplicated,
            baselineSuccess: theirs.success,
            baselineP95ms: theirs.recording.latency.p95Ms,
            baselineTransactions: theirs.transactions.valid + theirs.transactions.invalid,
            baselineInvalidTransactions: theirs.transactions.invalid,
        },
    });
}

async function compareOn(network: Network, each: Case, warmUpMs: number): Promise<RunReport> {
    const [setUpSystem] = systemsNamed(['merge']);
    if (setUpSystem === undefined) throw new Error('There is no system "merge".');
    const result = await runWorkload({
        network,
        workload: await findWorkload(each.workload),
        systems: systemsNamed(each.systems),
        setUpSystem,
        load: each.load,
        warmUpMs,
    });
    process.stderr.write(`${reportTable(result)}\n\n`);
    return result;
}

function addRows(report: FiguresReport, { id, ours, systems: names }: Case, run: RunReport): void {
    const named = new Map(names.map((name, index) => [name, run.systems[index]]));
    const [plain, retry, own] = ['plain', 'plain-retry', ours].map((name) => named.get(name));
    if (plain === undefined || own === undefined) return;
    addRow(report, id, own, plain);
    if (retry !== undefined) addRow(report, `${id}.vs-retry`, own, retry);
    for (const [name, system] of named) {
        if (system === undefined || system === plain || system === retry || system === own)
            continue;
        addRow(report, `${id}.${name}`, system, plain);
    }
}

/** One hot counter at a load that only merging can follow, beside plain at the usual one. */
async function saturate(
    report: FiguresReport,
    network: Network,
    { rate, seconds }: GatewayOptions,
): Promise<RunReport[]> {
    const at = (name: string, ratePerSecond: number): Promise<RunReport> => {
        const load = constantLoad(ratePerSecond, seconds);
        const one = {
            id: 'hot-counter',
            workload: 'hot-counter',
            ours: name,
            systems: [name],
            load,
        };
        return compareOn(network, one, 1000);
    };
    const [naive, merged] = [await at('plain', rate), await at('merge', SATURATING_RATE)];
    const [theirs] = naive.systems;
    const [ours] = merged.systems;
    if (ours && theirs) addRow(report, 'hot-counter.saturated', ours, theirs);
    return [merged];
}

/** Every strategy beside the official client, with and without a loop around it, on one network. */
export async function measureGateway(
    report: FiguresReport,
    options: GatewayOptions,
): Promise<void> {
    const { quick, network: profile, only, markdown } = options;
    const cases = casesOf(options);
    if (cases.length === 0) return;
    // Blocks in proportion to how long a quick run lasts.
    const opened = await openNetwork(profile, quick ? { block: { timeoutMs: 100 } } : {});
    const { network } = opened;
    const runs: RunReport[] = [];
    try {
        for (const each of cases) {
            const run = await compareOn(network, each, quick ? 0 : 1000);
            addRows(report, each, run);
            runs.push(run);
        }
        if (!quick && 'hot-counter'.includes(only)) {
            runs.push(...(await saturate(report, network, options)));
        }
    } finally {
        await opened.stop();
    }
    if (markdown !== undefined) writeFileSync(markdown, `${reportsMarkdown(runs)}\n`);
}
