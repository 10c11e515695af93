import { compareKeys } from '@goodput/keys';
import { aggregateEvents } from './events.js';
import type { Overlay } from './overlay.js';
import type { Space } from './space.js';

/** Sends what one namespace has pending, in the order of the keys; returns the writes sent. */
async function flushSpace({ stub }: Overlay, space: Space): Promise<number> {
    const { collection, writes, metadata } = space;
    for (const key of space.sortedKeys()) {
        const entry = writes.get(key);
        if (entry?.value != null) {
            await (collection === ''
                ? stub.putState(key, entry.value)
                : stub.putPrivateData(collection, key, entry.value));
        } else if (collection === '') await stub.deleteState(key);
        else if (entry?.purge === true) await stub.purgePrivateData(collection, key);
        else await stub.deletePrivateData(collection, key);
    }
    const labelled = [...metadata].sort(([a], [b]) => compareKeys(a, b));
    for (const [key, value] of labelled) {
        // A deleted key has no endorsement policy any more.
        if (writes.get(key)?.value === null) continue;
        await (collection === ''
            ? stub.setStateValidationParameter(key, value)
            : stub.setPrivateDataValidationParameter(collection, key, value));
    }
    return writes.size;
}

/**
 * Sends everything pending to the peer, once: public state first, then the private collections by
 * name, each in the order of its keys, so that every endorser sends the same messages.
 */
export async function flushOverlay(overlay: Overlay): Promise<void> {
    overlay.flushed = true;
    const spaces = [...overlay.spaces.values()].sort((a, b) =>
        compareKeys(a.collection, b.collection),
    );
    for (const space of spaces) overlay.counts.writes += await flushSpace(overlay, space);
    const event = aggregateEvents(overlay.events);
    if (event !== undefined) overlay.stub.setEvent(event.name, event.payload);
}
