import { GoodputContract, type GoodputContext } from '@goodput/chaincode';
import { expectCodes, readWriteSet, useNetwork } from '@goodput/devnet/testing';
import { expect } from 'chai';
import fc from 'fast-check';
import { AccessPolicyContract } from '../access/access-policy-contract.js';
import { merkleRoot } from '../merkle/merkle-tree.js';
import { AuditLogContract } from './audit-log-contract.js';
import { DAY_MS, SEAL_AFTER_MS } from './days.js';
import { frontierRoot, grow } from './frontier.js';
import { auditKeys } from './keys.js';
import { patientPseudonym } from './pseudonym.js';
import type { AuditPage } from './query.js';
import type { AuditRecord } from './record.js';
import type { StoredSeal } from './seal.js';
import {
    rowLeaf,
    verifyAuditProof,
    verifyGrowth,
    type AuditProof,
    type ChainProof,
} from './verify.js';

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

describe('the frontier of a tree', () => {
    it('has the root of the tree, whatever its size', () => {
        let frontier: Buffer[] = [];
        const leaves: Buffer[] = [];
        for (let size = 0; size <= 130; size++) {
            expect(frontierRoot(frontier)).to.deep.equal(merkleRoot(leaves));
            const leaf = rowLeaf(String(size), size);
            frontier = grow(frontier, size, leaf);
            leaves.push(leaf);
        }
    });
});

/** Looks into the private collection, as no contract of ours lets anybody do. */
class PrivateReader extends GoodputContract {
    async read(ctx: GoodputContext, key: string): Promise<string> {
        return Buffer.from(await ctx.stub.getPrivateData('auditDetail', key)).toString();
    }
}

describe('AuditLogContract on the embedded network', function () {
    this.timeout(240_000);
    const fabric = useNetwork({
        chaincodes: [
            {
                name: 'audit',
                contracts: [AuditLogContract, AccessPolicyContract, PrivateReader],
                collections: [{ name: 'auditDetail', policy: "OR('Org1MSP.member')" }],
            },
        ],
        prepare: async ({ network }) => {
            const organization = network.organization('Org1MSP');
            await organization.enrol({ name: 'ann', role: 'admin' });
            await organization.enrol({ name: 'bob', role: 'admin' });
        },
    });
    beforeEach(() => {
        fabric.clock.set(nine);
    });
    const as = (user: string) => fabric.contract('audit', { user });
    const append = (...records: AuditRecord[]) =>
        as('user1').submit('append', tenant, json(records));

    async function query(more: object): Promise<AuditPage> {
        const text = json({ tenant, from: 0, to: nine + 400 * DAY_MS, ...more });
        const narrow = json({ tenant, from: day, to: day + 3 * DAY_MS, ...more });
        const isTime = !('patient' in more || 'resource' in more || 'actor' in more);
        return JSON.parse(await as('ann').evaluate('query', isTime ? narrow : text)) as AuditPage;
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

    it('appends blind: an append reads nothing at all', async () => {
        const { reads, ranges, writes } = readWriteSet(
            await as('user1').endorse('append', tenant, json([record, record])),
        );
        expect([reads, ranges]).to.deep.equal([{}, []]);
        expect(Object.keys(writes).filter((key) => key.startsWith('audit.event'))).to.have.length(
            2,
        );
    });

    it('commits every append at concurrency; none conflicts', async function () {
        const total = Number(process.env['GOODPUT_AUDIT_APPENDS'] ?? 2000);
        const each = Number(process.env['GOODPUT_AUDIT_RECORDS'] ?? 1);
        this.timeout(300_000 + 120 * total);
        const records = json(Array<AuditRecord>(each).fill(record));
        const transactions = Math.ceil(total / each);
        const codes = new Map<string, number>();
        let next = 0;
        const contract = as('user1');
        const worker = async (): Promise<void> => {
            while (next++ < transactions) {
                const { code } = await contract.submit('append', tenant, records);
                codes.set(code, (codes.get(code) ?? 0) + 1);
            }
        };
        await Promise.all(Array.from({ length: 100 }, worker));
        expect([...codes]).to.deep.equal([['VALID', transactions]]);
        let [after, found]: [string | undefined, number] = [undefined, 0];
        do {
            const page: AuditPage = await query({
                patient: 'p1',
                size: 1000,
                ...(after && { after }),
            });
            found += page.events.length;
            after = page.next;
        } while (after !== undefined);
        expect(found).to.equal(transactions * each);
    });

    it('finds events by patient, actor, resource, time, outcome and broken glass, page by page', async () => {
        await append(record, { ...record, patient: 'p2', resource: { type: 'order', id: 'o1' } });
        fabric.clock.set(nine + DAY_MS);
        await as('user1').submit(
            'appendPacked',
            tenant,
            json([
                { ...record, outcome: 'deny', patient: 'p2' },
                { ...record, breakGlass: true, purpose: 'ETREAT' },
            ]),
        );
        const all = await query({});
        expect(all.events.map(({ at }) => at)).to.deep.equal([
            nine,
            nine,
            nine + DAY_MS,
            nine + DAY_MS,
        ]);
        const count = async (more: object) => (await query(more)).events.length;
        expect(await count({ patient: 'p2' })).to.equal(2);
        expect(await count({ patient: 'p2', outcome: 'permit' })).to.equal(1);
        expect(await count({ resource: { type: 'order', id: 'o1' } })).to.equal(1);
        expect(await count({ actor: all.events[0]!.actor })).to.equal(4);
        expect(await count({ actor: 'nobody' })).to.equal(0);
        expect(await count({ outcome: 'deny' })).to.equal(1);
        expect(await count({ breakGlass: true })).to.equal(1);
        const first = await query({ size: 1 });
        const second = await query({ size: 1, after: first.next });
        const third = await query({ size: 1, after: second.next });
        expect(third.next).to.equal(undefined);
        expect([...first.events, ...second.events, ...third.events]).to.deep.equal(all.events);
        expect(
            await refused(as('user1').evaluate('query', json({ tenant, from: 0, to: 1 }))),
        ).to.contain('POLICY_NOT_ADMINISTRATOR');
        expect(await refused(query({ colour: 1 }))).to.contain('AUDIT_QUERY_INVALID');
        const strange = query({
            patient: 'p1',
            after: auditKeys.byActor.prefix({ tenant }).startKey,
        });
        expect(await refused(strange)).to.contain('AUDIT_QUERY_INVALID');
    });

    it('accounts for disclosures, and exports to FHIR, OCSF and NDJSON', async () => {
        await append(record, { ...record, purpose: 'HRESCH' }, { ...record, outcome: 'deny' });
        const wanted = json({ tenant, patient: 'p1', from: 0, to: nine + 1 });
        const { disclosures } = JSON.parse(
            await as('ann').evaluate('accountingOfDisclosures', wanted),
        ) as { disclosures: { purpose: string }[] };
        expect(disclosures.map(({ purpose }) => purpose)).to.deep.equal(['HRESCH']);
        const exported = async (format: string): Promise<string> =>
            (JSON.parse(await as('ann').evaluate('export', wanted, format)) as { text: string })
                .text;
        const bundle = JSON.parse(await exported('fhir')) as {
            entry: { resource: { resourceType: string; outcome: string; entity: unknown[] } }[];
        };
        const resources = bundle.entry.map(({ resource }) => resource);
        expect(resources.map(({ outcome }) => outcome).sort()).to.deep.equal(['0', '0', '4']);
        expect(resources.every(({ entity }) => entity.length === 2)).to.equal(true);
        for (const format of ['ocsf', 'ndjson']) {
            const lines = (await exported(format)).trimEnd().split('\n');
            expect(lines.map((line) => typeof JSON.parse(line))).to.deep.equal(
                Array(3).fill('object'),
            );
        }
        expect(await refused(exported('constructor'))).to.contain('AUDIT_QUERY_INVALID');
    });

    for (const [what, more] of [
        ['no resource', { resource: null }],
        ['a resource of no type', { resource: { type: '', id: 'n1' } }],
        ['an outcome there is none of', { outcome: 'maybe' }],
        ['no broken glass', { breakGlass: false }],
        ['a bookmark of its own', { after: '1.5' }],
        ['an endless bookmark', { after: 'Infinity' }],
    ] as const) {
        it(`refuses a query with ${what}`, async () => {
            expect(await refused(query(more))).to.contain('AUDIT_QUERY_INVALID');
        });
    }

    it('seals no day the calendar lacks, and no shard the log lacks', async () => {
        fabric.clock.set(day + 2 * DAY_MS);
        const seal = (shard: string, date: string) =>
            refused(as('ann').submit('seal', tenant, shard, date));
        expect(await seal('0', '2026-02-30')).to.contain('AUDIT_QUERY_INVALID');
        expect(await seal('16', '2026-11-20')).to.contain('the shards of this log are 0 to 15');
    });

    it('refuses records that are malformed, before anything is written', async () => {
        for (const bad of [
            [],
            [{ ...record, outcome: 'maybe' }],
            [{ ...record, patient: 'Jane Roe' }],
            [{ ...record, note: 'x' }],
        ]) {
            const why = await refused(append(...(bad as AuditRecord[])));
            expect(why).to.contain('AUDIT_RECORD_INVALID');
            expect(why).not.to.contain('Jane');
        }
        const unknown = { ...record, outcome: 'maybe' } as unknown as AuditRecord;
        expect(await refused(append(unknown))).to.contain(
            '0.outcome must be one of permit, deny, error',
        );
        const many = Array<AuditRecord>(1001).fill(record);
        expect(await refused(append(...many))).to.contain('AUDIT_BATCH_TOO_LARGE');
    });

    /** Appends until a shard has as many rows, and returns that shard. */
    async function fill(rows: number): Promise<string> {
        const counts = new Map<number, number>();
        for (;;) {
            const { result } = await append(record);
            const { shard } = auditKeys.event.parse((JSON.parse(result) as [string])[0]);
            counts.set(shard, (counts.get(shard) ?? 0) + 1);
            if (counts.get(shard) === rows) return String(shard);
        }
    }

    async function sealDay(shard: string, date: string): Promise<StoredSeal> {
        const { result } = await as('ann').submit('seal', tenant, shard, date);
        return JSON.parse(result) as StoredSeal;
    }

    it('seals a day once it is over, and proves its rows offline', async () => {
        const shard = await fill(3);
        expect(await refused(sealDay(shard, '2026-11-20'))).to.contain('AUDIT_BUCKET_OPEN');
        fabric.clock.set(day + DAY_MS + SEAL_AFTER_MS - 1);
        expect(await refused(sealDay(shard, '2026-11-20'))).to.contain('AUDIT_BUCKET_OPEN');
        fabric.clock.set(day + 3 * DAY_MS);
        expect(await refused(sealDay(shard, '2026-11-21'))).to.contain('AUDIT_BUCKET_OPEN');
        const first = await sealDay(shard, '2026-11-20');
        expect(first).to.include({ count: 3, index: 0, chainSize: 1 });
        expect(await refused(sealDay(shard, '2026-11-20'))).to.contain('AUDIT_BUCKET_SEALED');
        const second = await sealDay(shard, '2026-11-21');
        const { startKey } = auditKeys.event.prefix({ tenant, day, shard: Number(shard) });
        const events = (await query({ patient: 'p1' })).events;
        const inShard = events
            .map(({ at, tx, seq }) =>
                auditKeys.event.build({ tenant, day, shard: Number(shard), at, tx, seq }),
            )
            .filter((key) => key.startsWith(startKey.slice(0, -1)));
        const trusted = { size: second.chainSize, root: second.chainRoot };
        let proved = 0;
        for (const key of inShard) {
            const answer = as('ann').evaluate('prove', tenant, key);
            const proof = await answer.then(
                (text) => JSON.parse(text) as AuditProof,
                () => undefined,
            );
            if (proof === undefined) continue;
            proved++;
            expect(verifyAuditProof(proof, trusted)).to.equal(true);
            expectTamperingToShow(proof, trusted);
        }
        expect(proved).to.equal(3);
        const growth = JSON.parse(
            await as('ann').evaluate('proveGrowth', tenant, shard, '1'),
        ) as ChainProof;
        const before = { size: first.chainSize, root: first.chainRoot };
        expect(verifyGrowth(growth, before, trusted)).to.equal(true);
        expect(verifyGrowth(growth, { ...before, root: trusted.root }, trusted)).to.equal(false);
    });

    function expectTamperingToShow(
        proof: AuditProof,
        trusted: { size: number; root: string },
    ): void {
        const flip = (hex: string): string => (hex.startsWith('0') ? '1' : '0') + hex.slice(1);
        const changed: AuditProof[] = [
            { ...proof, record: { ...(proof.record as object), purpose: 'TREAU' } },
            { ...proof, key: proof.key.replace(/.$/u, '\u0002') },
            { ...proof, row: (proof.row + 1) % proof.seal.count },
            { ...proof, path: proof.path.slice(1) },
            { ...proof, path: proof.path.map(flip) },
            { ...proof, seal: { ...proof.seal, count: proof.seal.count - 1 } },
            { ...proof, seal: { ...proof.seal, root: flip(proof.seal.root) } },
            { ...proof, chain: { ...proof.chain, root: flip(proof.chain.root) } },
            { ...proof, chain: { ...proof.chain, path: [] } },
        ];
        changed.forEach((each, index) => {
            expect(verifyAuditProof(each, trusted), `change ${index}`).to.equal(false);
        });
        expect(verifyAuditProof(proof, { ...trusted, root: flip(trusted.root) })).to.equal(false);
    }

    it('shows a row that was slipped into a sealed day', async () => {
        const shard = await fill(2);
        const check = async () =>
            JSON.parse(await as('ann').evaluate('check', tenant, shard, '2026-11-20')) as {
                intact: boolean;
            };
        fabric.clock.set(day + 2 * DAY_MS);
        await sealDay(shard, '2026-11-20');
        expect((await check()).intact).to.equal(true);
        fabric.clock.set(nine);
        await fillInto(shard);
        expect((await check()).intact).to.equal(false);
    });

    async function fillInto(shard: string): Promise<void> {
        for (;;) {
            const { result } = await append(record);
            const key = (JSON.parse(result) as [string])[0];
            if (String(auditKeys.event.parse(key).shard) === shard) return;
        }
    }

    it('never makes an append fail by sealing', async () => {
        const shard = await fill(1);
        fabric.clock.set(day + DAY_MS + SEAL_AFTER_MS);
        const inFlight = await Promise.all(
            Array.from({ length: 20 }, () => as('user1').endorse('append', tenant, json([record]))),
        );
        const seal = await as('ann').endorse('seal', tenant, shard, '2026-11-20');
        const after = await as('user1').endorse('append', tenant, json([record]));
        const outcomes = await fabric.inOneBlock(
            ...inFlight.slice(0, 10),
            seal,
            ...inFlight.slice(10),
            after,
        );
        expectCodes(outcomes, ...Array<'VALID'>(22).fill('VALID'));
    });

    it('records what it decides, denials too, with detail that can be erased', async () => {
        const request = {
            action: 'read',
            resource: { type: 'note', id: 'n1', patient: 'p1' },
            purpose: 'TREAT',
        };
        const detail = json({ salt: 'sixteen characters', detail: { why: 'Jane Roe called' } });
        const endorsed = await as('user1')
            .proposeWith('access', {
                arguments: [json(request)],
                transientData: { auditDetail: detail },
            })
            .endorse();
        expect(JSON.parse(Buffer.from(endorsed.getResult()).toString())).to.include({
            effect: 'DENY',
        });
        expectCodes(await fabric.inOneBlock(endorsed), 'VALID');
        const [event] = (await query({ patient: 'p1' })).events;
        expect(event).to.include({ outcome: 'deny', purpose: 'TREAT' });
        expect(event!.requestHash).to.match(/^[0-9a-f]{64}$/);
        // Detail is there until it is erased, for good; the record and its hash stay.
        const key = auditKeys.detail.build({ tenant, hash: event!.detailHash! });
        const kept = () => as('ann').evaluate('PrivateReader:read', key);
        expect(await kept()).to.contain('Jane Roe called');
        const stranger = as('user1').submit('eraseDetail', tenant, event!.detailHash!);
        expect(await refused(stranger)).to.contain('POLICY_NOT_ADMINISTRATOR');
        const { code } = await as('ann').submit('eraseDetail', tenant, event!.detailHash!);
        expect(code).to.equal('VALID');
        expect(await kept()).to.equal('');
        expect((await query({ patient: 'p1' })).events[0]).to.deep.equal(event);
        const unlike = patientPseudonym(Buffer.alloc(16), 'Jane Roe');
        expect(unlike).to.match(/^[0-9a-f]{40}$/);
    });
});

describe('a bucket of rows', () => {
    it('has another root when one byte, one row or the order of two rows is different', () => {
        const rows = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 2, maxLength: 40 });
        const rootOf = (all: readonly string[]): string =>
            merkleRoot(
                all.map((text, index) => rowLeaf(String(index).padStart(3, '0'), text)),
            ).toString('hex');
        const keyed = (all: readonly [string, string][]): string =>
            merkleRoot(all.map(([key, text]) => rowLeaf(key, text))).toString('hex');
        fc.assert(
            fc.property(rows, fc.nat(), (all, pick) => {
                const at = pick % all.length;
                const changed = all.map((text, index) => (index === at ? `${text}x` : text));
                expect(rootOf(changed)).not.to.equal(rootOf(all));
                const pairs = all.map((text, index): [string, string] => [String(index), text]);
                expect(keyed(pairs.toSpliced(at, 1))).not.to.equal(keyed(pairs));
                const other = (at + 1) % all.length;
                const swapped = pairs.with(at, pairs[other]!).with(other, pairs[at]!);
                expect(keyed(swapped)).not.to.equal(keyed(pairs));
            }),
            { numRuns: 300 },
        );
    });
});
