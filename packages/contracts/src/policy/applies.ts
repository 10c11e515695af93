import { evaluate, type Attributes, type Scalar } from './expression.js';
import type { AccessRequest, Period, Rule, Standing, Subject } from './model.js';

/** Everything a rule may look at. */
export interface Situation {
    readonly subject: Subject;
    readonly request: AccessRequest;
    readonly standing: Standing;
    /** The transaction's time in milliseconds since 1970. */
    readonly now: number;
    /** What conditions can name; laid out when the first condition asks. */
    readonly attributes: Attributes;
}

type Values = Readonly<Record<string, Scalar | readonly Scalar[]>>;

function layOut({ subject, request, now }: Omit<Situation, 'attributes'>): Attributes {
    const attributes = new Map<string, Scalar | readonly Scalar[]>();
    const add = (prefix: string, values: Values = {}): void => {
        for (const [name, value] of Object.entries(values)) {
            attributes.set(`${prefix}.${name}`, value);
        }
    };
    add('subject', subject.attributes);
    add('resource', request.resource.attributes);
    add('context', request.context);
    // Set last: what the certificate and the request say of themselves cannot replace these.
    attributes.set('subject.id', subject.id);
    attributes.set('subject.msp', subject.msp);
    attributes.set('subject.units', subject.units);
    attributes.set('resource.type', request.resource.type);
    attributes.set('resource.id', request.resource.id);
    attributes.set('resource.labels', request.resource.labels ?? []);
    attributes.delete('resource.patient');
    if (request.resource.patient !== undefined) {
        attributes.set('resource.patient', request.resource.patient);
    }
    attributes.set('context.purpose', request.purpose);
    attributes.set('context.time', now);
    return attributes;
}

/** Puts together what rules look at. */
export function situationOf(
    subject: Subject,
    request: AccessRequest,
    standing: Standing,
    now: number,
): Situation {
    let attributes: Attributes | undefined;
    return {
        subject,
        request,
        standing,
        now,
        get attributes() {
            attributes ??= layOut({ subject, request, standing, now });
            return attributes;
        },
    };
}

/** Whether an instant lies in a period: its beginning does, its end no longer does. */
export function inPeriod({ from, until }: Period, now: number): boolean {
    return (from === undefined || now >= from) && (until === undefined || now < until);
}

/** Whether the conditions of a rule hold that are not about who, which action and which type of resource. */
export function conditionsHold(rule: Rule, situation: Situation): boolean {
    const { request, standing, now } = situation;
    if (rule.purposes?.includes(request.purpose) === false) return false;
    if (rule.labels !== undefined) {
        const labels = request.resource.labels ?? [];
        if (!rule.labels.some((label) => labels.includes(label))) return false;
    }
    if (rule.period !== undefined && !inPeriod(rule.period, now)) return false;
    if (rule.careTeam === true && !standing.careTeam) return false;
    if (rule.consent === true && standing.consent !== true) return false;
    return rule.when === undefined || evaluate(rule.when, situation.attributes);
}
