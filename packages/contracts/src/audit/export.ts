import { canonicalJson } from '@goodput/chaincode';
import type { AuditEvent } from './record.js';

type Json = Readonly<Record<string, unknown>>;

// Maps: actions are anybody's words, and one of them may be "constructor".
const FHIR_ACTIONS = new Map([
    ['create', 'C'],
    ['read', 'R'],
    ['update', 'U'],
    ['delete', 'D'],
]);
const FHIR_OUTCOMES = { permit: '0', deny: '4', error: '8' } as const;
const DICOM = 'http://dicom.nema.org/resources/ontology/DCM';
const OBJECT_ROLE = 'http://terminology.hl7.org/CodeSystem/object-role';
const REASON = 'http://terminology.hl7.org/CodeSystem/v3-ActReason';

/** An event as a FHIR R4 AuditEvent, with the parts BALP asks for. */
export function toFhirAuditEvent(event: AuditEvent): Json {
    const { actor, organisation, resource, patient, policies = [], because = [] } = event;
    const purpose = { coding: [{ system: REASON, code: event.purpose }] };
    const detail = because.map((rule) => ({ type: 'rule', valueString: rule }));
    if (event.breakGlass === true) detail.push({ type: 'break-glass', valueString: 'true' });
    if (event.requestHash !== undefined) {
        detail.push({ type: 'request-sha256', valueString: event.requestHash });
    }
    const patientEntity = {
        what: { identifier: { value: patient } },
        role: { system: OBJECT_ROLE, code: '1', display: 'Patient' },
    };
    return {
        resourceType: 'AuditEvent',
        id: `${event.tx.slice(0, 56)}-${event.seq}`,
        type: { system: DICOM, code: '110110', display: 'Patient Record' },
        action: FHIR_ACTIONS.get(event.action) ?? 'E',
        recorded: new Date(event.at).toISOString(),
        outcome: FHIR_OUTCOMES[event.outcome],
        purposeOfEvent: [purpose],
        agent: [
            {
                who: { identifier: { system: `urn:goodput:msp:${organisation}`, value: actor } },
                requestor: true,
                policy: policies.map((hash) => `urn:sha256:${hash}`),
                purposeOfUse: [purpose],
            },
        ],
        source: { observer: { identifier: { value: event.tenant } } },
        entity: [
            ...(patient === undefined ? [] : [patientEntity]),
            {
                what: { reference: `${resource.type}/${resource.id}` },
                role: { system: OBJECT_ROLE, code: '4', display: 'Domain Resource' },
                ...(detail.length === 0 ? {} : { detail }),
            },
        ],
    };
}

/** Events as a FHIR Bundle. */
export function toFhirBundle(events: readonly AuditEvent[]): Json {
    const entry = events.map((event) => ({ resource: toFhirAuditEvent(event) }));
    return { resourceType: 'Bundle', type: 'collection', entry };
}

const OCSF_ACTIVITIES = new Map([
    ['create', 1],
    ['read', 2],
    ['update', 3],
    ['delete', 4],
]);

/** An event as OCSF's API activity (class 6003). */
export function toOcsf(event: AuditEvent): Json {
    const activity = OCSF_ACTIVITIES.get(event.action) ?? 99;
    const permitted = event.outcome === 'permit';
    return {
        class_uid: 6003,
        category_uid: 6,
        activity_id: activity,
        type_uid: 600_300 + activity,
        time: event.at,
        severity_id: event.breakGlass === true ? 4 : permitted ? 1 : 3,
        status_id: permitted ? 1 : 2,
        metadata: {
            version: '1.3.0',
            uid: `${event.tx}-${event.seq}`,
            product: { name: 'Goodput' },
        },
        actor: { user: { uid: event.actor, org: { name: event.organisation } } },
        api: { operation: event.action, request: { uid: event.requestHash ?? event.tx } },
        resources: [{ type: event.resource.type, uid: event.resource.id }],
        unmapped: {
            purpose: event.purpose,
            ...(event.patient === undefined ? {} : { patient: event.patient }),
            ...(event.because === undefined ? {} : { because: event.because }),
        },
    };
}

/** Events as lines of canonical JSON. */
export function toNdjson(events: readonly AuditEvent[]): string {
    return events.map((event) => `${canonicalJson(event)}\n`).join('');
}
