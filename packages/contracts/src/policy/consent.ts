import { inPeriod } from './applies.js';
import type { Applicable } from './decide.js';
import type { AccessRequest, Period, Principal, Subject } from './model.js';

/** A statement of a consent, and its exceptions. What it leaves out it does not ask for. */
export interface Provision {
    readonly type: 'permit' | 'deny';
    readonly actors?: readonly Principal[];
    readonly actions?: readonly string[];
    /** Types of resources. */
    readonly resources?: readonly string[];
    readonly purposes?: readonly string[];
    readonly labels?: readonly string[];
    readonly period?: Period;
    /** Exceptions, which may have exceptions themselves. */
    readonly provisions?: readonly Provision[];
}

/** What a patient agreed to, or refused. */
export interface Consent {
    readonly id: string;
    /** Only an active consent counts. */
    readonly status: 'draft' | 'active' | 'inactive';
    readonly provision: Provision;
}

/** What a consent is held against. */
export interface ConsentSituation {
    readonly subject: Subject;
    readonly roles: ReadonlySet<string>;
    readonly request: AccessRequest;
    readonly now: number;
}

function isActor(actor: Principal, { subject, roles }: ConsentSituation): boolean {
    if (actor === 'anyone') return true;
    if ('role' in actor) return roles.has(actor.role);
    if ('msp' in actor) return actor.msp === subject.msp;
    if ('unit' in actor) return subject.units.includes(actor.unit);
    return actor.id === subject.id;
}

function matches(provision: Provision, situation: ConsentSituation): boolean {
    const { request, now } = situation;
    const labels = request.resource.labels ?? [];
    const listed = (list: readonly string[] | undefined, name: string): boolean =>
        list === undefined || list.includes(name);
    if (!listed(provision.actions, request.action)) return false;
    if (!listed(provision.resources, request.resource.type)) return false;
    if (!listed(provision.purposes, request.purpose)) return false;
    if (provision.labels?.some((label) => labels.includes(label)) === false) return false;
    if (provision.actors?.some((actor) => isActor(actor, situation)) === false) return false;
    return provision.period === undefined || inPeriod(provision.period, now);
}

/** What a provision comes to, and by which of its parts. */
interface Outcome {
    readonly type: 'permit' | 'deny';
    readonly path: string;
}

function evaluateProvision(
    provision: Provision,
    situation: ConsentSituation,
    path: string,
): Outcome | undefined {
    if (!matches(provision, situation)) return undefined;
    const exceptions = (provision.provisions ?? []).flatMap(
        (each, index) => evaluateProvision(each, situation, `${path}.${index + 1}`) ?? [],
    );
    // Exceptions win over what they are exceptions of; among themselves a denial wins.
    return (
        exceptions.find(({ type }) => type === 'deny') ??
        exceptions[0] ?? { type: provision.type, path }
    );
}

/** What the consents of a patient come to for one request. */
export interface ConsentOutcome {
    readonly permits: boolean;
    readonly denials: readonly Applicable[];
}

/** Holds consents against a request. One that does not match it says nothing about it. */
export function evaluateConsents(
    consents: readonly Consent[],
    situation: ConsentSituation,
): ConsentOutcome {
    let permits = false;
    const denials: Applicable[] = [];
    for (const { id, status, provision } of consents) {
        if (status !== 'active') continue;
        const outcome = evaluateProvision(provision, situation, 'provision');
        if (outcome === undefined) continue;
        if (outcome.type === 'permit') permits = true;
        else {
            const rule = { id: outcome.path, effect: 'deny' as const };
            denials.push({ source: `consent:${id}`, rule });
        }
    }
    return { permits: permits && denials.length === 0, denials };
}
