import { canonicalJson } from '@goodput/chaincode';
import type { Expression } from './expression.js';
import { ADMINISTRATION, type Policy, type Principal, type Rule } from './model.js';
import { roleClosure } from './roles.js';

/** Something about a policy that is allowed and probably not meant. */
export interface PolicyFinding {
    readonly kind: 'shadowed' | 'redundant' | 'unreachable' | 'conflicting';
    readonly rule: string;
    /** The rule it is shadowed or repeated by, or in conflict with. */
    readonly by?: string;
    readonly message: string;
}

/** What {@link analysePolicy} takes. */
export interface AnalysisOptions {
    /** Findings after which it stops. @default 1000 */
    readonly maxFindings?: number;
    /** Pairs of rules compared after which it stops. @default 2,000,000 */
    readonly maxPairs?: number;
}

/** What {@link analysePolicy} gives. */
export interface PolicyAnalysis {
    readonly findings: readonly PolicyFinding[];
    /** Whether it looked at everything; if not, there may be more to find. */
    readonly complete: boolean;
}

type Closure = ReadonlyMap<string, ReadonlySet<string>>;

/** The value of a condition that does not depend on the request; undefined when it does. */
function constant(expression: Expression): boolean | undefined {
    if ('all' in expression) return constantAll(expression.all);
    if ('any' in expression) {
        const values = expression.any.map(constant);
        if (values.includes(true)) return true;
        return values.every((value) => value === false) ? false : undefined;
    }
    if ('not' in expression) {
        const value = constant(expression.not);
        return value === undefined ? undefined : !value;
    }
    if ('equal' in expression) {
        const [left, right] = expression.equal;
        if (typeof left !== 'object' && typeof right !== 'object') return left === right;
    }
    if ('in' in expression) {
        const [value, list] = expression.in;
        if (!('attribute' in list)) {
            if (list.length === 0) return false;
            if (typeof value !== 'object') return list.includes(value);
        }
    }
    return undefined;
}

function constantAll(parts: readonly Expression[]): boolean | undefined {
    const values = parts.map(constant);
    if (values.includes(false)) return false;
    // One attribute cannot equal two different values.
    const demanded = new Map<string, unknown>();
    for (const part of parts) {
        if (!('equal' in part)) continue;
        const [left, right] = part.equal;
        const [named, value] = typeof left === 'object' ? [left, right] : [right, left];
        if (typeof named !== 'object' || typeof value === 'object') continue;
        const earlier = demanded.get(named.attribute);
        if (earlier !== undefined && earlier !== value) return false;
        demanded.set(named.attribute, value);
    }
    return values.every((value) => value === true) ? true : undefined;
}

/** Whether everybody the second is about is among those the first is about. */
function coversPrincipal(wide: Principal, narrow: Principal, closure: Closure): boolean {
    if (wide === 'anyone') return true;
    if (narrow === 'anyone') return false;
    if ('role' in wide && 'role' in narrow) {
        return closure.get(narrow.role)?.has(wide.role) === true;
    }
    return canonicalJson(wide) === canonicalJson(narrow);
}

function coversNames(wide: readonly string[], narrow: readonly string[]): boolean {
    return wide.includes('*') || narrow.every((name) => wide.includes(name));
}

function coversList(
    wide: readonly string[] | undefined,
    narrow: readonly string[] | undefined,
): boolean {
    return wide === undefined || (narrow?.every((name) => wide.includes(name)) ?? false);
}

function coversPeriod(wide: Rule['period'], narrow: Rule['period']): boolean {
    return (
        (wide?.from ?? -Infinity) <= (narrow?.from ?? -Infinity) &&
        (wide?.until ?? Infinity) >= (narrow?.until ?? Infinity)
    );
}

/** Whether the second reaches administration by its name, which the first as a permit of `*` does not. */
function onlyByName(wide: Rule, narrow: Rule): boolean {
    const names = ({ resources }: Rule): boolean => resources.includes(ADMINISTRATION);
    return wide.effect === 'permit' && names(narrow) && !names(wide);
}

/** Whether the first rule applies wherever the second does. */
function covers(wide: Rule, narrow: Rule, closure: Closure): boolean {
    const sameCondition =
        wide.when === undefined ||
        constant(wide.when) === true ||
        (narrow.when !== undefined && canonicalJson(wide.when) === canonicalJson(narrow.when));
    return (
        sameCondition &&
        (wide.careTeam !== true || narrow.careTeam === true) &&
        (wide.consent !== true || narrow.consent === true) &&
        coversNames(wide.actions, narrow.actions) &&
        coversNames(wide.resources, narrow.resources) &&
        !onlyByName(wide, narrow) &&
        coversList(wide.purposes, narrow.purposes) &&
        coversList(wide.labels, narrow.labels) &&
        coversPeriod(wide.period, narrow.period) &&
        narrow.principals.every((each) =>
            wide.principals.some((other) => coversPrincipal(other, each, closure)),
        )
    );
}

function meets(one: readonly string[], other: readonly string[]): boolean {
    return one.includes('*') || other.includes('*') || one.some((name) => other.includes(name));
}

/** Whether some request could make both rules apply, as far as can be told without their conditions. */
function overlaps(one: Rule, other: Rule, closure: Closure): boolean {
    const before = (first: Rule, second: Rule): boolean =>
        (first.period?.until ?? Infinity) <= (second.period?.from ?? -Infinity);
    if (before(one, other) || before(other, one)) return false;
    if (one.purposes && other.purposes && !meets(one.purposes, other.purposes)) return false;
    return (
        meets(one.actions, other.actions) &&
        meets(one.resources, other.resources) &&
        one.principals.some((a) =>
            other.principals.some(
                (b) => coversPrincipal(a, b, closure) || coversPrincipal(b, a, closure),
            ),
        )
    );
}

function compareRules(rule: Rule, other: Rule, closure: Closure): PolicyFinding | undefined {
    const about = { rule: rule.id, by: other.id };
    if (covers(other, rule, closure)) {
        if (rule.effect === 'permit' && other.effect === 'deny') {
            const message = `${rule.id} never permits anything: ${other.id} denies all of it`;
            return { kind: 'shadowed', ...about, message };
        }
        const same =
            canonicalJson(rule.obligations ?? []) === canonicalJson(other.obligations ?? []);
        if (rule.effect === other.effect && same && rule.absolute === other.absolute) {
            const message = `${rule.id} adds nothing to ${other.id}`;
            return { kind: 'redundant', ...about, message };
        }
    }
    if (rule.effect === 'permit' && other.effect === 'deny' && overlaps(rule, other, closure)) {
        const message = `${rule.id} permits some of what ${other.id} denies; the denial wins`;
        return { kind: 'conflicting', ...about, message };
    }
    return undefined;
}

/**
 * Looks for rules that can never matter or that contradict each other. What it says is so; it does not find
 * everything, because it takes conditions as they are written and does not reason about them.
 */
export function analysePolicy(policy: Policy, options: AnalysisOptions = {}): PolicyAnalysis {
    const { maxFindings = 1000, maxPairs = 2_000_000 } = options;
    const closure = roleClosure(policy);
    const findings: PolicyFinding[] = [];
    const reachable = policy.rules.filter(({ id, when }) => {
        if (when === undefined || constant(when) !== false) return true;
        const message = `${id} never applies: its condition is false for every request`;
        findings.push({ kind: 'unreachable', rule: id, message });
        return false;
    });
    let pairs = 0;
    for (const [place, rule] of reachable.entries()) {
        for (const [otherPlace, other] of reachable.entries()) {
            if (place === otherPlace) continue;
            if (++pairs > maxPairs || findings.length >= maxFindings) {
                return { findings, complete: false };
            }
            const finding = compareRules(rule, other, closure);
            // Of two equal rules only the later is said to repeat the other.
            const mirrored =
                finding?.kind === 'redundant' && otherPlace > place && covers(rule, other, closure);
            if (finding !== undefined && !mirrored) findings.push(finding);
        }
    }
    return { findings, complete: true };
}
