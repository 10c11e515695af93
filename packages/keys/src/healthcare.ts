import { enumOf } from './codecs/enum-of.js';
import { string } from './codecs/string.js';
import { defineKey } from './define-key.js';
import { defineKeySpace, defineKeySpaces, type KeySpaces } from './key-space.js';
import { part } from './part.js';
import { defineAppendOnlyKey } from './patterns/append-only-key.js';
import { defineDeltaCounterKey } from './patterns/delta-counter-key.js';
import { defineIndexKey } from './patterns/index-key.js';
import { defineSlotKey } from './patterns/slot-key.js';
import { defineTimeSeriesKey } from './patterns/time-series-key.js';
import { ulid } from './patterns/tx-ulid.js';
import { timestamp } from './codecs/timestamp.js';

/** A pseudonym of a patient; still health information, because it links a person's records. */
const patient = part('patient', string({ maxBytes: 64 }), { phi: true });
const orderId = part('order', ulid());

const order = defineKey({ name: 'order', layout: 'composite', parts: [patient, orderId] });
const claim = defineKey({
    name: 'claim',
    layout: 'composite',
    parts: [part('payer', string({ maxBytes: 64 })), part('claim', ulid())],
});

/**
 * A key for each kind of record a hospital keeps, ready to use or to copy from. The code part of
 * `vital` takes any code (LOINC, say); patients are pseudonyms, and marked as health information.
 */
export const healthcareKeys = Object.freeze({
    /** Vital signs: one row a reading, newest first, a bucket a day. Never conflicts. */
    vital: defineTimeSeriesKey({
        name: 'vital',
        entity: [patient, part('code', string({ maxBytes: 32 }))],
        bucket: 'day',
        order: 'newest-first',
    }),
    /** Orders (CPOE): one row an order, which conflicts only when two people change that order. */
    order,
    /** Orders by ward and due time, for work lists. */
    orderDue: defineIndexKey({
        name: 'order.due',
        on: [
            part('ward', string({ maxBytes: 32 })),
            part('state', enumOf('draft', 'active', 'held', 'completed', 'cancelled')),
            part('dueAt', timestamp()),
        ],
        row: order,
    }),
    /** What happened to an order, event by event. Never conflicts. */
    orderEvent: defineAppendOnlyKey({ name: 'order.event', stream: [patient, orderId] }),
    /** Notes: only ever added; a correction is another note. Never conflicts. */
    note: defineTimeSeriesKey({
        name: 'note',
        entity: [patient],
        bucket: 'month',
        order: 'newest-first',
    }),
    /** Appointments: a key for each quarter of an hour; a double booking is a conflict. */
    appointment: defineSlotKey({
        name: 'appointment',
        resource: [part('clinician', string({ maxBytes: 64 }))],
        minutes: 15,
    }),
    /** Insurance claims. */
    claim,
    /** Charges to an account, as deltas that never conflict; totals a day. */
    balance: defineDeltaCounterKey({
        name: 'balance',
        counter: [part('account', string({ maxBytes: 64 }), { phi: true })],
        epoch: 'day',
    }),
    /** Consent of a patient to one purpose for one grantee: changed rarely, read often. */
    consent: defineKey({
        name: 'consent',
        layout: 'composite',
        parts: [
            patient,
            part('purpose', enumOf('treatment', 'payment', 'operations', 'research')),
            part('grantee', string({ maxBytes: 64 })),
        ],
    }),
    /** Who did what to which kind of record: only ever added. Never conflicts. */
    audit: defineTimeSeriesKey({
        name: 'audit',
        entity: [part('organisation', string({ maxBytes: 64 }))],
        bucket: 'hour',
    }),
});

/**
 * The spaces of {@link healthcareKeys}: `clinical`, `financial`, `consent` and `audit`. Each may be
 * written together with `audit` and with nothing else.
 */
export const healthcareSpaces: KeySpaces = defineKeySpaces({
    spaces: [
        defineKeySpace({
            name: 'clinical',
            keys: [
                healthcareKeys.vital,
                healthcareKeys.order,
                healthcareKeys.orderDue,
                healthcareKeys.orderEvent,
                healthcareKeys.note,
                healthcareKeys.appointment,
            ],
        }),
        defineKeySpace({
            name: 'financial',
            keys: [healthcareKeys.claim, healthcareKeys.balance],
        }),
        defineKeySpace({ name: 'consent', keys: [healthcareKeys.consent] }),
        defineKeySpace({ name: 'audit', keys: [healthcareKeys.audit] }),
    ],
    together: [
        ['clinical', 'audit'],
        ['financial', 'audit'],
        ['consent', 'audit'],
    ],
});
