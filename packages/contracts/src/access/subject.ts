import type { Caller } from '@goodput/chaincode';
import type { Subject } from '../policy/model.js';

/** The caller as policies see it: from the certificate alone. The id is {@link Caller.key}, not a name. */
export function subjectOf(caller: Caller, attributeNames: Iterable<string>): Subject {
    const attributes: Record<string, string> = Object.create(null) as Record<string, string>;
    for (const name of new Set(attributeNames)) {
        const value = caller.attribute(name);
        if (value !== undefined) attributes[name] = value;
    }
    return { id: caller.key, msp: caller.mspId, units: caller.units, attributes };
}
