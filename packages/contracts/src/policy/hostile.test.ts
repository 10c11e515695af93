import { expect } from 'chai';
import { analysePolicy } from './analyse.js';
import { compilePolicy } from './compile.js';
import { decide } from './decide.js';
import { consentFromFhir, consentToFhir, type FhirConsent } from './fhir-consent.js';
import { grantedRoles } from './grants.js';
import type { Policy, Rule } from './model.js';
import { validatePolicy, validateRequest } from './validate.js';

const everything: Rule = {
    id: 'all',
    effect: 'permit',
    principals: ['anyone'],
    actions: ['*'],
    resources: ['*'],
};
const policyOf = (rules: readonly Rule[], roles: Policy['roles'] = {}): Policy => ({
    format: 'goodput.policy/1',
    title: '',
    roles,
    rules,
});
const names = (count: number): string[] => Array.from({ length: count }, (_, at) => `n${at}`);

function ask(rules: readonly Rule[], type: string, action = 'policy.activate'): string {
    const policies = [{ source: 'p', compiled: compilePolicy(validatePolicy(policyOf(rules))) }];
    const subject = { id: 'u', msp: 'Org1MSP', units: [], attributes: {} };
    const request = { action, resource: { type, id: 'x' }, purpose: 'any' };
    return decide({ policies, subject, request, now: 0 }).effect;
}

describe('a policy that means to exhaust a peer', () => {
    it('is refused when three short lists multiply to too many combinations', () => {
        const rule = { ...everything, actions: names(1024), resources: names(1024) };
        const text = policyOf([rule]);
        expect(JSON.stringify(text).length).to.be.lessThan(20_000);
        expect(() => validatePolicy(text)).to.throw(/POLICY_INVALID: .*1048576 combinations/);
    });

    it('is refused when its roles include each other all the way down', () => {
        const roles = Object.fromEntries(
            names(5000).map((name, at) => [name, at === 0 ? {} : { includes: [`n${at - 1}`] }]),
        );
        expect(() => validatePolicy(policyOf([], roles))).to.throw(/POLICY_INVALID: .*flatter/);
        const flat = Object.fromEntries(names(5000).map((name) => [name, { includes: [] }]));
        expect(() => validatePolicy(policyOf([], flat))).not.to.throw();
    });
});

describe('names that objects have of themselves', () => {
    it('are roles, actions and attributes like any others', () => {
        const roles = { constructor: { holders: [{ attribute: 'toString', equals: 'x' }] } };
        const rule = { ...everything, principals: [{ role: 'constructor' }] };
        const compiled = compilePolicy(validatePolicy(policyOf([rule], roles)));
        const effectFor = (attributes: Record<string, string>): string =>
            decide({
                policies: [{ source: 'p', compiled }],
                subject: { id: 'u', msp: 'm', units: [], attributes },
                request: {
                    action: 'valueOf',
                    resource: { type: '__proto__', id: 'x' },
                    purpose: 'p',
                },
                now: 0,
            }).effect;
        expect(effectFor({})).to.equal('DENY');
        expect(effectFor({ toString: 'x' })).to.equal('PERMIT');
    });

    it('do not let a request claim what it has not', () => {
        const request = JSON.parse(
            '{"action":"read","purpose":"p","resource":{"type":"note","id":"x","__proto__":{"patient":"p1"}}}',
        ) as unknown;
        expect(() => validateRequest(request)).to.throw('POLICY_REQUEST_INVALID');
    });
});

describe('"everything" in a rule', () => {
    it('does not permit administration, which must be named', () => {
        expect(ask([everything], 'note')).to.equal('PERMIT');
        expect(ask([everything], 'access-policy')).to.equal('DENY');
        expect(ask([{ ...everything, resources: ['access-policy'] }], 'access-policy')).to.equal(
            'PERMIT',
        );
    });

    it('denies administration like the rest', () => {
        const named = { ...everything, id: 'named', resources: ['access-policy'] };
        const denial: Rule = { ...everything, id: 'no', effect: 'deny' };
        expect(ask([named, denial], 'access-policy')).to.equal('DENY');
    });

    it('is not said to make a rule about administration redundant', () => {
        const named = { ...everything, id: 'named', resources: ['access-policy'] };
        expect(analysePolicy(policyOf([everything, named])).findings).to.deep.equal([]);
    });
});

describe('a role two policies define', () => {
    it('is lent only as deep as both allow', () => {
        const lent = { id: 'g', role: 'nurse', from: 0, until: 9, by: 'x', tx: 't', depth: 1 };
        const lenient = policyOf([], { nurse: { delegation: { maxDepth: 2, maxMs: 1000 } } });
        const strict = policyOf([], { nurse: {} });
        const roles = (...policies: Policy[]) => grantedRoles([lent], policies.map(compilePolicy));
        expect(roles(lenient)).to.deep.equal(['nurse']);
        expect(roles(lenient, policyOf([]))).to.deep.equal(['nurse']);
        expect(roles(lenient, strict)).to.deep.equal([]);
        expect(roles(policyOf([]))).to.deep.equal([]);
    });
});

describe('a FHIR Consent', () => {
    const consent: FhirConsent = {
        resourceType: 'Consent',
        id: 'c1',
        status: 'active',
        provision: { type: 'permit' },
    };
    const deep = (levels: number): FhirConsent['provision'] =>
        levels === 0 ? { type: 'deny' } : { type: 'deny', provision: [deep(levels - 1)] };

    for (const [what, given] of [
        ['nothing', null],
        ['text', 'Consent'],
        ['a list for a provision', { ...consent, provision: [] }],
        ['a number for actors', { ...consent, provision: { type: 'deny', actor: 5 } }],
        ['a nesting without end', { ...consent, provision: deep(5000) }],
        ['a modifier', { ...consent, modifierExtension: [{}] }],
        ['a narrative', { ...consent, text: { div: 'Jane Roe' } }],
        [
            'the name of the patient',
            { ...consent, patient: { identifier: { value: 'p1' }, display: 'Jane Roe' } },
        ],
        [
            'an action of two codes',
            {
                ...consent,
                provision: {
                    type: 'deny',
                    action: [{ coding: [{ code: 'access' }, { code: 'correct' }] }],
                },
            },
        ],
        ['another scope', { ...consent, scope: { coding: [{ code: 'adr' }] } }],
        ['another patient', { ...consent, patient: { identifier: { value: 'p2' } } }],
        ['an exception of no type', { ...consent, provision: { type: 'deny', provision: [{}] } }],
        ['a status there is not', { ...consent, status: 'maybe' }],
        [
            'the 30th of February',
            { ...consent, provision: { type: 'deny', period: { end: '2026-02-30' } } },
        ],
    ] as [string, FhirConsent][]) {
        it(`is refused with ${what}`, () => {
            expect(() => consentFromFhir(given, 'p1')).to.throw(
                /^POLICY_CONSENT_INVALID(?!.*Jane)/,
            );
        });
    }

    it('ends as exactly as it says: with a day, a second, a tenth of one', () => {
        const until = (end: string): number | undefined =>
            consentFromFhir({ ...consent, provision: { type: 'deny', period: { end } } }).provision
                .period?.until;
        expect(until('2026-11-20')).to.equal(Date.UTC(2026, 10, 21));
        expect(until('2026-11-20T10:00:00Z')).to.equal(Date.UTC(2026, 10, 20, 10, 0, 1));
        expect(until('2026-11-20T10:00:00.5Z')).to.equal(Date.UTC(2026, 10, 20, 10, 0, 0, 600));
        expect(until('2026-11-20T11:00:00.000+01:00')).to.equal(Date.UTC(2026, 10, 20, 10) + 1);
    });

    it('comes back as it went, as far as it says who may do what', () => {
        const fhir: FhirConsent = {
            ...consent,
            provision: {
                type: 'deny',
                period: { start: '2026-01-01T00:00:00.000Z', end: '2026-12-31T23:59:59.999Z' },
                purpose: [
                    {
                        system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason',
                        code: 'HRESCH',
                    },
                ],
                provision: [
                    {
                        type: 'permit',
                        actor: [
                            {
                                role: { coding: [{ code: 'IRCP' }] },
                                reference: {
                                    identifier: {
                                        system: 'urn:goodput:principal:role',
                                        value: 'researcher',
                                    },
                                },
                            },
                        ],
                    },
                ],
            },
        };
        const back = consentToFhir(consentFromFhir(fhir, 'p1'), 'p1');
        expect(back.provision).to.deep.equal(fhir.provision);
        // FHIR's own invariant: a consent names its policy, or the rule it is an exception to.
        expect(back).to.have.nested.property('policyRule.coding[0].code', 'OPTOUT');
        expect(back).to.have.nested.property('patient.identifier.value', 'p1');
    });
});
