import { expect } from 'chai';
import { contracts } from '@goodput/bench-chaincode';
import { startNetwork, type Network as Devnet } from '@goodput/devnet';
import { resolveProfile, type Network } from '@goodput/network';
import { systemsNamed } from '../systems/built-in.js';
import type { System } from '../systems/system.js';
import { workloads } from '../workloads/built-in.js';
import { defineWorkload, type Workload } from '../workloads/workload.js';
import type { Load, SystemFactory } from './options.js';
import { runWorkload } from './run-workload.js';
import { openNetwork } from './with-network.js';

const short: Load = {
    kind: 'open',
    schedule: { kind: 'constant', ratePerSecond: 120 },
    durationMs: 500,
};

function workload(name: string): Workload {
    const found = workloads.find((each) => each.name === name);
    if (found === undefined) throw new Error(`no workload ${name}`);
    return found;
}

/** A system that passes everything on, and tampers with some of it. */
function tampered(
    factory: SystemFactory,
    tamper: (system: System) => System['submit'],
): SystemFactory {
    return {
        name: 'tampered',
        create: async (...args) => {
            const system = await factory.create(...args);
            const close = (): Promise<void> => system.close();
            return { name: 'tampered', submit: tamper(system), close };
        },
    };
}

describe('a run on a network', function () {
    this.timeout(300_000);
    let devnet: Devnet;
    let network: Network;
    const [merge, direct] = systemsNamed(['merge', 'direct']) as [SystemFactory, SystemFactory];

    before(async () => {
        devnet = await startNetwork({ block: { timeoutMs: 50 } });
        await devnet.deploy({ name: 'bench', contracts: [...contracts] });
        network = resolveProfile(devnet.profile);
    });
    after(() => devnet.stop());

    const run = (of: Workload, ...systems: SystemFactory[]) =>
        runWorkload({ network, workload: of, systems, setUpSystem: merge, load: short });

    for (const { name } of workloads.filter((each) => !each.name.startsWith('genchain'))) {
        it(`of ${name} under merging leaves a ledger that a serial replay explains`, async () => {
            const report = await run(workload(name), merge);
            const [system] = report.systems;
            expect(system?.verdict.problems).to.deep.equal([]);
            expect(system?.recording.offered).to.equal(60);
            expect(system?.recording.counts.committed).to.be.greaterThan(0);
        });
    }

    it('counts an operation that was reported and never sent as lost', async () => {
        let dropped = 0;
        const lossy = tampered(merge, (system) => (operation) => {
            const drops = operation.id.endsWith('/7');
            if (drops) dropped++;
            return drops ? Promise.resolve({ class: 'committed' }) : system.submit(operation);
        });
        const report = await run(workload('hot-counter'), lossy);
        expect(dropped).to.equal(1);
        expect(report.systems[0]?.verdict).to.include({ ok: false, lost: 1, duplicated: 0 });
    });

    it('counts an operation that was sent twice as duplicated', async () => {
        const doubling = tampered(merge, (system) => async (operation) => {
            const outcome = await system.submit(operation);
            return operation.id.endsWith('/7') ? system.submit(operation) : outcome;
        });
        const report = await run(workload('hot-counter'), doubling);
        expect(report.systems[0]?.verdict).to.include({ ok: false, lost: 0, duplicated: 1 });
    });

    it('finds receipts that went to the wrong callers', async () => {
        const swapping = tampered(merge, (system) => async (operation) => {
            const outcome = await system.submit(operation);
            // Two hundred callers of one counter, each told the sum of another.
            return { ...outcome, result: String(Number(outcome.result) + 1) };
        });
        const report = await run(workload('hot-counter'), swapping);
        const { verdict } = report.systems[0]!;
        expect(verdict).to.include({ ok: false, lost: 0, wrongKeys: 0, misreported: 60 });
    });

    it('finds an operation that was sent with other arguments', async () => {
        const altering = tampered(merge, (system) => (operation) => {
            const alters = operation.id.endsWith('/7');
            return system.submit(alters ? { ...operation, args: ['c0', '2'] } : operation);
        });
        const report = await run(workload('hot-counter'), altering);
        const { verdict } = report.systems[0]!;
        expect(verdict).to.include({ ok: false, altered: 1, lost: 0, wrongKeys: 0 });
    });

    it('finds that a contract answers otherwise than its replay', async () => {
        const of = workload('hot-counter');
        const add = of.replay?.['add'];
        const forgetful = defineWorkload({
            ...of,
            replay: { add: async (store, args) => `${String(await add?.(store, args))}?` },
        });
        const report = await run(forgetful, direct);
        const { recording, verdict } = report.systems[0]!;
        expect(recording.counts.committed).to.be.greaterThan(0);
        expect(verdict).to.include({ ok: false, wrongKeys: recording.counts.committed });
    });

    it('gives no goodput to a system that never answers', async () => {
        const silent = tampered(merge, () => () => new Promise(() => undefined));
        const report = await runWorkload({
            network,
            workload: workload('hot-counter'),
            systems: [silent],
            setUpSystem: merge,
            load: short,
            drainMs: 50,
        });
        const [system] = report.systems;
        expect(system?.goodputPerSecond).to.equal(0);
        expect(system?.recording.counts.timeout).to.equal(60);
        expect(system?.verdict.ok).to.equal(true);
    });

    it('finds an answer that no serial order gives', async () => {
        // It reports what the contract refused as done: the ledger has no such operation.
        const lying = tampered(merge, (system) => async (operation) => {
            const outcome = await system.submit(operation);
            return outcome.class === 'rejected' ? { ...outcome, class: 'committed' } : outcome;
        });
        const greedy = defineWorkload({
            ...workload('bounded-stock'),
            setup: () => [{ name: 'restock', args: ['i0', '5'] }],
            operations: () => () => ({ name: 'take', args: ['i0', '1'] }),
        });
        const report = await run(greedy, lying);
        expect(report.systems[0]?.verdict).to.include({ ok: false, lost: 55 });
    });

    it('counts the transactions of the load alone, not those of set-up, warm-up and closing', async () => {
        const of = workload('no-contention');
        const note = (key: string) => ({ name: 'note', args: [key, 'x'] });
        const report = await runWorkload({
            network,
            workload: { ...of, setup: () => [note('first')], closing: () => [note('last')] },
            systems: [direct],
            setUpSystem: merge,
            load: short,
            warmUpMs: 200,
        });
        const [system] = report.systems;
        expect(system?.verdict.problems).to.deep.equal([]);
        expect(system?.recording.counts.committed).to.equal(60);
        expect(system?.transactions).to.deep.include({ valid: 60, invalid: 0 });
    });

    it('gives every system the same operations', async () => {
        const report = await run(workload('no-contention'), direct, merge);
        const [first, second] = report.systems;
        expect(first?.recording.counts.committed).to.equal(60);
        expect(second?.recording.counts.committed).to.equal(60);
    });

    it('that is ended early still reports what was measured', async () => {
        const abort = new AbortController();
        const report = await runWorkload({
            network,
            workload: workload('hot-8'),
            systems: [merge, direct],
            setUpSystem: merge,
            load: { ...short, durationMs: 60_000 },
            signal: abort.signal,
            onProgress: ({ offered }) => {
                if (offered > 20) abort.abort();
            },
        });
        expect(report.interrupted).to.equal(true);
        expect(report.systems).to.have.length(1);
        expect(report.systems[0]?.verdict.ok).to.equal(true);
        expect(report.systems[0]?.recording.offered).to.be.within(20, 2000);
    });

    it('says why the initial state cannot be written', async () => {
        const elsewhere = defineWorkload({
            ...workload('smallbank'),
            chaincode: 'absent',
        });
        const error = await run(elsewhere, direct).catch((reason: unknown) => reason);
        expect(error).to.have.property('code', 'BENCH_PREPARATION_FAILED');
        expect(error).to.have.property('message').that.contains('"absent" does not answer');
    });

    it('lives a day of persons, and publishes who was there and what was left', async () => {
        const report = await runWorkload({
            network,
            workload: workload('clinical-day'),
            systems: [merge],
            setUpSystem: merge,
            load: {
                kind: 'open',
                schedule: { kind: 'day', ratePerSecond: 100 },
                durationMs: 1000,
            },
        });
        const [system] = report.systems;
        expect(report.load).to.equal('a day of 100/s on average in 1 s');
        expect(system?.verdict.problems).to.deep.equal([]);
        expect(Object.keys(system?.load.people ?? {})).to.deep.equal([
            'nurse',
            'physician',
            'clerk',
            'biller',
        ]);
        expect(system?.stateHash).to.match(/^[0-9a-f]{64}$/);
    });

    it('ends at the same state from the same seed when nothing is lost', async () => {
        const hashes: unknown[] = [];
        for (const seed of ['a', 'a', 'b']) {
            const of = workload('hot-8');
            const given = { network, workload: of, systems: [merge], setUpSystem: merge };
            const report = await runWorkload({ ...given, load: short, seed });
            hashes.push(report.systems[0]?.stateHash);
        }
        expect(hashes[0]).to.equal(hashes[1]).and.to.not.equal(hashes[2]);
    });

    it('closes the election, and writes down what a replay counts too', async () => {
        const few = defineWorkload({
            ...workload('voting'),
            operations: () => (index) => ({ name: 'vote', args: ['e', `v${index}`, '3'] }),
        });
        const report = await run(few, merge);
        expect(report.systems[0]?.verdict.ok).to.equal(true);
        // Set-up, sixty ballots merged into some, and two transactions at the end.
        expect(report.systems[0]?.recording.counts.committed).to.equal(60);
    });

    const burst = { kind: 'burst', base: 1, peak: 2, everyMs: 10, peakMs: 50 } as const;
    const undrivable: [string, Partial<Load> & object][] = [
        ['a day of a workload without persons', { schedule: { kind: 'day', ratePerSecond: 10 } }],
        ['a peak longer than the gap between peaks', { schedule: burst }],
        ['no time', { durationMs: 0 }],
        ['more than a day', { durationMs: 1e300 }],
        ['a length that is no number', { durationMs: Number.NaN }],
        ['half a caller', { kind: 'closed', callers: 0.5 }],
        ['a billion callers', { kind: 'closed', callers: 1e9 }],
        ['years of thinking', { kind: 'closed', callers: 1, thinkTimeMs: 1e12 }],
    ];
    for (const [what, changed] of undrivable) {
        it(`refuses ${what} before anything is written`, async () => {
            let created = 0;
            const never: SystemFactory = {
                name: 'never',
                create: () => Promise.reject(new Error(`${created++}`)),
            };
            const error = await runWorkload({
                network,
                workload: workload('hot-8'),
                systems: [never],
                setUpSystem: never,
                load: { ...short, ...changed } as Load,
            }).catch((reason: unknown) => reason);
            expect(error).to.have.property('code', 'BENCH_SCHEDULE_INVALID');
            expect(created).to.equal(0);
        });
    }

    it('drives callers that think', async () => {
        const report = await runWorkload({
            network,
            workload: workload('ehr'),
            systems: [merge],
            setUpSystem: merge,
            load: { kind: 'closed', callers: 5, durationMs: 1000, thinkTimeMs: 20 },
        });
        expect(report.load).to.equal('5 callers for 1 s');
        expect(report.systems[0]?.verdict.ok).to.equal(true);
    });
});

describe('an embedded network in a process of its own', function () {
    this.timeout(180_000);

    it('starts, serves and goes', async () => {
        const opened = await openNetwork(undefined, { block: { timeoutMs: 50 } });
        expect(opened.network.chaincodes).to.have.property('bench');
        const report = await runWorkload({
            network: opened.network,
            workload: workload('hot-counter'),
            systems: systemsNamed(['merge']),
            setUpSystem: systemsNamed(['merge'])[0]!,
            load: { ...short, durationMs: 500 },
        });
        expect(report.systems[0]?.verdict.ok).to.equal(true);
        await opened.stop();
        await opened.stop();
    });

    it('says why it did not start', async () => {
        const error = await openNetwork(undefined, { organizations: ['not an msp id'] }).catch(
            (reason: unknown) => reason,
        );
        expect(error).to.have.property('code', 'BENCH_NETWORK_FAILED');
    });
});
