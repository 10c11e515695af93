import { ChaincodeError } from './errors.js';
import type { PendingEvent } from './overlay.js';
import { EVENTS_FORMAT } from './wire.js';

/** Checks what `setEvent` or `emit` was given, and keeps its own copy of the payload. */
export function pendingEvent(
    name: unknown,
    payload: Uint8Array | string | undefined,
    kind: PendingEvent['kind'],
    operation: number,
): PendingEvent {
    if (typeof name !== 'string' || name === '') {
        throw new ChaincodeError(
            'CHAINCODE_EVENT_INVALID',
            'an event needs a name of at least 1 character',
        );
    }
    if (name === EVENTS_FORMAT) {
        throw new ChaincodeError(
            'CHAINCODE_EVENT_INVALID',
            `the event name "${EVENTS_FORMAT}" is the one several events are sent by; give it another`,
        );
    }
    const bytes = payload === undefined ? Buffer.alloc(0) : Buffer.from(payload as Uint8Array);
    return { name, payload: bytes, kind, operation };
}

function asText(payload: Buffer): readonly [string] | readonly [string, 'base64'] {
    const text = payload.toString();
    return Buffer.from(text).equals(payload) ? [text] : [payload.toString('base64'), 'base64'];
}

/**
 * The one event Fabric allows a transaction: a single event as it is, several as one that lists them.
 */
export function aggregateEvents(
    events: readonly PendingEvent[],
): { readonly name: string; readonly payload: Buffer } | undefined {
    const kept = events.length > 1 ? dropReplaced(events) : events;
    const only = kept[0];
    if (only === undefined) return undefined;
    if (kept.length === 1) return { name: only.name, payload: only.payload };
    const list = kept.map(({ name, payload }) => [name, ...asText(payload)]);
    return { name: EVENTS_FORMAT, payload: Buffer.from(JSON.stringify({ v: 1, events: list })) };
}

// Looking for a later `set` of the same operation would be quadratic over a large batch.
function dropReplaced(events: readonly PendingEvent[]): PendingEvent[] {
    const lastSet = new Map<number, PendingEvent>();
    for (const event of events) if (event.kind === 'set') lastSet.set(event.operation, event);
    return events.filter(
        (event) => event.kind === 'emit' || lastSet.get(event.operation) === event,
    );
}
