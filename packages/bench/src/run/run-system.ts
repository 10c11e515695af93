import { randomUUID } from 'node:crypto';
import { BenchError } from '../errors.js';
import { seededRandom, type Random } from '../load/random.js';
import type { SystemReport } from '../report/report.js';
import type { Target } from '../systems/plain.js';
import type { System } from '../systems/system.js';
import { ledgerOperations } from '../verify/batched-operations.js';
import { readLedger, type LedgerReader } from '../verify/ledger-reader.js';
import { reportedOf, type Reported } from '../verify/reported.js';
import { verifyLedger } from '../verify/verify-ledger.js';
import { closingOperations, counterOfRowOf, initialOperations, sourceOf } from './ask-workload.js';
import { measureSystem, type Measured } from './measure-system.js';
import type { Progress, RunOptions, SystemFactory } from './options.js';
import { setUp } from './set-up.js';

type Tell = (phase: Progress['phase'], so: Partial<Progress>) => void;

/** What the parts of one system's run share. */
interface SystemRun {
    readonly options: RunOptions;
    readonly system: System;
    readonly preparer: System;
    readonly reader: LedgerReader;
    readonly target: Target;
    readonly random: Random;
    /** The run's own part of the state. */
    readonly space: string;
    readonly tell: Tell;
    /** Every operation that was submitted, from the set-up on. */
    readonly reported: Map<string, Reported>;
}

function targetOf({ network, workload }: RunOptions): Target {
    const purpose = workload.chaincode ?? 'bench';
    return {
        network,
        chaincode: network.chaincodes[purpose] ?? purpose,
        ...(workload.contract !== undefined && { contract: workload.contract }),
    };
}

function progressOf(options: RunOptions, system: string): Tell {
    return (phase, so) => {
        const nothing = { elapsedMs: 0, totalMs: 0, offered: 0, committed: 0, ended: 0 };
        options.onProgress?.({ system, phase, ...nothing, ...so });
    };
}

/** Ids of the load are numbers; those of set-up, warm-up and closing begin with a letter. */
const MEASURED = /\/\d+$/;

/** Share of the offered operations that were committed, those the contract itself refused left out. */
function successOf({ offered, counts }: Measured['recording']): number {
    const wanted = offered - counts.rejected;
    return wanted === 0 ? 0 : counts.committed / wanted;
}

async function warmUpAndMeasure(run: SystemRun): Promise<Measured> {
    const { system, random, space, tell, reported } = run;
    const { workload, load, warmUpMs = 0, drainMs = 30_000, signal } = run.options;
    const next = sourceOf(workload, random.fork('operations'));
    const { population } = workload;
    const shared = {
        system,
        random,
        drainMs,
        ...(population && { population }),
        ...(signal && { signal }),
    };
    let warmUpOperations = 0;
    if (warmUpMs > 0) {
        tell('warm-up', { totalMs: warmUpMs });
        const warm = { ...load, durationMs: warmUpMs };
        const result = await measureSystem({ ...shared, load: warm, idPrefix: `${space}/w`, next });
        result.reported.forEach((each, id) => reported.set(id, each));
        warmUpOperations = result.reported.size;
    }
    const measured = await measureSystem({
        ...shared,
        load,
        idPrefix: `${space}/`,
        next: (index, actor) => next(index + warmUpOperations, actor),
        onTick: ({ offered, committed, ended }, elapsedMs) => {
            const phase = elapsedMs > load.durationMs ? 'drain' : 'load';
            tell(phase, { elapsedMs, totalMs: load.durationMs, offered, committed, ended });
        },
    });
    measured.reported.forEach((each, id) => reported.set(id, each));
    return measured;
}

/** Asked first: a client of ours would wait a while for peers that may just be starting. */
async function checkChaincode({ reader, target }: SystemRun): Promise<void> {
    try {
        await reader.checkChaincode(target.chaincode);
    } catch (cause) {
        throw new BenchError(
            'BENCH_PREPARATION_FAILED',
            `The chaincode "${target.chaincode}" does not answer on ${target.network.channel}: ${(cause as Error).message}. Deploy it, or name it in the profile's "chaincodes".`,
            { cause },
        );
    }
}

/** What the workload ends with, one after the other: the contract may refuse it, the ledger is checked with it. */
async function close({ options, preparer, space, reported }: SystemRun): Promise<void> {
    for (const [index, operation] of closingOperations(options.workload).entries()) {
        const identified = { id: `${space}/e${index}`, ...operation };
        reported.set(identified.id, reportedOf(identified, await preparer.submit(identified)));
    }
}

/** Committed operations a second; of a system that answered nothing, none. */
function goodputOf({ recording, spanMs }: Measured): number {
    const { committed } = recording.counts;
    return committed === 0 ? 0 : committed / (spanMs / 1000);
}

async function reportSystem(run: SystemRun): Promise<SystemReport | undefined> {
    const { options, reader, target, space, tell, reported } = run;
    const { workload } = options;
    const from = await reader.height();
    tell('set-up', {});
    await checkChaincode(run);
    const { signal } = options;
    const initial = initialOperations(workload, run.random.fork('set-up'));
    await setUp(run.preparer, initial, `${space}/s`, reported, signal);
    const measured = await warmUpAndMeasure(run);
    if (signal?.aborted === true && measured.recording.offered === 0) return undefined;
    await close(run);
    const counterOfRow = counterOfRowOf(workload);
    tell('verify', { committed: measured.recording.counts.committed });
    const result = await verifyLedger({
        blocks: await reader.blocks(from, await reader.height()),
        chaincode: target.chaincode,
        space,
        reported,
        operationsOf: ledgerOperations,
        isMeasured: (id) => MEASURED.test(id),
        ...(workload.replay && { replay: workload.replay }),
        ...(counterOfRow && { counterOfRow }),
    });
    return {
        system: run.system.name,
        workload: workload.name,
        load: measured.load,
        recording: measured.recording,
        goodputPerSecond: goodputOf(measured),
        success: successOf(measured.recording),
        ...result,
    };
}

/**
 * Runs a workload under one system: initial state, warm-up, load, drain, verification. Every system sees the
 * same operations, on a part of the state of its own.
 *
 * @returns nothing when the run was ended before anything was measured
 */
export async function runSystem(
    options: RunOptions,
    factory: SystemFactory,
): Promise<SystemReport | undefined> {
    const random = seededRandom(`${options.seed ?? 'goodput'}/${options.workload.name}`);
    const target = targetOf(options);
    const reader = readLedger(options.network);
    const preparer = await options.setUpSystem.create(target, options.workload, random.fork('p'));
    const system = await factory.create(target, options.workload, random.fork('system'));
    const space = `r${randomUUID().slice(0, 8)}`;
    const tell = progressOf(options, factory.name);
    try {
        return await reportSystem({
            options,
            system,
            preparer,
            reader,
            target,
            random,
            space,
            tell,
            reported: new Map(),
        });
    } finally {
        await system.close();
        await preparer.close();
        reader.close();
    }
}
