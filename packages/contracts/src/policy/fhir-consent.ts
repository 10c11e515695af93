import { ContractsError } from '../errors.js';
import type { Consent, Provision } from './consent.js';
import { fhirConsentSchema } from './fhir-schema.js';
import type { Period, Principal } from './model.js';
import { checkSchema } from './schema.js';
import { checkDepth } from './validate.js';

/** A coded value of FHIR. */
interface Coding {
    readonly system?: string;
    readonly code: string;
}

interface CodeableConcept {
    readonly coding?: readonly Coding[];
    readonly text?: string;
}

/** A provision of a FHIR R4 Consent. */
export interface FhirProvision {
    readonly type?: string;
    readonly period?: { readonly start?: string; readonly end?: string };
    readonly actor?: readonly {
        readonly role: CodeableConcept;
        readonly reference: {
            readonly reference?: string;
            readonly identifier?: { readonly system?: string; readonly value?: string };
        };
    }[];
    readonly action?: readonly CodeableConcept[];
    readonly securityLabel?: readonly Coding[];
    readonly purpose?: readonly Coding[];
    readonly class?: readonly Coding[];
    readonly provision?: readonly FhirProvision[];
}

/** A FHIR R4 Consent, as far as it says who may do what. */
export interface FhirConsent {
    readonly resourceType: 'Consent';
    readonly id: string;
    readonly status: string;
    readonly scope?: CodeableConcept;
    readonly patient?: { readonly identifier?: { readonly value?: string } };
    readonly provision: FhirProvision;
    readonly [member: string]: unknown;
}

const ACTOR_SYSTEM = 'urn:goodput:principal:';
const RESOURCE_TYPES = 'http://hl7.org/fhir/resource-types';
const PURPOSES = 'http://terminology.hl7.org/CodeSystem/v3-ActReason';
const LABELS = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
const ACTIONS = 'http://terminology.hl7.org/CodeSystem/consentaction';
const POLICY_RULES = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const BASE_RULE = { permit: 'OPTIN', deny: 'OPTOUT' } as const;
const SCOPE = 'http://terminology.hl7.org/CodeSystem/consentscope';

function refuse(path: string, why: string): never {
    throw new ContractsError('POLICY_CONSENT_INVALID', `${path} ${why}`);
}

const INSTANT = /^(\d{4}-\d{2}-\d{2})(?:T\d{2}:\d{2}:\d{2}(?:\.(\d+))?(?:Z|[+-]\d{2}:\d{2}))?$/;
const DAY_MS = 86_400_000;

/** A date or time of FHIR: its first millisecond, and how many it stands for. A date is a day of UTC. */
function stretch(text: unknown, path: string): { readonly start: number; readonly ms: number } {
    const parts = typeof text === 'string' ? INSTANT.exec(text) : null;
    const [whole = '', date = '', fraction = ''] = parts ?? [];
    const start = Date.parse(whole);
    // JavaScript takes the 30th of February for the 2nd of March.
    const midnight = Date.parse(date);
    const exists = !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(date);
    if (parts === null || Number.isNaN(start) || !exists) {
        refuse(path, 'must be a date, or a time with its zone');
    }
    if (whole === date) return { start, ms: DAY_MS };
    return { start, ms: Math.max(1, 10 ** (3 - fraction.length)) };
}

function periodIn(period: FhirProvision['period'], path: string): Period {
    const { start, end } = period ?? {};
    const last = end === undefined ? undefined : stretch(end, `${path}.end`);
    return {
        ...(start === undefined ? {} : { from: stretch(start, `${path}.start`).start }),
        // FHIR's end is inside, as exactly as it is written: all of a day, of a second.
        ...(last === undefined ? {} : { until: last.start + last.ms }),
    };
}

function actorIn(actor: NonNullable<FhirProvision['actor']>[number], path: string): Principal {
    const { system = '', value = '' } = actor.reference.identifier ?? {};
    const kind = system.startsWith(ACTOR_SYSTEM) ? system.slice(ACTOR_SYSTEM.length) : '';
    if (kind === 'anyone') return 'anyone';
    if (value !== '') {
        if (kind === 'role') return { role: value };
        if (kind === 'msp') return { msp: value };
        if (kind === 'unit') return { unit: value };
        if (kind === 'id') return { id: value };
    }
    return refuse(
        path,
        `must have an identifier of a system ${ACTOR_SYSTEM}(role|msp|unit|id|anyone)`,
    );
}

function actionIn({ coding = [], text }: CodeableConcept, path: string): string {
    // Several codes of one concept may be permitted and forbidden by different rules.
    if (coding.length > 1) refuse(path, 'must have one code');
    return coding[0]?.code ?? text ?? refuse(path, 'has no code');
}

function codes(codings: readonly Coding[] | undefined): string[] | undefined {
    return codings?.map(({ code }) => code);
}

function provisionIn(given: FhirProvision, path: string, isRoot = false): Provision {
    // Without a type the root could mean either; what it says is then refused to all. Exceptions must say.
    const type = given.type ?? (isRoot ? 'deny' : undefined);
    if (type !== 'permit' && type !== 'deny') refuse(`${path}.type`, 'must be permit or deny');
    const actions = given.action?.map((each, index) => actionIn(each, `${path}.action[${index}]`));
    const [resources, purposes, labels] = [given.class, given.purpose, given.securityLabel].map(
        codes,
    );
    return {
        type,
        ...(given.period && { period: periodIn(given.period, `${path}.period`) }),
        ...(given.actor && {
            actors: given.actor.map((each, index) => actorIn(each, `${path}.actor[${index}]`)),
        }),
        ...(actions && { actions }),
        ...(resources && { resources }),
        ...(purposes && { purposes }),
        ...(labels && { labels }),
        ...(given.provision && {
            provisions: given.provision.map((each, index) =>
                provisionIn(each, `${path}.provision[${index}]`),
            ),
        }),
    };
}

/**
 * Reads a FHIR R4 Consent. What this model cannot express is refused, never dropped.
 *
 * @param patient - whose it must be, if it says whose it is
 */
export function consentFromFhir(fhir: FhirConsent, patient?: string): Consent {
    checkDepth(fhir, 'POLICY_CONSENT_INVALID');
    checkSchema(fhirConsentSchema, fhir, 'POLICY_CONSENT_INVALID', 'the FHIR consent');
    const { id, status, provision, scope } = fhir;
    const kinds = (scope?.coding ?? []).map(({ code }) => code);
    if (kinds.length > 0 && !kinds.includes('patient-privacy')) {
        refuse('scope', 'must be patient-privacy: other consents do not say who may see what');
    }
    const whose = fhir.patient?.identifier?.value;
    if (patient !== undefined && whose !== undefined && whose !== patient) {
        refuse('patient', 'is another patient');
    }
    const known = status === 'active' || status === 'draft' ? status : 'inactive';
    return { id, status: known, provision: provisionIn(provision, 'provision', true) };
}

function coded(system: string, names: readonly string[]): Coding[] {
    return names.map((code) => ({ system, code }));
}

function actorOut(principal: Principal): NonNullable<FhirProvision['actor']>[number] {
    const [kind, value] =
        principal === 'anyone' ? ['anyone', 'anyone'] : (Object.entries(principal)[0] ?? ['', '']);
    return {
        role: { coding: [{ code: 'IRCP' }] },
        reference: { identifier: { system: `${ACTOR_SYSTEM}${kind}`, value } },
    };
}

function periodOut({ from, until }: Period): NonNullable<FhirProvision['period']> {
    return {
        ...(from === undefined ? {} : { start: new Date(from).toISOString() }),
        ...(until === undefined ? {} : { end: new Date(until - 1).toISOString() }),
    };
}

function provisionOut(provision: Provision): FhirProvision {
    const { actors, actions, resources, purposes, labels, period, provisions } = provision;
    return {
        type: provision.type,
        ...(period && { period: periodOut(period) }),
        ...(actors && { actor: actors.map(actorOut) }),
        ...(actions && { action: coded(ACTIONS, actions).map((each) => ({ coding: [each] })) }),
        ...(labels && { securityLabel: coded(LABELS, labels) }),
        ...(purposes && { purpose: coded(PURPOSES, purposes) }),
        ...(resources && { class: coded(RESOURCE_TYPES, resources) }),
        ...(provisions && { provision: provisions.map(provisionOut) }),
    };
}

/** Writes a consent as a FHIR R4 Consent of the patient with that pseudonym. */
export function consentToFhir(consent: Consent, patient: string): FhirConsent {
    return {
        resourceType: 'Consent',
        id: consent.id,
        status: consent.status,
        scope: { coding: [{ system: SCOPE, code: 'patient-privacy' }] },
        category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
        patient: { identifier: { value: patient } },
        // FHIR asks for the rule the provision is an exception to.
        policyRule: { coding: [{ system: POLICY_RULES, code: BASE_RULE[consent.provision.type] }] },
        provision: provisionOut(consent.provision),
    };
}
