import { measureNs, type FiguresReport } from '@goodput/figures';
import { newEnforcer, newModelFromString, StringAdapter } from 'casbin';
import { compilePolicy, decide, type Policy, type Rule } from '../index.js';

const MODEL = `
[request_definition]
r = sub, obj, act
[policy_definition]
p = sub, obj, act, eft
[role_definition]
g = _, _
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = g(r.sub, p.sub) && r.obj == p.obj && r.act == p.act
`;
const ROLES = 100;

/** One rule a line: roles in turn, each with types of its own; one in twenty denies. */
function ruleOf(index: number): Rule {
    return {
        id: `r${index}`,
        effect: index % 20 === 19 ? 'deny' : 'permit',
        principals: [{ role: `role${index % ROLES}` }],
        actions: ['read'],
        resources: [`type${Math.floor(index / ROLES)}`],
    };
}

function policyOf(rules: readonly Rule[]): Policy {
    const roles = Object.fromEntries(
        Array.from({ length: ROLES }, (_, index) => [
            `role${index}`,
            { holders: [{ attribute: 'role', equals: `role${index}` }] },
        ]),
    );
    return { format: 'goodput.policy/1', title: '', roles, rules };
}

function casbinLines(rules: readonly Rule[]): string {
    const policies = rules.map(({ effect, resources }, index) => {
        const eft = effect === 'permit' ? 'allow' : 'deny';
        return `p, role${index % ROLES}, ${String(resources[0])}, read, ${eft}`;
    });
    const users = Array.from({ length: ROLES }, (_, index) => `g, user${index}, role${index}`);
    return [...policies, ...users].join('\n');
}

/** Decisions at some sizes of policy; at each, both are asked the same and must answer the same. */
export async function decideFigures(report: FiguresReport): Promise<void> {
    for (const [name, count] of [
        ['100', 100],
        ['10k', 10_000],
        ['100k', 100_000],
    ] as const) {
        if (report.options.quick && count > 10_000) continue;
        await decideFigure(report, name, count);
    }
}

async function decideFigure(report: FiguresReport, name: string, count: number): Promise<void> {
    const rules = Array.from({ length: count }, (_, index) => ruleOf(index));
    const policies = [{ source: 'bench', compiled: compilePolicy(policyOf(rules)) }];
    const adapter = new StringAdapter(casbinLines(rules));
    const casbin = await newEnforcer(newModelFromString(MODEL), adapter);
    const ask = (index: number): boolean => {
        const role = `role${(index * 7) % ROLES}`;
        const type = `type${(index * 13) % (count / ROLES)}`;
        const subject = { id: 'u', msp: 'Org1MSP', units: ['client'], attributes: { role } };
        const request = { action: 'read', resource: { type, id: 'x' }, purpose: 'TREAT' };
        return decide({ policies, subject, request, now: 0 }).effect === 'PERMIT';
    };
    const askCasbin = (index: number): boolean => {
        const type = `type${(index * 13) % (count / ROLES)}`;
        return casbin.enforceSync(`user${(index * 7) % ROLES}`, type, 'read');
    };
    const wrong = Array.from({ length: 20 }, (_, index) => index).filter(
        (index) => ask(index) !== askCasbin(index),
    );
    const repeat = (work: (index: number) => boolean) => (iterations: number) => {
        let permitted = 0;
        for (let index = 0; index < iterations; index++) permitted += work(index) ? 1 : 0;
        return permitted;
    };
    const samples = count > 10_000 ? 3 : report.options.quick ? 5 : 15;
    const [ours, theirs] = measureNs({ ours: repeat(ask), casbin: repeat(askCasbin) }, { samples });
    if (ours === undefined || theirs === undefined) throw new Error('nothing was measured');
    report.add({
        id: `contracts.decide-${name}`,
        unit: 'us',
        better: 'lower',
        ours: ours.values.map((ns) => ns / 1000),
        baseline: { name: 'casbin', values: theirs.values.map((ns) => ns / 1000) },
        ...(wrong.length > 0 ? { invalid: `${wrong.length} of 20 answers differ` } : {}),
    });
}
