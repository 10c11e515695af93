import {
    defineIndexKey,
    defineKey,
    defineKeySpace,
    part,
    string,
    timeBucket,
    timestamp,
    txId,
    uint,
} from '@goodput/keys';

const tenant = part('tenant', string({ maxBytes: 64 }));
const day = part('day', timeBucket('day'));
const shard = part('shard', uint({ digits: 2 }));
const at = part('at', timestamp());
const patient = part('patient', string({ maxBytes: 64 }), { phi: true });

const event = defineKey({
    name: 'audit.event',
    layout: 'ordered',
    parts: [tenant, day, shard, at, part('tx', txId()), part('seq', uint({ digits: 6 }))],
});

/** Where the audit log keeps what: events by day, shard and time, and keys to find them by. */
export const auditKeys = Object.freeze({
    event,
    byPatient: defineIndexKey({ name: 'audit.patient', on: [tenant, patient, at], row: event }),
    byActor: defineIndexKey({
        name: 'audit.actor',
        on: [tenant, part('actor', string({ maxBytes: 64 })), at],
        row: event,
    }),
    byResource: defineIndexKey({
        name: 'audit.resource',
        on: [
            tenant,
            part('type', string({ maxBytes: 64 })),
            part('id', string({ maxBytes: 128 })),
            at,
        ],
        row: event,
    }),
    /** Denials and errors only: what is permitted is found by time. */
    byOutcome: defineIndexKey({
        name: 'audit.outcome',
        on: [tenant, part('outcome', string({ maxBytes: 16 })), at],
        row: event,
    }),
    byGlass: defineIndexKey({ name: 'audit.glass', on: [tenant, at], row: event }),
    /** The seal of one day of one shard. */
    seal: defineKey({ name: 'audit.seal', layout: 'ordered', parts: [tenant, shard, day] }),
    /** The chain of a shard's seals. */
    chain: defineKey({ name: 'audit.chain', layout: 'ordered', parts: [tenant, shard] }),
    /** Erasable detail, in the private collection. */
    detail: defineKey({
        name: 'audit.detail',
        layout: 'ordered',
        parts: [tenant, part('hash', string({ maxBytes: 64 }))],
    }),
});

/** The keys of the audit log as a space of their own, for registries and linters. */
export const auditSpace = defineKeySpace({ name: 'audit.log', keys: Object.values(auditKeys) });
