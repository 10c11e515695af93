import { defineKey, defineKeySpace, part, string, timestamp, uint } from '@goodput/keys';

const tenant = part('tenant', string({ maxBytes: 64 }));
const scope = part('scope', string({ maxBytes: 64 }));
const patient = part('patient', string({ maxBytes: 64 }), { phi: true });
const subject = part('subject', string({ maxBytes: 64 }));
const hash = part('hash', string({ maxBytes: 64, pattern: /^[0-9a-f]{64}$/ }));

/**
 * Where access policies keep what. Heads are small and read by every decision of their scope; bodies are
 * found by their hash and never change.
 */
export const accessKeys = Object.freeze({
    /** Version and hash of the policy of a tenant's resource type; the scope `*` is for all types. */
    head: defineKey({ name: 'policy.head', layout: 'ordered', parts: [tenant, scope] }),
    body: defineKey({ name: 'policy.body', layout: 'ordered', parts: [hash] }),
    draft: defineKey({ name: 'policy.draft', layout: 'ordered', parts: [tenant, scope] }),
    version: defineKey({
        name: 'policy.version',
        layout: 'ordered',
        parts: [tenant, scope, part('version', uint({ digits: 9 }))],
    }),
    /** Version and hash of a patient's consents. */
    consent: defineKey({ name: 'consent.head', layout: 'ordered', parts: [tenant, patient] }),
    consentBody: defineKey({ name: 'consent.body', layout: 'ordered', parts: [hash] }),
    careTeam: defineKey({
        name: 'care-team',
        layout: 'ordered',
        parts: [tenant, patient, subject],
    }),
    grants: defineKey({ name: 'grants', layout: 'ordered', parts: [tenant, subject] }),
    glass: defineKey({ name: 'glass', layout: 'ordered', parts: [tenant, patient, subject] }),
    /** Broken glasses nobody has reviewed yet, oldest first. */
    review: defineKey({
        name: 'glass.review',
        layout: 'ordered',
        parts: [tenant, part('at', timestamp()), patient, subject],
    }),
    /** Broken glasses that were reviewed, and what was found. */
    reviewed: defineKey({
        name: 'glass.reviewed',
        layout: 'ordered',
        parts: [tenant, part('at', timestamp()), patient, subject],
    }),
});

/** The keys of access policies as a space of their own, for registries and linters. */
export const accessSpace = defineKeySpace({
    name: 'access',
    keys: Object.values(accessKeys),
});
