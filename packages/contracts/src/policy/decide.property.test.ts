import { expect } from 'chai';
import fc from 'fast-check';
import type { AccessRequest, Policy, Principal, Rule, Subject } from './model.js';
import { compilePolicy } from './compile.js';
import { decide, type DecisionInput } from './decide.js';
import type { Expression, Operand } from './expression.js';
import { validatePolicy } from './validate.js';

const names = ['a', 'b', 'c'];
const name = fc.constantFrom(...names);
const nameOrAny = fc.constantFrom(...names, '*');
const list = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
    fc.array(of, { minLength: 1, maxLength: 3 });
const principal: fc.Arbitrary<Principal> = fc.oneof(
    fc.constant('anyone' as const),
    fc.record({ role: name }),
    fc.record({ msp: name }),
    fc.record({ unit: name }),
    fc.record({ id: name }),
);
const scalar = fc.oneof(name, fc.integer({ min: 0, max: 3 }), fc.boolean());
const operand: fc.Arbitrary<Operand> = fc.oneof(
    scalar,
    fc.record({ attribute: fc.constantFrom('subject.x', 'resource.x', 'context.x', 'subject.id') }),
);
const { expression } = fc.letrec<{ expression: Expression }>((tie) => ({
    expression: fc.oneof(
        { depthSize: 'small' },
        fc.record({ equal: fc.tuple(operand, operand) }),
        fc.record({ less: fc.tuple(operand, operand) }),
        fc.record({ lessOrEqual: fc.tuple(operand, operand) }),
        fc.record({ in: fc.tuple(operand, fc.array(scalar, { maxLength: 3 })) }),
        fc.record({ present: fc.constantFrom('subject.x', 'resource.x') }),
        fc.record({ not: tie('expression') }),
        fc.record({ all: fc.array(tie('expression'), { maxLength: 2 }) }),
        fc.record({ any: fc.array(tie('expression'), { maxLength: 2 }) }),
    ),
}));
const period = fc
    .tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 1, max: 9 }))
    .map(([from, length]) => ({ from, until: from + length }));
const ruleBody = fc.record(
    {
        effect: fc.constantFrom('permit', 'permit', 'deny'),
        principals: list(principal),
        actions: list(nameOrAny),
        resources: list(nameOrAny),
        purposes: list(name),
        labels: list(name),
        period,
        when: expression,
        careTeam: fc.constant(true as const),
    },
    { requiredKeys: ['effect', 'principals', 'actions', 'resources'] },
);
const policy = fc
    .tuple(
        fc.array(ruleBody, { maxLength: 12 }),
        fc.record({ ab: fc.boolean(), bc: fc.boolean(), held: name }),
    )
    .map(([bodies, { ab, bc, held }]): Policy => {
        const roles = {
            a: { includes: ab ? ['b'] : [], holders: [{ unit: held }] },
            b: { includes: bc ? ['c'] : [], holders: [{ attribute: 'x', equals: held }] },
            c: { holders: [{ msp: held }] },
        };
        const rules = bodies.map((body, index) => ({ id: `r${index}`, ...body }));
        return { format: 'goodput.policy/1', title: '', roles, rules };
    });
const subject: fc.Arbitrary<Subject> = fc.record({
    id: name,
    msp: name,
    units: fc.subarray(names),
    attributes: fc.oneof(fc.constant({}), fc.record({ x: name })),
});
const request: fc.Arbitrary<AccessRequest> = fc.record({
    action: name,
    purpose: name,
    resource: fc.record({
        type: name,
        id: name,
        labels: fc.subarray(names),
        attributes: fc.oneof(fc.constant({}), fc.record({ x: scalar })),
    }),
    context: fc.oneof(fc.constant({}), fc.record({ x: scalar })),
});
const situation = fc.record({
    subject,
    request,
    now: fc.integer({ min: 0, max: 12 }),
    careTeam: fc.boolean(),
    grantedRoles: fc.subarray(names),
});

// The naive interpreter: it shares no code with what it checks, and looks at every rule.
type Facts = Omit<DecisionInput, 'policies'>;
function look(facts: Facts, path: string): unknown {
    const [root, member = ''] = path.split('.');
    if (path === 'subject.id') return facts.subject.id;
    const holder =
        root === 'subject'
            ? facts.subject.attributes
            : root === 'resource'
              ? facts.request.resource.attributes
              : facts.request.context;
    return (holder as Record<string, unknown> | undefined)?.[member];
}
function truth(e: Expression, facts: Facts): boolean {
    const value = (o: unknown): unknown =>
        typeof o === 'object' ? look(facts, (o as { attribute: string }).attribute) : o;
    const [op, args] = Object.entries(e)[0] as [string, never];
    switch (op) {
        case 'all':
            return (args as Expression[]).filter((x) => !truth(x, facts)).length === 0;
        case 'any':
            return (args as Expression[]).filter((x) => truth(x, facts)).length > 0;
        case 'not':
            return !truth(args, facts);
        case 'present':
            return look(facts, args) !== undefined;
        case 'in':
            return (args as [unknown, unknown[]])[1].some(
                (x) => value((args as unknown[])[0]) === x,
            );
        default: {
            const [l, r] = (args as unknown[]).map(value);
            if (l === undefined || r === undefined) return false;
            if (op === 'equal') return l === r;
            if (typeof l !== typeof r || typeof l === 'boolean') return false;
            return op === 'less' ? (l as string) < (r as string) : (l as string) <= (r as string);
        }
    }
}
function hasRole(p: Policy, role: string, f: Facts): boolean {
    const direct = (r: string): boolean =>
        f.grantedRoles!.includes(r) ||
        p.roles[r]!.holders!.some((h) =>
            'unit' in h
                ? f.subject.units.includes(h.unit)
                : 'attribute' in h
                  ? f.subject.attributes[h.attribute] === h.equals
                  : f.subject.msp === h.msp,
        );
    return (
        direct(role) ||
        Object.keys(p.roles).some(
            (r) => r !== role && p.roles[r]!.includes?.includes(role) && hasRole(p, r, f),
        )
    );
}
function naive(p: Policy, f: Facts): { effect: string; rules: string[] } {
    const { request: q } = f;
    const hit = p.rules.filter((r) => {
        const who = r.principals.some((x) =>
            x === 'anyone'
                ? true
                : 'role' in x
                  ? hasRole(p, x.role, f)
                  : 'msp' in x
                    ? x.msp === f.subject.msp
                    : 'unit' in x
                      ? f.subject.units.includes(x.unit)
                      : x.id === f.subject.id,
        );
        const time = r.period === undefined || (f.now >= r.period.from! && f.now < r.period.until!);
        return (
            who &&
            time &&
            r.actions.some((a) => a === '*' || a === q.action) &&
            r.resources.some((t) => t === '*' || t === q.resource.type) &&
            (r.purposes === undefined || r.purposes.some((x) => x === q.purpose)) &&
            (r.labels === undefined ||
                r.labels.some((l) => q.resource.labels!.some((m) => m === l))) &&
            (r.careTeam === undefined || f.careTeam === true) &&
            (r.when === undefined || truth(r.when, f))
        );
    });
    const denying = hit.filter((r) => r.effect === 'deny').map((r) => r.id);
    if (denying.length > 0) return { effect: 'DENY', rules: denying };
    return { effect: hit.length > 0 ? 'PERMIT' : 'DENY', rules: hit.map((r) => r.id) };
}

function answer(p: Policy, facts: Facts) {
    return decide({ policies: [{ source: 'p', compiled: compilePolicy(p) }], ...facts });
}

describe('a compiled policy, for random policies and requests,', () => {
    it('decides as an interpreter that looks at every rule does, and names the same rules', function () {
        this.timeout(300_000);
        const seen = { PERMIT: 0, DENY: 0 };
        fc.assert(
            fc.property(policy, fc.array(situation, { minLength: 1, maxLength: 4 }), (p, all) => {
                validatePolicy(p);
                for (const facts of all) {
                    const { effect, because } = answer(p, facts);
                    seen[effect]++;
                    const expected = naive(p, facts);
                    expect({ effect, rules: because.map(({ rule }) => rule) }).to.deep.equal(
                        expected,
                    );
                }
            }),
            { numRuns: 3000 },
        );
        // Neither answer is so rare that the agreement would mean nothing.
        expect(Math.min(seen.PERMIT, seen.DENY)).to.be.greaterThan(300);
    });

    it('denies whatever a further denial applies to, and permits no more with fewer permits', function () {
        this.timeout(300_000);
        fc.assert(
            fc.property(policy, situation, fc.nat(), (p, facts, pick) => {
                const { effect } = answer(p, facts);
                const denial: Rule = {
                    id: 'no',
                    effect: 'deny',
                    principals: ['anyone'],
                    actions: ['*'],
                    resources: ['*'],
                };
                expect(answer({ ...p, rules: [...p.rules, denial] }, facts).effect).to.equal(
                    'DENY',
                );
                const rules = p.rules.filter(
                    (rule, index) =>
                        rule.effect === 'deny' || index !== pick % (p.rules.length + 1),
                );
                if (effect === 'DENY')
                    expect(answer({ ...p, rules }, facts).effect).to.equal('DENY');
                const shuffled = { ...p, rules: [...p.rules].reverse() };
                expect(answer(shuffled, facts).effect).to.equal(effect);
            }),
            { numRuns: 1000 },
        );
    });
});
