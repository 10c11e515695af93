import { randomUUID } from 'node:crypto';
import {
    decodeReceipts,
    encodeBatch,
    GoodputContract,
    type GoodputContext,
} from '@goodput/chaincode';
import { expectCodes, TestClient, useNetwork, type TestContract } from '@goodput/devnet/testing';
import { expect } from 'chai';
import type { AccessRequest, Policy } from '../policy/model.js';
import { authorizeBy, type AccessDecision } from './access-control.js';
import { AccessPolicyContract } from './access-policy-contract.js';

const HOUR = 3_600_000;
const start = Date.UTC(2026, 10, 20, 9);
const policy: Policy = {
    format: 'goodput.policy/1',
    title: randomUUID(),
    roles: {
        nurse: {
            holders: [{ attribute: 'role', equals: 'nurse' }],
            delegation: { maxDepth: 3, maxMs: HOUR },
        },
        surgeon: {},
        ward7: { holders: [{ unit: 'ward7' }] },
    },
    rules: [
        {
            id: 'nurses-read',
            effect: 'permit',
            principals: [{ role: 'nurse' }, { role: 'surgeon' }],
            actions: ['read'],
            resources: ['note'],
        },
        {
            id: 'ward7-does-anything',
            effect: 'permit',
            principals: [{ role: 'ward7' }],
            actions: ['*'],
            resources: ['*'],
        },
        {
            id: 'heads-hire-nurses',
            effect: 'permit',
            principals: [{ unit: 'heads' }],
            actions: ['grant'],
            resources: ['access-policy'],
            when: { equal: [{ attribute: 'resource.role' }, 'nurse'] },
        },
    ],
    breakGlass: {
        roles: ['nurse'],
        actions: ['read'],
        resources: ['*'],
        reasons: ['EMERGENCY'],
        maxMs: HOUR,
    },
};
const request = { action: 'read', resource: { type: 'note', id: 'n1' }, purpose: 'TREAT' };
const json = (value: unknown): string => JSON.stringify(value);

/** A contract of somebody else on the channel: it asks, and tries to be somebody it is not. */
class Stranger extends GoodputContract {
    async ask(ctx: GoodputContext, what: string): Promise<AccessDecision> {
        return authorizeBy(ctx, 'policy', JSON.parse(what) as AccessRequest);
    }

    async askAs(ctx: GoodputContext, subject: string): Promise<string> {
        const claims = { ...request, subject: { id: subject, attributes: { role: 'nurse' } } };
        const args = ['AccessPolicyContract:authorize', json(claims)];
        const { status, message } = await ctx.stub.invokeChaincode('policy', args, '');
        return `${status} ${message}`;
    }

    async grantMyself(ctx: GoodputContext): Promise<string> {
        const grant = json({ id: 'g', role: 'surgeon', from: start, until: start + HOUR });
        const args = ['AccessPolicyContract:grant', 'default', ctx.caller.key, grant];
        const { status, message } = await ctx.stub.invokeChaincode('policy', args, '');
        return `${status} ${message}`;
    }
}

/** How a hospital names its administrators: a class of its own. */
class HospitalPolicy extends AccessPolicyContract {
    constructor() {
        super({ administrators: [{ unit: 'policy-office', msp: 'Org2MSP' }] });
    }

    whichHospital(): string {
        return 'St. Elsewhere';
    }
}

describe('an access policy under attack', function () {
    this.timeout(120_000);
    const fabric = useNetwork({
        organizations: ['Org1MSP', 'Org2MSP'],
        chaincodes: [
            {
                name: 'policy',
                contracts: [AccessPolicyContract],
                endorsementPolicy: "AND('Org1MSP.peer', 'Org2MSP.peer')",
            },
            { name: 'ward', contracts: [Stranger] },
            { name: 'hospital', contracts: [HospitalPolicy] },
        ],
        prepare: async ({ network }) => {
            const organization = network.organization('Org1MSP');
            await organization.enrol({ name: 'nina', attributes: { role: 'nurse' } });
            await organization.enrol({ name: 'nora', attributes: { role: 'nurse' } });
            await organization.enrol({ name: 'wendy', ou: 'ward7' });
            await organization.enrol({ name: 'hilda', ou: 'heads' });
            for (const name of ['ann', 'bob']) await organization.enrol({ name, role: 'admin' });
            const other = network.organization('Org2MSP');
            for (const name of ['olga', 'otto']) await other.enrol({ name, ou: 'policy-office' });
            fabric.clock.set(start);
            await activate(policy, 'default', '*');
        },
    });
    beforeEach(() => {
        fabric.clock.set(start);
    });
    const as = (user: string) => fabric.contract('policy', { user });

    async function draft(to: Policy, tenant: string, scope: string, by = as('ann')) {
        const { code, result } = await by.submit('saveDraft', tenant, scope, json(to), '0');
        expect(code).to.equal('VALID');
        return (JSON.parse(result) as { hash: string }).hash;
    }

    async function activate(to: Policy, tenant: string, scope: string): Promise<void> {
        const hash = await draft(to, tenant, scope);
        expectCodes([await as('bob').submit('activate', tenant, scope, hash)], 'VALID');
    }

    async function effectFor(user: string, what: unknown = request): Promise<string> {
        const answer = await as(user).evaluate('authorize', json(what));
        return (JSON.parse(answer) as AccessDecision).effect;
    }

    async function subjectOf(user: string): Promise<string> {
        return (JSON.parse(await as(user).evaluate('whoAmI')) as { subject: string }).subject;
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

    /** The same person with a new certificate, of another organisational unit. */
    async function enrolledAgain(name: string, role: 'client' | 'admin'): Promise<TestContract> {
        const attributes = { role: 'nurse' };
        const organization = fabric.network.organization('Org1MSP');
        await organization.enrol({ name, role, ou: 'elsewhere', attributes });
        const client = new TestClient(fabric.network, { user: name, clock: fabric.clock.now });
        after(() => {
            client.close();
        });
        return client.contract('policy');
    }

    it('does not let one person be two by a second certificate', async () => {
        const hash = await draft({ ...policy, rules: [] }, 'default', 'note');
        const again = await enrolledAgain('ann', 'admin');
        const other = (JSON.parse(await again.evaluate('whoAmI')) as { subject: string }).subject;
        expect(other).not.to.equal(await subjectOf('ann'));
        expect(await refused(again.submit('activate', 'default', 'note', hash))).to.contain(
            'POLICY_SAME_PERSON',
        );
        expectCodes([await as('bob').submit('activate', 'default', 'note', hash)], 'VALID');
    });

    it('does not let who broke the glass review it, by another certificate either', async () => {
        await as('nina').submit('breakGlass', 'default', 'p1', 'EMERGENCY', '60000');
        const review = ['default', 'p1', await subjectOf('nina'), String(start), 'fine'] as const;
        const again = await enrolledAgain('nina', 'admin');
        expect(await refused(again.submit('reviewGlass', ...review))).to.contain(
            'POLICY_SAME_PERSON',
        );
        await as('ann').submit('reviewGlass', ...review);
        const window = ['default', String(start), String(start + 1)] as const;
        const [reviewed] = JSON.parse(await as('bob').evaluate('reviews', ...window)) as {
            patient: string;
            review: object;
        }[];
        expect(reviewed).to.deep.include({ patient: 'p1', reason: 'EMERGENCY' });
        expect(reviewed?.review).to.deep.equal({
            by: await subjectOf('ann'),
            at: start,
            finding: 'fine',
        });
    });

    it('does not open administration by a rule that permits everything', async () => {
        expect(await effectFor('wendy', { ...request, action: 'burn' })).to.equal('PERMIT');
        const draftAs = as('wendy').submit('saveDraft', 'default', '*', json(policy), '1');
        expect(await refused(draftAs)).to.contain('POLICY_NOT_ADMINISTRATOR');
    });

    it('lets a policy say who grants which role, and nobody grants to themselves', async () => {
        const grant = (role: string) => json({ id: role, role, from: start, until: start + HOUR });
        const user1 = await subjectOf('user1');
        await as('hilda').submit('grant', 'default', user1, grant('nurse'));
        expect(await effectFor('user1')).to.equal('PERMIT');
        const surgeon = as('hilda').submit('grant', 'default', user1, grant('surgeon'));
        expect(await refused(surgeon)).to.contain('POLICY_NOT_ADMINISTRATOR');
        const own = as('ann').submit('grant', 'default', await subjectOf('ann'), grant('nurse'));
        expect(await refused(own)).to.contain('POLICY_GRANT_INVALID');
    });

    it('does not let a loan end, replace or crowd out what administrators gave', async () => {
        const user1 = await subjectOf('user1');
        const grant = { id: 'g1', role: 'surgeon', from: start, until: start + HOUR };
        await as('ann').submit('grant', 'default', user1, json(grant));
        const loan = (id: string) => json({ id, role: 'nurse', until: start + 1000 });
        const over = as('nina').submit('delegate', 'default', user1, loan('g1'));
        expect(await refused(over)).to.contain('POLICY_GRANT_INVALID');
        const calls = Array.from({ length: 40 }, (_, at) => ({
            fn: 'delegate',
            args: ['default', user1, loan(`l${at}`)],
        }));
        const { result } = await as('nina').submit('executeBatch', encodeBatch(calls));
        const kept = decodeReceipts(Buffer.from(result)).filter(({ ok }) => ok);
        expect(kept).to.have.length(32);
        const more = json({ ...grant, id: 'g2' });
        expectCodes([await as('ann').submit('grant', 'default', user1, more)], 'VALID');
    });

    it('lends no deeper than three in a row, whatever a policy says', async () => {
        const people = ['user1', 'wendy', 'hilda', 'bob'];
        const keys = await Promise.all(people.map(subjectOf));
        let [lender, parent] = ['nina', {}];
        const outcomes: string[] = [];
        for (const [at, key] of keys.entries()) {
            const loan = json({ id: `l${at}`, role: 'nurse', until: start + 1000, ...parent });
            const work = as(lender).submit('delegate', 'default', key, loan);
            outcomes.push(
                await work.then(
                    ({ code }) => code,
                    () => 'refused',
                ),
            );
            [lender, parent] = [people[at]!, { parent: `l${at}` }];
        }
        expect(outcomes).to.deep.equal(['VALID', 'VALID', 'VALID', 'refused']);
    });

    it('ends the broken glass at its very instant', async () => {
        const claim = { ...request, resource: { type: 'claim', id: 'c', patient: 'p1' } };
        await as('nina').submit('breakGlass', 'default', 'p1', 'EMERGENCY', '60000');
        const effects: string[] = [];
        for (const at of [-1, 0, 59_999, 60_000]) {
            fabric.clock.set(start + at);
            effects.push(await effectFor('nina', claim));
        }
        expect(effects).to.deep.equal(['DENY', 'PERMIT', 'PERMIT', 'DENY']);
    });

    it('is asked by another chaincode about who signed, whatever that chaincode says', async () => {
        const ward = (user: string) => fabric.contract('ward', { user });
        const ask = async (user: string) =>
            JSON.parse((await ward(user).submit('ask', json(request))).result) as AccessDecision;
        expect(await ask('nina')).to.deep.include({
            effect: 'PERMIT',
            subject: await subjectOf('nina'),
        });
        expect(await ask('user1')).to.include({
            effect: 'DENY',
            subject: await subjectOf('user1'),
        });
        const forged = await ward('user1').evaluate('askAs', await subjectOf('nina'));
        expect(forged).to.contain('POLICY_REQUEST_INVALID');
        const grant = await ward('user1').evaluate('grantMyself');
        expect(grant).to.contain('POLICY_NOT_ADMINISTRATOR');
        const malformed = ward('nina').evaluate('ask', json({ ...request, purpose: 7 }));
        expect(await refused(malformed)).to.contain('POLICY_REQUEST_INVALID');
    });

    it('ends what another chaincode decided by it, when a revocation commits first', async () => {
        const grant = { id: 'g1', role: 'nurse', from: start, until: start + HOUR };
        const user1 = await subjectOf('user1');
        await as('ann').submit('grant', 'default', user1, json(grant));
        const inFlight = await fabric
            .contract('ward', { user: 'user1' })
            .endorse('ask', json(request));
        const revocation = await as('ann').endorse('revoke', 'default', user1, 'g1');
        expectCodes(await fabric.inOneBlock(revocation, inFlight), 'VALID', 'MVCC_READ_CONFLICT');
    });

    it('of one tenant does not disturb what another tenant decides', async () => {
        await activate(policy, 'north', '*');
        await activate(policy, 'south', '*');
        const of = (tenant: string) =>
            json({ ...request, resource: { ...request.resource, tenant } });
        const hash = (
            JSON.parse(
                (
                    await as('ann').submit(
                        'saveDraft',
                        'north',
                        '*',
                        json({ ...policy, title: 'n' }),
                        '1',
                    )
                ).result,
            ) as { hash: string }
        ).hash;
        const inFlight = await Promise.all(
            ['north', 'south', 'default'].map((tenant) =>
                as('nina').endorse('authorize', of(tenant)),
            ),
        );
        const activation = await as('bob').endorse('activate', 'north', '*', hash);
        expectCodes(
            await fabric.inOneBlock(activation, ...inFlight),
            'VALID',
            'MVCC_READ_CONFLICT',
            'VALID',
            'VALID',
        );
    });

    it('lets one of two racing changes win, and shows the second person what was drafted', async () => {
        const hash = await draft({ ...policy, title: 'one' }, 'default', 'note');
        const shown = JSON.parse(await as('bob').evaluate('readDraft', 'default', 'note')) as {
            by: string;
            policy: Policy;
        };
        expect(shown.policy.title).to.equal('one');
        const activate = ['activate', 'default', 'note', hash] as const;
        expectCodes(
            await fabric.conflict(as('bob').propose(...activate), as('bob').propose(...activate)),
            'VALID',
            'MVCC_READ_CONFLICT',
        );
        // A draft that is exchanged while its activation is in flight.
        const second = { ...policy, title: 'two' };
        const { result } = await as('ann').submit(
            'saveDraft',
            'default',
            'note',
            json(second),
            '1',
        );
        const seen = (JSON.parse(result) as { hash: string }).hash;
        const third = json({ ...policy, title: 'three' });
        expectCodes(
            await fabric.conflict(
                as('ann').propose('saveDraft', 'default', 'note', third, '1'),
                as('bob').propose('activate', 'default', 'note', seen),
            ),
            'VALID',
            'MVCC_READ_CONFLICT',
        );
        expect(await refused(as('bob').submit('activate', 'default', 'note', seen))).to.contain(
            'POLICY_VERSION_CHANGED',
        );
        await as('ann').submit('discardDraft', 'default', 'note');
        expect(await refused(as('bob').evaluate('readDraft', 'default', 'note'))).to.contain(
            'POLICY_NOT_FOUND',
        );
        const first = JSON.parse(
            await as('bob').evaluate('readVersion', 'default', 'note', '1'),
        ) as {
            policy: Policy;
        };
        expect(first.policy.title).to.equal('one');
    });

    it('takes good grants and revocations of a batch, and a bad one alone fails', async () => {
        const user1 = await subjectOf('user1');
        const grant = (id: string, role: string) => ({
            fn: 'grant',
            args: ['default', user1, json({ id, role, from: start, until: start + HOUR })],
        });
        const calls = [
            grant('a', 'nurse'),
            grant('b', '__proto__'),
            { fn: 'revoke', args: ['default', user1, 'nothing'] },
            { fn: 'grant', args: ['default', user1, '{"id":"x","id":"y"'] },
            grant('c', 'surgeon'),
            { fn: 'revoke', args: ['default', user1, 'a'] },
        ];
        const { code, result } = await as('ann').submit('executeBatch', encodeBatch(calls));
        expect(code).to.equal('VALID');
        const receipts = decodeReceipts(Buffer.from(result));
        expect(receipts.map(({ ok }) => ok)).to.deep.equal([true, false, false, false, true, true]);
        expect(await as('ann').evaluate('grantsOf', 'default', user1)).to.contain('"c"');
        expect(await effectFor('user1')).to.equal('PERMIT');
    });

    it('refuses a document in which something stands twice, and one that is too large', async () => {
        const twice = json(policy).replace('"rules":', '"rules":[],"rules":');
        const drafted = as('ann').submit('saveDraft', 'default', '*', twice, '1');
        expect(await refused(drafted)).to.contain('one member twice');
        const consent =
            '[{"id":"c","status":"active","status":"draft","provision":{"type":"deny"}}]';
        const put = as('ann').submit('putConsents', 'default', 'p1', consent, '0');
        expect(await refused(put)).to.contain('one member twice');
        const rules = Array.from({ length: 4000 }, (_, at) => ({
            ...policy.rules[0],
            id: `r${at}`,
            purposes: ['x'.repeat(128), ...Array.from({ length: 8 }, (_, n) => `${n}`.repeat(128))],
        }));
        const large = as('ann').submit(
            'saveDraft',
            'default',
            '*',
            json({ ...policy, rules }),
            '1',
        );
        expect(await refused(large)).to.contain('split it by resource type');
    });

    it('is served by a class of one’s own, with its own administrators and all transactions', async () => {
        const at = (user: string, mspId: string) =>
            fabric.client({ user, mspId }).contract('hospital', 'AccessPolicyContract');
        expect(await at('ann', 'Org1MSP').evaluate('whichHospital')).to.equal('St. Elsewhere');
        const saveDraft = ['saveDraft', 'default', '*', json(policy), '0'] as const;
        expect(await refused(at('ann', 'Org1MSP').submit(...saveDraft))).to.contain(
            'POLICY_NOT_ADMINISTRATOR',
        );
        const calls = [{ fn: 'saveDraft', args: saveDraft.slice(1) }];
        const { code, result } = await at('olga', 'Org2MSP').submit(
            'executeBatch',
            encodeBatch(calls),
        );
        expect([code, decodeReceipts(Buffer.from(result))[0]?.ok]).to.deep.equal(['VALID', true]);
        const { hash } = JSON.parse(
            await at('otto', 'Org2MSP').evaluate('readDraft', 'default', '*'),
        ) as { hash: string };
        await at('otto', 'Org2MSP').submit('activate', 'default', '*', hash);
        const answer = await at('nina', 'Org1MSP').evaluate('authorize', json(request));
        expect((JSON.parse(answer) as AccessDecision).effect).to.equal('PERMIT');
    });
});
