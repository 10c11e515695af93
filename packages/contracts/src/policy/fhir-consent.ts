import { ContractsError } from '../errors.js';
import type { Consent, Provision } from './consent.js';
import type { Period, Principal } from './model.js';

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
    readonly id?: string;
    readonly status: string;
    readonly patient?: { readonly identifier?: { readonly value?: string } };
    readonly provision?: FhirProvision;
    readonly [member: string]: unknown;
}

const ACTOR_SYSTEM = 'urn:goodput:principal:';
const RESOURCE_TYPES = 'http://hl7.org/fhir/resource-types';
const PURPOSES = 'http://terminology.hl7.org/CodeSystem/v3-ActReason';
const LABELS = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
const ACTIONS = 'http://terminology.hl7.org/CodeSystem/consentaction';
const SCOPE = 'http://terminology.hl7.org/CodeSystem/consentscope';

// What this model does not evaluate: dropping one of these would widen or narrow what the patient said.
const UNSUPPORTED = [
    'code',
    'dataPeriod',
    'data',
    'modifierExtension',
    'documentType',
    'resourceType',
];

function refuse(path: string, why: string): never {
    throw new ContractsError('POLICY_CONSENT_INVALID', `${path} ${why}`);
}

function instant(text: string, path: string): number {
    const whole = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2}))?$/.test(text);
    const ms = whole ? Date.parse(text) : Number.NaN;
    return Number.isNaN(ms) ? refuse(path, 'must be a date, or a time with its zone') : ms;
}

function periodIn(period: FhirProvision['period'], path: string): Period {
    const { start, end } = period ?? {};
    const day = 86_400_000;
    // FHIR's end is inside: the whole of a day, or the instant itself.
    const inclusive = end?.includes('T') === true ? 1 : day;
    return {
        ...(start === undefined ? {} : { from: instant(start, `${path}.start`) }),
        ...(end === undefined ? {} : { until: instant(end, `${path}.end`) + inclusive }),
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

function codes(codings: readonly Coding[] | undefined): string[] | undefined {
    return codings?.map(({ code }) => code);
}

function provisionIn(given: FhirProvision, path: string, inherited: 'permit' | 'deny'): Provision {
    const unknown = UNSUPPORTED.find((member) => member in given);
    if (unknown !== undefined) refuse(`${path}.${unknown}`, 'is not evaluated here; leave it out');
    const type = given.type ?? inherited;
    if (type !== 'permit' && type !== 'deny') refuse(`${path}.type`, 'must be permit or deny');
    const actions = given.action?.map(
        ({ coding, text }, index) =>
            coding?.[0]?.code ?? text ?? refuse(`${path}.action[${index}]`, 'has no code'),
    );
    const [resources, purposes, labels] = [given.class, given.purpose, given.securityLabel].map(
        codes,
    );
    const other = type === 'permit' ? 'deny' : 'permit';
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
                provisionIn(each, `${path}.provision[${index}]`, other),
            ),
        }),
    };
}

/** Reads a FHIR R4 Consent. What this model cannot express is refused, never dropped. */
export function consentFromFhir(fhir: FhirConsent): Consent {
    if ((fhir as { resourceType?: unknown }).resourceType !== 'Consent') {
        refuse('resourceType', 'must be Consent');
    }
    if (fhir.id === undefined || fhir.id === '') refuse('id', 'is missing');
    if (fhir.provision === undefined) refuse('provision', 'is missing');
    const known = fhir.status === 'active' || fhir.status === 'draft' ? fhir.status : 'inactive';
    return {
        id: fhir.id,
        status: known,
        provision: provisionIn(fhir.provision, 'provision', 'deny'),
    };
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
        provision: provisionOut(consent.provision),
    };
}
