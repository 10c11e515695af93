import type { FiguresReport } from '@goodput/figures';
import { ledger as protos } from '@hyperledger/fabric-protos';

import { StateSimulation } from '../ledger/state-simulation.js';
import { LEVEL_DATABASE } from '../ledger/state-database.js';
import { WorldState } from '../ledger/state.js';

const ROWS = 10;
const SIZES = [
    ['1k', 1_000],
    ['100k', 100_000],
    ['1m', 1_000_000],
] as const;
const BASELINE = '1k';

/** A state of some size, and what reading it cost. */
interface Subject {
    readonly name: string;
    readonly size: number;
    readonly state: WorldState;
    readonly rangeNs: number[];
    readonly getNs: number[];
    problem: string | undefined;
}

/**
 * What a ten-row range and a point read cost at a thousand, a hundred thousand and a million keys: a
 * whole simulation each, read/write set included. Ratios near 1 mean that the size does not matter.
 */
export async function measureStateSize(report: FiguresReport): Promise<void> {
    const samples = report.options.quick ? 15 : 40;
    const subjects = SIZES.map(([name, size]): Subject => {
        return { name, size, state: filled(size), rangeNs: [], getNs: [], problem: undefined };
    });
    // the first rounds warm up and are not kept
    for (let round = -5; round < samples; round++) {
        for (const subject of subjects) {
            const rangeNs = await perSimulation(subject, round, readRange);
            const getNs = await perSimulation(subject, round, readKey);
            if (round < 0) continue;
            subject.rangeNs.push(rangeNs);
            subject.getNs.push(getNs);
        }
    }
    const baseline = subjects.find(({ name }) => name === BASELINE);
    if (!baseline) return;
    for (const subject of subjects) {
        if (subject === baseline) continue;
        const { name, problem } = subject;
        const common = {
            unit: 'ns',
            better: 'lower' as const,
            ...(problem === undefined ? {} : { invalid: problem }),
        };
        report.add({
            id: `devnet.range-${name}-vs-1k`,
            ...common,
            ours: subject.rangeNs,
            baseline: { name: '1,000 keys', values: baseline.rangeNs },
        });
        report.add({
            id: `devnet.get-${name}-vs-1k`,
            ...common,
            ours: subject.getNs,
            baseline: { name: '1,000 keys', values: baseline.getNs },
        });
    }
}

function filled(size: number): WorldState {
    const state = new WorldState();
    const value = Buffer.from('{"amount":1}');
    for (let i = 0; i < size; i++) {
        const version = { blockNum: Math.floor(i / 100), txNum: i % 100 };
        state.set('cc', keyOf(i), { value, version, metadata: undefined });
    }
    return state;
}

function keyOf(index: number): string {
    return `asset~${String(index).padStart(9, '0')}`;
}

type Read = (subject: Subject, simulation: StateSimulation, index: number) => Promise<void>;

/** Nanoseconds of one simulation, averaged over some at places spread over the whole state. */
async function perSimulation(subject: Subject, round: number, read: Read): Promise<number> {
    const simulations = 200;
    const places = Array.from({ length: simulations }, (_, i) => {
        // a multiplication by a prime scatters the places without a source of randomness
        return (((round + 5) * simulations + i) * 7_919) % (subject.size - ROWS);
    });
    const started = process.hrtime.bigint();
    for (const place of places) {
        const simulation = new StateSimulation('tx', {
            channel: 'c',
            state: subject.state,
            database: LEVEL_DATABASE,
            organizations: [],
            totalQueryLimit: 100_000,
            history: () => {
                throw new Error('This benchmark reads no history.');
            },
            release: () => undefined,
        });
        await read(subject, simulation, place);
        simulation.done();
    }
    return Number(process.hrtime.bigint() - started) / simulations;
}

async function readRange(
    subject: Subject,
    simulation: StateSimulation,
    index: number,
): Promise<void> {
    const pages = await simulation.getStateByRange('cc', keyOf(index), keyOf(index + ROWS));
    const { results } = await pages.next();
    const first = protos.queryresult.KV.deserializeBinary(results[0] ?? new Uint8Array()).getKey();
    if (results.length !== ROWS || first !== keyOf(index)) {
        subject.problem = `a range from ${keyOf(index)} gave ${results.length} rows from ${first}`;
    }
}

async function readKey(
    subject: Subject,
    simulation: StateSimulation,
    index: number,
): Promise<void> {
    const value = await simulation.getState('cc', keyOf(index));
    if (value?.length !== 12) subject.problem = `${keyOf(index)} was not found`;
}
