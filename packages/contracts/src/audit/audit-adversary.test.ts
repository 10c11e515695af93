import { expectCodes, useNetwork } from '@goodput/devnet/testing';
import { expect } from 'chai';
import { AccessPolicyContract } from '../access/access-policy-contract.js';
import type { Policy } from '../policy/model.js';
import { AuditLogContract } from './audit-log-contract.js';
import { DAY_MS, SEAL_AFTER_MS } from './days.js';
import { toFhirAuditEvent, toOcsf } from './export.js';
import { auditKeys } from './keys.js';
import type { AuditPage } from './query.js';
import type { AuditEvent, AuditRecord } from './record.js';
import type { BucketCheck, SealProgress, StoredSeal } from './seal.js';
import { verifyAuditProof, verifyGrowth, type AuditProof, type ChainProof } from './verify.js';

const day = Date.UTC(2026, 10, 20);
const nine = day + 9 * 3_600_000;
const tenant = 'default';
const record: AuditRecord = {
    action: 'read',
    resource: { type: 'note', id: 'n1' },
    purpose: 'TREAT',
    outcome: 'permit',
    patient: 'p1',
};
const json = (value: unknown): string => JSON.stringify(value);
const policy: Policy = {
    format: 'goodput.policy/1',
    title: 'a hundred rules for everybody',
    roles: {},
    rules: Array.from({ length: 100 }, (_, at) => ({
        id: `r${at}`,
        effect: 'permit',
        principals: ['anyone'],
        actions: ['read'],
        resources: ['note'],
    })),
};

/** One bucket a day, sealed three rows at a time. */
class SmallLog extends AuditLogContract {
    constructor() {
        super({ shards: 1, sealRows: 3 });
    }
}

describe('an audit log under attack', function () {
    this.timeout(120_000);
    const fabric = useNetwork({
        chaincodes: [{ name: 'audit', contracts: [SmallLog, AccessPolicyContract] }],
        prepare: async ({ network }) => {
            for (const name of ['ann', 'bob']) {
                await network.organization().enrol({ name, role: 'admin' });
            }
            fabric.clock.set(nine);
            const policies = (user: string) =>
                fabric.client({ user }).contract('audit', 'AccessPolicyContract');
            const draft = ['saveDraft', tenant, '*', json(policy), '0'] as const;
            const { result } = await policies('ann').submit(...draft);
            const { hash } = JSON.parse(result) as { hash: string };
            await policies('bob').submit('activate', tenant, '*', hash);
        },
    });
    beforeEach(() => {
        fabric.clock.set(nine);
    });
    const as = (user: string) => fabric.contract('audit', { user });

    async function append(count: number): Promise<string[]> {
        const records = Array<AuditRecord>(count).fill(record);
        const { result } = await as('user1').submit('append', tenant, json(records));
        return JSON.parse(result) as string[];
    }

    async function seal(date: string): Promise<StoredSeal | SealProgress> {
        const { code, result } = await as('ann').submit('seal', tenant, '0', date);
        expect(code).to.equal('VALID');
        return JSON.parse(result) as StoredSeal | SealProgress;
    }

    async function sealWhole(date: string): Promise<StoredSeal> {
        for (;;) {
            const sealed = await seal(date);
            if (!('unfinished' in sealed)) return sealed;
        }
    }

    async function check(date: string): Promise<BucketCheck> {
        return JSON.parse(await as('ann').evaluate('check', tenant, '0', date)) as BucketCheck;
    }

    async function refused(work: Promise<unknown>): Promise<string> {
        const error = await work.then(
            () => undefined,
            (thrown: unknown) => thrown,
        );
        if (!(error instanceof Error)) throw new Error('it was not refused');
        const { details = [] } = error as { details?: readonly { message: string }[] };
        return [error.message, ...details.map(({ message }) => message)].join(' ');
    }

    it('is sealed however full somebody made a bucket, and proves every row of it', async () => {
        const keys = await append(10);
        fabric.clock.set(day + 3 * DAY_MS);
        const counts: number[] = [];
        let sealed = await seal('2026-11-20');
        while ('unfinished' in sealed) {
            counts.push(sealed.count);
            expect(await refused(seal('2026-11-21'))).to.contain('AUDIT_BUCKET_OPEN');
            sealed = await seal('2026-11-20');
        }
        expect(counts).to.deep.equal([3, 6, 9]);
        expect(sealed).to.include({ count: 10, index: 0, chainSize: 1 });
        expect(await check('2026-11-20')).to.deep.include({ intact: true });
        const trusted = { size: 1, root: sealed.chainRoot };
        for (const key of keys) {
            const text = await as('ann').evaluate('prove', tenant, key);
            expect(verifyAuditProof(JSON.parse(text) as AuditProof, trusted)).to.equal(true);
        }
        const empty = await sealWhole('2026-11-21');
        expect(empty).to.include({ count: 0, index: 1, chainSize: 2 });
        const growth = await as('ann').evaluate('proveGrowth', tenant, '0', '1');
        const after = { size: 2, root: empty.chainRoot };
        expect(verifyGrowth(JSON.parse(growth) as ChainProof, trusted, after)).to.equal(true);
    });

    it('lets two sealers race for a bucket, and one of them win', async () => {
        await append(2);
        fabric.clock.set(day + 2 * DAY_MS);
        const propose = () => as('ann').propose('seal', tenant, '0', '2026-11-20');
        expectCodes(await fabric.conflict(propose(), propose()), 'VALID', 'MVCC_READ_CONFLICT');
    });

    it('shows a row that arrives while a bucket is sealed in parts, and fails no append', async () => {
        await append(5);
        fabric.clock.set(day + 2 * DAY_MS);
        expect(await seal('2026-11-20')).to.deep.equal({ unfinished: true, count: 3 });
        // A client whose clock is a day late: earlier than all that is there.
        fabric.clock.set(day);
        await append(1);
        fabric.clock.set(day + 2 * DAY_MS);
        expect(await seal('2026-11-20')).to.include({ count: 5 });
        const { intact, sealed, found } = await check('2026-11-20');
        expect([intact, sealed.count, found.count]).to.deep.equal([false, 5, 6]);
    });

    it('gives way to a late append that meets the seal in a block: the append stands', async () => {
        await append(1);
        fabric.clock.set(day + 2 * DAY_MS);
        const seals = await as('ann').endorse('seal', tenant, '0', '2026-11-20');
        fabric.clock.set(nine);
        const late = await as('user1').endorse('append', tenant, json([record]));
        expectCodes(await fabric.inOneBlock(late, seals), 'VALID', 'PHANTOM_READ_CONFLICT');
        fabric.clock.set(day + 2 * DAY_MS);
        expect(await seal('2026-11-20')).to.include({ count: 2 });
    });

    it('does not seal a day one millisecond too early, by a clock that is as far ahead as peers allow', async () => {
        await append(1);
        const end = day + DAY_MS;
        // The sealer's clock may be 15 minutes ahead and an appender's 15 minutes behind: both meet here.
        fabric.clock.set(end + SEAL_AFTER_MS - 1);
        expect(await refused(seal('2026-11-20'))).to.contain('AUDIT_BUCKET_OPEN');
        expect(SEAL_AFTER_MS).to.be.at.least(2 * 15 * 60_000);
        fabric.clock.set(end + SEAL_AFTER_MS);
        expect(await seal('2026-11-20')).to.include({ count: 1 });
    });

    it('leaves no gap: days are sealed in their order, empty ones too', async () => {
        await append(1);
        fabric.clock.set(day + 5 * DAY_MS);
        expect(await refused(seal('2026-11-22'))).to.contain('2026-11-20 has rows');
        await sealWhole('2026-11-20');
        expect(await refused(seal('2026-11-22'))).to.contain('the day before is not sealed');
        expect(await refused(seal('2026-11-19'))).to.contain('AUDIT_BUCKET_SEALED');
    });

    it('tells what was decided from what somebody only says', async () => {
        const claim = { ...record, policies: ['0'.repeat(64)], because: ['policy:* r0'] };
        await as('user1').submit('append', tenant, json([claim]));
        const forged = as('user1').submit('append', tenant, json([{ ...claim, decided: true }]));
        expect(await refused(forged)).to.contain('AUDIT_RECORD_INVALID');
        fabric.clock.set(nine + 1);
        const request = { action: 'read', resource: { type: 'note', id: 'n1' }, purpose: 'TREAT' };
        await as('user1').submit('access', json(request));
        const wanted = json({ tenant, from: nine, to: nine + 2 });
        const { events } = JSON.parse(await as('ann').evaluate('query', wanted)) as AuditPage;
        expect(events.map(({ decided }) => decided)).to.deep.equal([undefined, true]);
        // A hundred rules decided: the record names as many as it has room for.
        expect(events[1]?.because).to.have.length(64);
        expect(events[1]?.because?.at(-1)).to.equal('and 37 more');
    });

    it('counts the records of a transaction without a gap, and finds each once', async () => {
        const keys = await append(7);
        expect(keys.map((key) => auditKeys.event.parse(key).seq)).to.deep.equal([
            0, 1, 2, 3, 4, 5, 6,
        ]);
        const wanted = json({ tenant, patient: 'p1', from: 0, to: nine + 1 });
        const { events } = JSON.parse(await as('ann').evaluate('query', wanted)) as AuditPage;
        expect(events.map(({ seq }) => seq)).to.deep.equal([0, 1, 2, 3, 4, 5, 6]);
    });
});

describe('what comes from anybody', () => {
    it('is no proof unless it has the form of one', () => {
        const trusted = { size: 1, root: '0'.repeat(64) };
        for (const proof of [
            null,
            7,
            {},
            { format: 'goodput.audit-proof/1' },
            { format: 'goodput.audit-proof/1', key: 'k', path: [1], seal: {}, chain: {} },
            { format: 'goodput.audit-proof/1', key: 'k', path: ['zz'], seal: { root: 'x' } },
        ]) {
            expect(verifyAuditProof(proof as unknown as AuditProof, trusted)).to.equal(false);
        }
    });

    it('is no proof, and no error, if it holds what no record can', () => {
        const root = '0'.repeat(64);
        const trusted = { size: 1, root };
        const seal = { tenant, shard: 0, day, index: 0, count: 1, root };
        const chain = { ...trusted, path: [] };
        const form = { format: 'goodput.audit-proof/1', record, row: 0, path: [], seal, chain };
        const proof = { ...form, key: 'k' } as AuditProof;
        const hostile: AuditProof[] = [
            { ...proof, key: '\ud800' },
            { ...proof, record: '\udc00' },
            { ...proof, record: JSON.parse('1e400') as unknown },
            { ...proof, record: JSON.parse('['.repeat(5000) + ']'.repeat(5000)) as unknown },
            { ...proof, seal: { ...seal, tenant: '\ud800' } },
        ];
        for (const each of hostile) expect(verifyAuditProof(each, trusted)).to.equal(false);
    });

    it('is no growth unless it has the form of one', () => {
        const head = { size: 1, root: '0'.repeat(64) };
        const growth = { format: 'goodput.audit-growth/1', before: head, after: head, path: [] };
        expect(verifyGrowth(growth as ChainProof, head, head)).to.equal(true);
        for (const proof of [
            null,
            {},
            { ...growth, format: 'goodput.audit-proof/1' },
            { ...growth, before: undefined },
            { ...growth, after: null },
            { ...growth, path: ['zz'] },
        ]) {
            expect(verifyGrowth(proof as unknown as ChainProof, head, head)).to.equal(false);
        }
    });

    it('has actions named as objects name their own', () => {
        const event: AuditEvent = {
            ...record,
            action: 'constructor',
            tenant,
            at: nine,
            actor: 'a',
            organisation: 'Org1MSP',
            tx: '0'.repeat(64),
            seq: 0,
        };
        expect(toFhirAuditEvent(event)).to.include({ action: 'E' });
        expect(toOcsf(event)).to.include({ activity_id: 99, type_uid: 600_399 });
    });
});
