import { expect } from 'chai';
import fc from 'fast-check';
import { analysePolicy } from './analyse.js';
import { compilePolicy } from './compile.js';
import type { Consent, Provision } from './consent.js';
import { decide, type DecisionInput } from './decide.js';
import { diffPolicies } from './diff.js';
import { consentFromFhir, consentToFhir, type FhirConsent } from './fhir-consent.js';
import { grantedRoles, grantsInForce, type Grant } from './grants.js';
import type { Policy, Rule, Subject } from './model.js';
import { validateConsents, validatePolicy, validateRequest } from './validate.js';

const nurse: Subject = {
    id: 'n1',
    msp: 'Org1MSP',
    units: ['client'],
    attributes: { role: 'nurse' },
};
const read = {
    action: 'read',
    resource: { type: 'note', id: 'x', patient: 'p1' },
    purpose: 'treatment',
};
const permit: Rule = {
    id: 'nurses',
    effect: 'permit',
    principals: [{ role: 'nurse' }],
    actions: ['read'],
    resources: ['note'],
};

function policyOf(rules: readonly Rule[], more: Partial<Policy> = {}): Policy {
    const roles = {
        nurse: { holders: [{ attribute: 'role', equals: 'nurse' }] },
        head: { includes: ['nurse'], delegation: { maxDepth: 1, maxMs: 1000 } },
    };
    return { format: 'goodput.policy/1', title: 't', roles, rules, ...more };
}

function ask(policy: Policy, more: Partial<DecisionInput> = {}) {
    const policies = [{ source: 'p', compiled: compilePolicy(validatePolicy(policy)) }];
    return decide({ policies, subject: nurse, request: read, now: 100, ...more });
}

describe('a decision', () => {
    it('denies by default, and names nothing', () => {
        expect(ask(policyOf([]))).to.deep.equal({
            effect: 'DENY',
            because: [],
            obligations: [],
            breakGlass: false,
        });
    });

    const withEnd: Rule = { ...permit, period: { from: 100, until: 200 } };
    for (const [now, effect] of [
        [99, 'DENY'],
        [100, 'PERMIT'],
        [199, 'PERMIT'],
        [200, 'DENY'],
    ] as const) {
        it(`of a rule from 100 until 200 is ${effect} at ${now}`, () => {
            expect(ask(policyOf([withEnd]), { now }).effect).to.equal(effect);
        });
    }

    it('does not believe what a request says of the subject or the time', () => {
        const when = { equal: [{ attribute: 'subject.msp' }, 'Org2MSP'] } as const;
        const early = { lessOrEqual: [{ attribute: 'context.time' }, 50] } as const;
        const context = { time: 1, 'subject.msp': 'Org2MSP' };
        const request = {
            ...read,
            context,
            resource: { ...read.resource, attributes: { type: 'x' } },
        };
        for (const each of [when, early]) {
            expect(ask(policyOf([{ ...permit, when: each }]), { request }).effect).to.equal('DENY');
        }
    });

    it('needs the care team, or the consent, where the rule does', () => {
        const team = policyOf([{ ...permit, careTeam: true }]);
        expect(ask(team).effect).to.equal('DENY');
        expect(ask(team, { careTeam: true }).effect).to.equal('PERMIT');
        const agreed = policyOf([{ ...permit, consent: true }]);
        const consents: Consent[] = [{ id: 'c', status: 'active', provision: { type: 'permit' } }];
        expect(ask(agreed).effect).to.equal('DENY');
        expect(ask(agreed, { consents }).effect).to.equal('PERMIT');
        const inactive = [{ ...consents[0]!, status: 'inactive' as const }];
        expect(ask(agreed, { consents: inactive }).effect).to.equal('DENY');
    });
});

describe('a consent', () => {
    const outcome = (provision: Provision, more: Partial<DecisionInput> = {}) =>
        ask(policyOf([permit]), { consents: [{ id: 'c1', status: 'active', provision }], ...more });

    it('denies what the policy permits, and the decision names its provision', () => {
        const { effect, because } = outcome({ type: 'deny', purposes: ['treatment'] });
        expect(effect).to.equal('DENY');
        expect(because).to.deep.equal([
            { source: 'consent:c1', rule: 'provision', effect: 'deny' },
        ]);
        expect(outcome({ type: 'deny', purposes: ['research'] }).effect).to.equal('PERMIT');
    });

    it('lets exceptions win over what they are exceptions of, to any depth', () => {
        const provision: Provision = {
            type: 'permit',
            provisions: [
                {
                    type: 'deny',
                    labels: ['psychiatry'],
                    provisions: [{ type: 'permit', actors: [{ role: 'head' }] }],
                },
            ],
        };
        const request = { ...read, resource: { ...read.resource, labels: ['psychiatry'] } };
        expect(outcome(provision).effect).to.equal('PERMIT');
        const denied = outcome(provision, { request });
        expect(denied.because[0]).to.include({ rule: 'provision.1', effect: 'deny' });
        expect(outcome(provision, { request, grantedRoles: ['head'] }).effect).to.equal('PERMIT');
    });

    it('ends at the instant its period does', () => {
        const provision: Provision = { type: 'deny', period: { from: 100, until: 200 } };
        const at = (now: number) => outcome(provision, { now }).effect;
        expect([99, 100, 199, 200].map(at)).to.deep.equal(['PERMIT', 'DENY', 'DENY', 'PERMIT']);
    });

    it('comes back from FHIR as it went', () => {
        const name = fc.constantFrom('a', 'b', 'TREAT');
        const list = fc.array(name, { minLength: 1, maxLength: 2 });
        const actor = fc.oneof(
            fc.constant('anyone' as const),
            ...['role', 'msp', 'unit', 'id'].map((kind) => fc.constant({ [kind]: 'x' })),
        );
        const { provision } = fc.letrec((tie) => ({
            provision: fc.record(
                {
                    type: fc.constantFrom('permit', 'deny'),
                    actors: fc.array(actor, { minLength: 1, maxLength: 2 }),
                    actions: list,
                    resources: list,
                    purposes: list,
                    labels: list,
                    period: fc
                        .record({ from: fc.nat(), until: fc.nat() })
                        .map(({ from, until }) => ({
                            from,
                            until: from + until + 1,
                        })),
                    provisions: fc.array(tie('provision'), { minLength: 1, maxLength: 2 }),
                },
                { requiredKeys: ['type'] },
            ),
        }));
        fc.assert(
            fc.property(provision, (given) => {
                const consent = { id: 'c', status: 'active', provision: given } as Consent;
                const fhir = JSON.parse(JSON.stringify(consentToFhir(consent, 'p1'))) as ReturnType<
                    typeof consentToFhir
                >;
                expect(consentFromFhir(fhir)).to.deep.equal(consent);
            }),
            { numRuns: 500 },
        );
    });

    it('from FHIR is refused when part of it would have to be dropped', () => {
        const consent = { resourceType: 'Consent', id: 'c', status: 'active' } as const;
        for (const provision of [
            undefined,
            { data: [] },
            { type: 'maybe' },
            { actor: [{ role: {}, reference: { reference: 'Practitioner/1' } }] },
            { period: { start: 'yesterday' } },
        ]) {
            const given = { ...consent, ...(provision && { provision }) } as FhirConsent;
            expect(() => consentFromFhir(given)).to.throw(/POLICY_CONSENT_INVALID/);
        }
    });
});

describe('breaking the glass', () => {
    const terms = {
        roles: ['nurse'],
        actions: ['read'],
        resources: ['note'],
        reasons: ['EMERGENCY'],
        maxMs: 100,
    };
    const glass = { reason: 'EMERGENCY', from: 100, until: 200 };

    it('permits for its window only, and obliges to notify and review', () => {
        const policy = policyOf([], { breakGlass: terms });
        const at = (now: number) => ask(policy, { now, brokenGlass: glass });
        expect([99, 100, 199, 200].map((now) => at(now).effect)).to.deep.equal([
            'DENY',
            'PERMIT',
            'PERMIT',
            'DENY',
        ]);
        expect(at(150)).to.include({ breakGlass: true });
        expect(at(150).obligations.map(({ action }) => action)).to.deep.equal(['notify', 'review']);
    });

    it('lifts a denial and a refused consent, but no absolute denial', () => {
        const denial: Rule = { ...permit, id: 'no', effect: 'deny' };
        const consents: Consent[] = [{ id: 'c', status: 'active', provision: { type: 'deny' } }];
        const lifted = policyOf([denial], { breakGlass: terms });
        expect(ask(lifted, { brokenGlass: glass, consents }).effect).to.equal('PERMIT');
        const firm = policyOf([{ ...denial, absolute: true }], { breakGlass: terms });
        expect(ask(firm, { brokenGlass: glass }).effect).to.equal('DENY');
    });

    it('does not open administration by `*`, which must name it', () => {
        const open = { ...terms, actions: ['*'] };
        const request = { ...read, resource: { type: 'access-policy', id: 'default' } };
        const through = (resources: string[]) =>
            ask(policyOf([], { breakGlass: { ...open, resources } }), {
                brokenGlass: glass,
                request,
            }).effect;
        expect(through(['*'])).to.equal('DENY');
        expect(through(['*', 'access-policy'])).to.equal('PERMIT');
    });

    it('does not permit with another reason, a longer window, another role, action or type', () => {
        const policy = policyOf([], { breakGlass: terms });
        const none = { ...nurse, attributes: {} };
        for (const more of [
            { brokenGlass: { ...glass, reason: 'CURIOSITY' } },
            { brokenGlass: { ...glass, until: 201 } },
            { brokenGlass: glass, subject: none },
            { brokenGlass: glass, request: { ...read, action: 'write' } },
            { brokenGlass: glass, request: { ...read, resource: { type: 'claim', id: 'x' } } },
        ]) {
            expect(ask(policy, more).effect).to.equal('DENY');
        }
        expect(ask(policyOf([]), { brokenGlass: glass }).effect).to.equal('DENY');
    });
});

describe('grants', () => {
    const grant = (more: Partial<Grant>): Grant => ({
        id: 'g',
        role: 'head',
        from: 0,
        until: 1000,
        by: 'admin',
        tx: 't',
        depth: 0,
        ...more,
    });
    const ledger = (all: Record<string, Grant[]>) => (subject: string) =>
        Promise.resolve(all[subject] ?? []);

    it('hold in their period, and a delegation only as long as what it was lent from', async () => {
        const lent = grant({ id: 'd', depth: 1, parent: { subject: 'boss', id: 'g', tx: 't' } });
        const all = ledger({ boss: [grant({ until: 500 })], me: [lent] });
        expect(await grantsInForce('me', 499, all)).to.deep.equal([lent]);
        expect(await grantsInForce('me', 500, all)).to.deep.equal([]);
        expect(await grantsInForce('me', 1, ledger({ me: [lent] }))).to.deep.equal([]);
        const other = ledger({ boss: [grant({ role: 'nurse' })], me: [lent] });
        expect(await grantsInForce('me', 1, other)).to.deep.equal([]);
        // Revoked and given again under its name, it is another grant: what was lent does not come back.
        const again = ledger({ boss: [grant({ tx: 'later' })], me: [lent] });
        expect(await grantsInForce('me', 1, again)).to.deep.equal([]);
    });

    it('that lend from each other in a circle hold for nobody', async () => {
        const one = grant({ id: 'a', depth: 1, parent: { subject: 'b', id: 'b', tx: 't' } });
        const two = grant({ id: 'b', depth: 0, parent: { subject: 'a', id: 'a', tx: 't' } });
        expect(await grantsInForce('a', 1, ledger({ a: [one], b: [two] }))).to.deep.equal([]);
    });

    it('lent deeper than the policy now allows give no role', () => {
        const compiled = [compilePolicy(policyOf([]))];
        const roles = [grant({}), grant({ role: 'nurse', depth: 1 }), grant({ depth: 2 })];
        expect(grantedRoles(roles, compiled)).to.deep.equal(['head']);
        expect(grantedRoles([grant({ depth: 1 })], compiled)).to.deep.equal(['head']);
        expect(grantedRoles([grant({ role: 'constructor', depth: 1 })], compiled)).to.deep.equal(
            [],
        );
    });
});

describe('validation refuses a policy', () => {
    const deep = (depth: number): unknown => (depth === 0 ? { all: [] } : { not: deep(depth - 1) });
    const base = policyOf([permit]);
    for (const [what, policy] of [
        ['that is no object', 7],
        ['of another format', { ...base, format: 'x' }],
        ['with an unknown member', { ...base, extra: 1 }],
        ['with two rules of one id', policyOf([permit, permit])],
        ['whose role includes itself', { ...base, roles: { a: { includes: ['a'] } }, rules: [] }],
        [
            'whose roles include each other',
            { ...base, roles: { a: { includes: ['b'] }, b: { includes: ['a'] } }, rules: [] },
        ],
        ['whose role includes no role', { ...base, roles: { a: { includes: ['z'] } }, rules: [] }],
        [
            'whose rule names no role',
            policyOf([{ ...permit, principals: [{ role: 'constructor' }] }]),
        ],
        ['with a period that is empty', policyOf([{ ...permit, period: { from: 5, until: 5 } }])],
        ['with a condition too deep', policyOf([{ ...permit, when: deep(20) as never }])],
        ['nested without end', policyOf([{ ...permit, when: deep(5000) as never }])],
        ['with a name of two lines', policyOf([{ ...permit, actions: ['a\nb'] }])],
        ['with half a character', policyOf([{ ...permit, actions: ['a\ud800'] }])],
        ['with an absolute permit', policyOf([{ ...permit, absolute: true }])],
        [
            'with a role named __proto__',
            JSON.parse(JSON.stringify(base).replace('"head"', '"__proto__"')),
        ],
    ] as [string, unknown][]) {
        it(what, () => {
            expect(() => validatePolicy(policy)).to.throw(/^POLICY_INVALID: /);
        });
    }

    it('never quotes what it refuses', () => {
        const secret = { ...base, title: { name: 'Jane Roe' } };
        expect(() => validatePolicy(secret))
            .to.throw(/title/)
            .and.not.match(/Jane/);
        expect(() => validateRequest({ ...read, patientName: 'Jane Roe' })).to.throw(
            /^POLICY_REQUEST_INVALID: (?!.*Jane)/,
        );
        expect(() => validateConsents([{ id: 'c' }])).to.throw(/^POLICY_CONSENT_INVALID/);
    });
});

describe('analysis', () => {
    const deny: Rule = { ...permit, id: 'no', effect: 'deny', resources: ['*'] };

    it('finds shadowed, redundant, conflicting and unreachable rules', () => {
        const same: Rule = { ...permit, id: 'again' };
        const never: Rule = { ...permit, id: 'never', resources: ['z'], when: { any: [] } };
        const both: Rule = {
            ...permit,
            id: 'both',
            resources: ['y'],
            when: {
                all: [
                    { equal: [{ attribute: 'subject.x' }, 1] },
                    { equal: [{ attribute: 'subject.x' }, 2] },
                ],
            },
        };
        const kinds = (rules: Rule[]): string[] =>
            analysePolicy(policyOf(rules)).findings.map(({ kind, rule }) => `${kind} ${rule}`);
        expect(kinds([permit, deny])).to.deep.equal(['shadowed nurses']);
        expect(kinds([permit, same])).to.deep.equal(['redundant again']);
        expect(kinds([permit, { ...deny, labels: ['x'] }])).to.deep.equal(['conflicting nurses']);
        expect(kinds([never, both])).to.deep.equal(['unreachable never', 'unreachable both']);
        expect(kinds([permit, { ...deny, actions: ['write'] }])).to.deep.equal([]);
    });

    it('is right about shadowed and unreachable rules: taking them away changes no answer', () => {
        const rules: Rule[] = [
            permit,
            { ...deny, principals: [{ role: 'nurse' }], purposes: ['research'] },
            { ...permit, id: 'heads', principals: [{ role: 'head' }], purposes: ['research'] },
        ];
        const findings = analysePolicy(policyOf(rules)).findings;
        expect(findings.some(({ kind, rule }) => kind === 'shadowed' && rule === 'heads')).to.be
            .true;
        const fewer = policyOf(rules.filter(({ id }) => id !== 'heads'));
        const diff = diffPolicies(policyOf(rules), fewer, { now: 0 });
        expect([diff.gains, diff.loses]).to.deep.equal([[], []]);
    });

    it('says so when it stopped early', () => {
        const rules = Array.from({ length: 20 }, (_, index) => ({ ...permit, id: `r${index}` }));
        expect(analysePolicy(policyOf(rules), { maxPairs: 10 }).complete).to.equal(false);
    });
});

describe('a dry run', () => {
    it('names who gains and who loses', () => {
        const before = policyOf([permit]);
        const after = policyOf([
            { ...permit, principals: [{ role: 'head' }] },
            {
                ...permit,
                id: 'new',
                principals: [{ msp: 'Org2MSP' }],
                when: { present: 'subject.x' },
            },
        ]);
        const diff = diffPolicies(before, after, { now: 0 });
        expect(diff.complete).to.equal(true);
        expect(diff.loses.map(({ principal }) => principal)).to.deep.equal(
            Array(diff.loses.length).fill({ role: 'nurse' }),
        );
        expect(diff.gains.map(({ principal }) => principal)).to.deep.equal(
            Array(diff.gains.length).fill({ msp: 'Org2MSP' }),
        );
        expect(diff.loses.length).to.be.greaterThan(0);
        expect(diff.gains.length).to.be.greaterThan(0);
        expect(diff.conditionsChanged).to.deep.equal(['new']);
        expect(diff.rulesChanged).to.deep.equal(['nurses', 'new']);
    });

    it('of the same policy changes nothing', () => {
        const diff = diffPolicies(policyOf([permit]), policyOf([permit]), { now: 0 });
        expect(diff).to.deep.equal({
            gains: [],
            loses: [],
            conditionsChanged: [],
            rulesChanged: [],
            complete: true,
        });
    });
});
