import { GoodputContract, type GoodputContext } from '@goodput/chaincode';
import { startNetwork } from '@goodput/devnet';
import { TestClient, TestClock, type TestContract } from '@goodput/devnet/testing';
import type { FiguresReport } from '@goodput/figures';
import {
    AccessPolicyContract,
    auditKeys,
    AuditLogContract,
    verifyAuditProof,
    type AuditEvent,
    type AuditPage,
    type AuditProof,
    type AuditRecord,
    type StoredSeal,
} from '../index.js';

const DAY_MS = 86_400_000;
const day = Date.UTC(2026, 0, 5);
const BATCH = 1000;
const PATIENTS = 1000;

function recordOf(index: number): AuditRecord {
    return {
        action: 'read',
        resource: { type: 'note', id: `n${index % 10_000}` },
        purpose: 'TREAT',
        outcome: index % 100 === 99 ? 'deny' : 'permit',
        patient: `p${index % PATIENTS}`,
        ...(index % 1000 === 500 ? { breakGlass: true as const } : {}),
    };
}

/** What a log without keys to find by would have to do: read everything. */
class FullScan extends GoodputContract {
    constructor() {
        super('FullScan');
    }

    async byPatient(ctx: GoodputContext, tenant: string, patient: string): Promise<number> {
        const { startKey, endKey } = auditKeys.event.prefix({ tenant });
        let found = 0;
        for await (const { value } of ctx.stub.getStateByRange(startKey, endKey)) {
            const row = JSON.parse(Buffer.from(value).toString()) as AuditEvent;
            if (row.patient === patient) found++;
        }
        return found;
    }
}

async function msOf<T>(work: () => Promise<T>): Promise<readonly [number, T]> {
    const started = process.hrtime.bigint();
    const result = await work();
    return [Number(process.hrtime.bigint() - started) / 1e6, result];
}

interface Log {
    readonly contract: TestContract;
    readonly scan: TestContract;
    readonly clock: TestClock;
    readonly records: number;
    readonly rounds: number;
}

interface Filled {
    /** What appending one record took, in microseconds. */
    readonly costs: readonly number[];
    /** The key of a row of each shard that has any. */
    readonly keys: ReadonlyMap<number, string>;
}

/** Fills a day of the log. */
async function fill({ contract, records }: Log): Promise<Filled> {
    const costs: number[] = [];
    const keys = new Map<number, string>();
    for (let first = 0; first < records; first += BATCH) {
        const batch = Array.from({ length: BATCH }, (_, index) => recordOf(first + index));
        const [ms, { code, result }] = await msOf(() =>
            contract.submit('append', 'default', JSON.stringify(batch)),
        );
        if (code !== 'VALID') throw new Error(`an append ended as ${code}`);
        costs.push((ms * 1000) / BATCH);
        const [key = ''] = JSON.parse(result) as string[];
        keys.set(auditKeys.event.parse(key).shard, key);
    }
    return { costs, keys };
}

async function queryFigures(report: FiguresReport, log: Log): Promise<void> {
    const { contract, scan, records, rounds } = log;
    const scans: number[] = [];
    for (let round = 0; round < 3; round++) {
        scans.push((await msOf(() => scan.evaluate('byPatient', 'default', 'p7')))[0]);
    }
    const window = { tenant: 'default', from: day, to: day + DAY_MS };
    const actor = (await page(contract, { ...window, size: 1 })).events[0]?.actor;
    const ways = {
        patient: [{ patient: 'p7' }, records / PATIENTS],
        resource: [{ resource: { type: 'note', id: 'n7' } }, records / 10_000],
        actor: [{ actor }, 100],
        outcome: [{ outcome: 'deny' }, records / 100],
        glass: [{ breakGlass: true }, records / 1000],
        time: [{}, 100],
    } as const;
    for (const [name, [more, expected]] of Object.entries(ways)) {
        const ours: number[] = [];
        let wrong = 0;
        for (let round = 0; round < rounds; round++) {
            const [ms, { events }] = await msOf(() => page(contract, { ...window, ...more }));
            ours.push(ms);
            if (events.length !== Math.min(100, Math.max(1, expected))) wrong++;
        }
        report.add({
            id: `contracts.query-${name}`,
            unit: 'ms',
            better: 'lower',
            ours,
            baseline: { name: `reading all ${records} rows`, values: scans },
            ...(wrong > 0 ? { invalid: `${wrong} pages of another length` } : {}),
        });
    }
}

async function page(contract: TestContract, query: object): Promise<AuditPage> {
    return JSON.parse(await contract.evaluate('query', JSON.stringify(query))) as AuditPage;
}

/** Seals the buckets of the day, and proves a row of each. */
async function sealFigures(report: FiguresReport, log: Log, filled: Filled): Promise<void> {
    const { contract, clock } = log;
    clock.set(day + 2 * DAY_MS);
    const [seals, proofs]: [number[], number[]] = [[], []];
    let broken = 0;
    for (const [shard, key] of filled.keys) {
        const [ms, { code, result }] = await msOf(() =>
            contract.submit('seal', 'default', String(shard), '2026-01-05'),
        );
        if (code !== 'VALID') throw new Error(`a seal ended as ${code}`);
        const { count, chainSize: size, chainRoot: root } = JSON.parse(result) as StoredSeal;
        seals.push((ms * 1000) / count);
        const [took, text] = await msOf(() => contract.evaluate('prove', 'default', key));
        proofs.push(took);
        if (!verifyAuditProof(JSON.parse(text) as AuditProof, { size, root })) broken++;
    }
    const baseline = { name: 'appending it, 1,000 at a time', values: filled.costs };
    const invalid = broken > 0 ? { invalid: `${broken} proofs do not hold` } : {};
    const better = 'lower';
    report.add({ id: 'contracts.seal', unit: 'us a record', better, ours: seals, baseline });
    report.add({ id: 'contracts.prove', unit: 'ms', better, ours: proofs, ...invalid });
}

/** Queries, seals and proofs of a log of 100,000 records on the embedded network. */
export async function logFigures(report: FiguresReport): Promise<void> {
    const { quick } = report.options;
    const clock = new TestClock();
    clock.set(day + DAY_MS / 2);
    const network = await startNetwork({ block: { timeoutMs: 20 }, clock: clock.now });
    await network.organization().enrol({ name: 'ann', role: 'admin' });
    const client = new TestClient(network, { user: 'ann', clock: clock.now });
    try {
        const contracts = [AuditLogContract, AccessPolicyContract, FullScan];
        await network.deploy({ name: 'audit', contracts });
        const log: Log = {
            contract: client.contract('audit'),
            scan: client.contract('audit', 'FullScan'),
            clock,
            records: quick ? 5000 : 100_000,
            rounds: quick ? 5 : 30,
        };
        const filled = await fill(log);
        await queryFigures(report, log);
        await sealFigures(report, log, filled);
    } finally {
        client.close();
        await network.stop();
    }
}
