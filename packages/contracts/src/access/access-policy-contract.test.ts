import { randomUUID } from 'node:crypto';
import { encodeBatch, decodeReceipts } from '@goodput/chaincode';
import { startNetwork } from '@goodput/devnet';
import { expectCodes, readWriteSet, TestClient, useNetwork } from '@goodput/devnet/testing';
import { expect } from 'chai';
import type { Policy, Rule } from '../policy/model.js';
import type { AccessDecision } from './access-control.js';
import { AccessPolicyContract } from './access-policy-contract.js';
import { accessKeys } from './keys.js';
import { keptPolicies } from './policy-store.js';

const HOUR = 3_600_000;
const start = Date.UTC(2026, 10, 20, 9);
const permit: Rule = {
    id: 'nurses-read',
    effect: 'permit',
    principals: [{ role: 'nurse' }],
    actions: ['read'],
    resources: ['note'],
};
const policy: Policy = {
    format: 'goodput.policy/1',
    title: randomUUID(),
    roles: {
        nurse: {
            holders: [{ attribute: 'role', equals: 'nurse' }],
            delegation: { maxDepth: 2, maxMs: HOUR },
        },
    },
    rules: [permit],
    breakGlass: {
        roles: ['nurse'],
        actions: ['read'],
        resources: ['*'],
        reasons: ['EMERGENCY'],
        maxMs: HOUR,
    },
};
const request = { action: 'read', resource: { type: 'note', id: 'n1' }, purpose: 'treatment' };
const ofPatient = { ...request, resource: { ...request.resource, patient: 'p1' } };

describe('AccessPolicyContract on the embedded network', function () {
    this.timeout(120_000);
    const fabric = useNetwork({
        organizations: ['Org1MSP', 'Org2MSP'],
        chaincodes: [
            {
                name: 'policy',
                contracts: [AccessPolicyContract],
                endorsementPolicy: "AND('Org1MSP.peer', 'Org2MSP.peer')",
            },
        ],
        prepare: async ({ network }) => {
            const organization = network.organization('Org1MSP');
            await organization.enrol({ name: 'nina', attributes: { role: 'nurse' } });
            await organization.enrol({ name: 'ann', role: 'admin' });
            await organization.enrol({ name: 'bob', role: 'admin' });
            fabric.clock.set(start);
            await activate(policy, '*', '0');
        },
    });
    beforeEach(() => {
        fabric.clock.set(start);
    });
    const as = (user: string) => fabric.contract('policy', { user });
    const json = (value: unknown): string => JSON.stringify(value);

    async function activate(to: Policy, scope: string, ifVersion: string): Promise<void> {
        const { code, result } = await as('ann').submit(
            'saveDraft',
            'default',
            scope,
            json(to),
            ifVersion,
        );
        const { hash } = JSON.parse(result) as { hash: string };
        expect(code).to.equal('VALID');
        expectCodes([await as('bob').submit('activate', 'default', scope, hash)], 'VALID');
    }

    async function ask(user: string, what: unknown = request): Promise<AccessDecision> {
        return JSON.parse(await as(user).evaluate('authorize', json(what))) as AccessDecision;
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

    it('decides by the certificate, and gives a denial as a result; enforce throws', async () => {
        expect(await ask('nina')).to.deep.include({
            effect: 'PERMIT',
            because: [{ source: 'policy:*', rule: 'nurses-read', effect: 'permit' }],
        });
        expect(await ask('user1')).to.deep.include({ effect: 'DENY', because: [] });
        const why = await refused(as('user1').evaluate('enforce', json(request)));
        expect(why).to.contain('POLICY_DENIED');
        const claim = { ...request, subject: { attributes: { role: 'nurse' } } };
        expect(await refused(ask('user1', claim))).to.contain('POLICY_REQUEST_INVALID');
    });

    it('reads one head for each scope and nothing others write', async () => {
        const { reads, writes, ranges } = readWriteSet(
            await as('nina').endorse('authorize', json(ofPatient)),
        );
        const { hash } = (await ask('nina')).policies[0]!;
        const subject = await subjectOf('nina');
        const tenant = 'default';
        expect(Object.keys(reads)).to.have.members([
            accessKeys.head.build({ tenant, scope: 'note' }),
            accessKeys.head.build({ tenant, scope: '*' }),
            accessKeys.body.build({ hash }),
            accessKeys.consent.build({ tenant, patient: 'p1' }),
            accessKeys.careTeam.build({ tenant, patient: 'p1', subject }),
            accessKeys.grants.build({ tenant, subject }),
        ]);
        expect([writes, ranges]).to.deep.equal([{}, []]);
    });

    it('has one read/write set on a cold and on a warm peer', async () => {
        // A policy nobody has seen: the first endorsement anywhere compiles it, the second finds it compiled.
        await activate({ ...policy, title: randomUUID() }, 'note', '0');
        const consents = [{ id: randomUUID(), status: 'active', provision: { type: 'permit' } }];
        await as('ann').submit('putConsents', 'default', 'p1', json(consents), '0');
        const kept = keptPolicies();
        // The peer of one organisation endorses cold, that of the other warm.
        const endorsed = async (organization: string) =>
            readWriteSet(
                await as('nina')
                    .proposeWith('authorize', {
                        arguments: [json(ofPatient)],
                        endorsingOrganizations: [organization],
                    })
                    .endorse(),
            );
        const cold = await endorsed('Org1MSP');
        expect(keptPolicies()).to.equal(kept + 1);
        const warm = await endorsed('Org2MSP');
        expect(keptPolicies()).to.equal(kept + 1);
        expect(warm).to.deep.equal(cold);
        expect(await endorsed('Org1MSP')).to.deep.equal(cold);
        // Both organisations must endorse alike, and in this process the second of them is warm already.
        expectCodes([await as('nina').submit('authorize', json(ofPatient))], 'VALID');
        await fabric.expectDeterministic(as('nina').propose('authorize', json(ofPatient)));
    });

    it('lets a revocation beat a transaction in flight', async () => {
        const tenant = 'default';
        const subject = await subjectOf('user1');
        const grant = { id: 'g1', role: 'nurse', from: start, until: start + HOUR };
        await as('ann').submit('grant', tenant, subject, json(grant));
        expect((await ask('user1')).effect).to.equal('PERMIT');
        const inFlight = await as('user1').endorse('authorize', json(request));
        const revocation = await as('ann').endorse('revoke', tenant, subject, 'g1');
        const others = await as('nina').endorse('authorize', json(request));
        const outcomes = await fabric.inOneBlock(revocation, inFlight, others);
        expectCodes(outcomes, 'VALID', 'MVCC_READ_CONFLICT', 'VALID');
        expect((await ask('user1')).effect).to.equal('DENY');
    });

    it('lets a new policy and a consent beat it too, and only in their own scope', async () => {
        const nothing = { ...policy, rules: [], title: 'closed' };
        const drafted = await as('ann').submit('saveDraft', 'default', 'note', json(nothing), '0');
        const { hash } = JSON.parse(drafted.result) as { hash: string };
        const inFlight = await as('nina').endorse('authorize', json(ofPatient));
        const claim = { ...request, resource: { type: 'claim', id: 'c' } };
        const elsewhere = await as('nina').endorse('authorize', json(claim));
        const activation = await as('bob').endorse('activate', 'default', 'note', hash);
        const outcomes = await fabric.inOneBlock(activation, inFlight, elsewhere);
        expectCodes(outcomes, 'VALID', 'MVCC_READ_CONFLICT', 'VALID');
        const refusal = [{ id: 'c', status: 'active', provision: { type: 'deny' } }];
        const again = await as('nina').endorse('authorize', json(ofPatient));
        const other = { ...request, resource: { ...request.resource, patient: 'p2' } };
        const otherPatient = await as('nina').endorse('authorize', json(other));
        const consent = await as('ann').endorse('putConsents', 'default', 'p1', json(refusal), '0');
        expectCodes(
            await fabric.inOneBlock(consent, again, otherPatient),
            'VALID',
            'MVCC_READ_CONFLICT',
            'VALID',
        );
        expect((await ask('nina', ofPatient)).because[0]).to.include({ source: 'consent:c' });
    });

    it('ends a grant at the instant it says', async () => {
        const subject = await subjectOf('user1');
        const grant = { id: 'g', role: 'nurse', from: start + 1000, until: start + 2000 };
        await as('ann').submit('grant', 'default', subject, json(grant));
        const effects: string[] = [];
        for (const at of [999, 1000, 1999, 2000]) {
            fabric.clock.set(start + at);
            effects.push((await ask('user1')).effect);
        }
        expect(effects).to.deep.equal(['DENY', 'PERMIT', 'PERMIT', 'DENY']);
    });

    it('lends roles on as deep and as long as the policy allows, and takes loans back with the first', async () => {
        const [nina, user1, ann] = await Promise.all(['nina', 'user1', 'ann'].map(subjectOf));
        const loan = (id: string, more = {}) =>
            json({ id, role: 'nurse', until: start + 1000, ...more });
        await as('nina').submit('delegate', 'default', user1!, loan('l1'));
        await as('user1').submit('delegate', 'default', ann!, loan('l2', { parent: 'l1' }));
        expect((await ask('ann')).effect).to.equal('PERMIT');
        const third = as('ann').submit('delegate', 'default', nina!, loan('l3', { parent: 'l2' }));
        expect(await refused(third)).to.contain('POLICY_GRANT_INVALID');
        const long = loan('l4', { until: start + HOUR + 1 });
        expect(await refused(as('nina').submit('delegate', 'default', user1!, long))).to.contain(
            'POLICY_GRANT_INVALID',
        );
        const untrue = as('ann').submit('delegate', 'default', nina!, loan('l5'));
        expect(await refused(untrue)).to.contain('POLICY_GRANT_INVALID');
        await as('ann').submit('revoke', 'default', user1!, 'l1');
        expect((await ask('ann')).effect).to.equal('DENY');
        // The same name given again is another loan: what was lent from the first stays ended.
        await as('nina').submit('delegate', 'default', user1!, loan('l1'));
        expect((await ask('user1')).effect).to.equal('PERMIT');
        expect((await ask('ann')).effect).to.equal('DENY');
    });

    it('breaks the glass for a while, and somebody else must review it', async () => {
        const claim = { ...ofPatient, resource: { ...ofPatient.resource, type: 'claim' } };
        expect((await ask('nina', claim)).effect).to.equal('DENY');
        const minute = '60000';
        const broken = as('nina').submit('breakGlass', 'default', 'p1', 'CURIOUS', minute);
        expect(await refused(broken)).to.contain('POLICY_GRANT_INVALID');
        await as('nina').submit('breakGlass', 'default', 'p1', 'EMERGENCY', minute);
        const open = await ask('nina', claim);
        expect(open).to.include({ effect: 'PERMIT', breakGlass: true });
        expect(open.obligations.map(({ action }) => action)).to.deep.equal(['notify', 'review']);
        expect((await ask('user1', claim)).effect).to.equal('DENY');
        fabric.clock.set(start + 60_000);
        expect((await ask('nina', claim)).effect).to.equal('DENY');
        const pending = JSON.parse(await as('ann').evaluate('pendingReviews', 'default')) as {
            patient: string;
            subject: string;
            from: number;
        }[];
        expect(pending).to.have.length(1);
        const { patient, subject, from } = pending[0]!;
        const review = ['default', patient, subject, String(from), 'justified'] as const;
        await as('bob').submit('reviewGlass', ...review);
        expect(await as('ann').evaluate('pendingReviews', 'default')).to.equal('[]');
    });

    it('needs two people to change a policy, keeps history, and goes back the same way', async () => {
        const next = { ...policy, title: 'next', rules: [] };
        const saved = await as('ann').submit('saveDraft', 'default', '*', json(next), '1');
        const { hash } = JSON.parse(saved.result) as { hash: string };
        const alone = as('ann').submit('activate', 'default', '*', hash);
        expect(await refused(alone)).to.contain('POLICY_SAME_PERSON');
        const stranger = as('nina').submit('activate', 'default', '*', hash);
        expect(await refused(stranger)).to.contain('POLICY_NOT_ADMINISTRATOR');
        const diff = JSON.parse(await as('ann').evaluate('diffDraft', 'default', '*')) as {
            gains: unknown[];
            loses: { principal: unknown }[];
        };
        expect(diff.gains).to.deep.equal([]);
        expect(diff.loses[0]?.principal).to.deep.equal({ role: 'nurse' });
        await as('bob').submit('activate', 'default', '*', hash);
        expect((await ask('nina')).effect).to.equal('DENY');
        const stale = as('ann').submit('saveDraft', 'default', '*', json(policy), '1');
        expect(await refused(stale)).to.contain('POLICY_VERSION_CHANGED');
        const back = await as('bob').submit('draftVersion', 'default', '*', '1', '2');
        const earlier = JSON.parse(back.result) as { hash: string };
        await as('ann').submit('activate', 'default', '*', earlier.hash);
        expect((await ask('nina')).effect).to.equal('PERMIT');
        const history = JSON.parse(await as('ann').evaluate('history', 'default', '*')) as {
            version: number;
            hash: string;
        }[];
        expect(history.map(({ version }) => version)).to.deep.equal([1, 2, 3]);
        expect(history[2]!.hash).to.equal(history[0]!.hash);
    });

    it('grants in bulk in one transaction, each grant failing alone', async () => {
        const subject = await subjectOf('user1');
        const grant = (id: string, until: number) => ({
            fn: 'grant',
            args: ['default', subject, json({ id, role: 'nurse', from: start, until })],
        });
        const calls = [grant('a', start + 1), grant('b', start), grant('c', start + 2)];
        const { code, result } = await as('ann').submit('executeBatch', encodeBatch(calls));
        expect(code).to.equal('VALID');
        expect(decodeReceipts(Buffer.from(result)).map(({ ok }) => ok)).to.deep.equal([
            true,
            false,
            true,
        ]);
        const grants = JSON.parse(await as('ann').evaluate('grantsOf', 'default', subject)) as {
            id: string;
        }[];
        expect(grants.map(({ id }) => id)).to.deep.equal(['a', 'c']);
    });

    it('takes consents as FHIR and gives them back', async () => {
        const fhir = {
            resourceType: 'Consent',
            id: 'c1',
            status: 'active',
            provision: { type: 'deny', purpose: [{ code: 'HRESCH' }] },
        };
        await as('ann').submit('putFhirConsents', 'default', 'p1', json([fhir]), '0');
        const research = { ...ofPatient, purpose: 'HRESCH' };
        expect((await ask('nina', research)).effect).to.equal('DENY');
        expect((await ask('nina', ofPatient)).effect).to.equal('PERMIT');
        const [back] = JSON.parse(await as('ann').evaluate('fhirConsents', 'default', 'p1')) as [
            { provision: unknown },
        ];
        expect(back.provision).to.have.nested.property('purpose[0].code', 'HRESCH');
    });
});

describe('AccessPolicyContract, started anew', function () {
    this.timeout(120_000);

    it('is deployed beside other contracts under its own name', async () => {
        const network = await startNetwork({ block: { timeoutMs: 5 } });
        const client = new TestClient(network);
        try {
            await network.deploy({ name: 'policy', contracts: [AccessPolicyContract] });
            const contract = client.contract('policy', 'AccessPolicyContract');
            const answer = await contract.evaluate('authorize', JSON.stringify(request));
            expect(JSON.parse(answer)).to.include({ effect: 'DENY' });
        } finally {
            client.close();
            await network.stop();
        }
    });
});
