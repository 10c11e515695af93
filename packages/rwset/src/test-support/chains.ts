import fc from 'fast-check';
import { MemoryState } from '../memory-state.js';
import { summarizeRange } from '../merkle.js';
import type { RangeQuery, TxReadWriteSet } from '../model.js';
import { ReadWriteSetBuilder } from '../read-write-set-builder.js';
import { hashKey } from '../sha256.js';

// Keys whose UTF-16 and UTF-8 orders differ are among them.
const key = fc.constantFrom('a', 'b', 'ba', 'c', '\ue000', '\u{10000}', '\u{10ffff}', 'ü', '');
const step = fc.oneof(
    fc.record({ op: fc.constantFrom('read', 'write', 'delete', 'metadata'), key }),
    fc.record({ op: fc.constantFrom('private read', 'private write', 'private delete'), key }),
    fc.record({ op: fc.constantFrom('range', 'short range', 'summary'), key, end: key }),
);
const transaction = fc.record({
    /** On the state of how many blocks ago it is endorsed. */
    lag: fc.integer({ min: 0, max: 2 }),
    steps: fc.array(step, { maxLength: 5 }),
});
/** Blocks of transactions, each endorsed on the state of some blocks ago. */
export const chain = fc.array(fc.array(transaction, { maxLength: 6 }), {
    minLength: 1,
    maxLength: 8,
});

/** Simulates a transaction on a state, and writes down what it saw. */
export function endorse(
    steps: readonly { op: string; key: string; end?: string }[],
    state: MemoryState,
): TxReadWriteSet {
    const builder = new ReadWriteSetBuilder();
    for (const { op, key: name, end = '' } of steps) {
        const at = name === '' ? 'a' : name;
        if (op === 'read') builder.addRead('cc', at, state.get('cc', at)?.version);
        else if (op === 'write') builder.addWrite('cc', at, Buffer.from('1'));
        else if (op === 'delete') builder.addWrite('cc', at, undefined);
        else if (op === 'metadata') {
            builder.addMetadataWrite('cc', at, [{ name: 'p', value: Buffer.from('v') }]);
        } else if (op === 'private write') builder.addPrivateWrite('cc', 'x', at, Buffer.from('1'));
        else if (op === 'private delete') builder.addPrivateWrite('cc', 'x', at, undefined);
        else if (op === 'private read') {
            const version = state.getHashed('cc', 'x', hashKey(at))?.version;
            builder.addPrivateRead('cc', 'x', at, version);
        } else builder.addRangeQuery('cc', query(op, name, end, state));
    }
    return builder.build().rwset;
}

function query(op: string, startKey: string, endKey: string, state: MemoryState): RangeQuery {
    const all = [...state.range('cc', startKey, endKey)];
    const reads = all.map(({ key: name, version }) => ({ key: name, version }));
    if (op === 'short range' && reads.length > 0) {
        const some = reads.slice(0, Math.ceil(reads.length / 2));
        const last = some.at(-1)?.key ?? '';
        return { startKey, endKey: last, itrExhausted: false, ...summarizeRange(some) };
    }
    const degree = op === 'summary' ? 2 : 50;
    return { startKey, endKey, itrExhausted: true, ...summarizeRange(reads, degree) };
}

/** A state with the same public keys. */
export function copy(state: MemoryState): MemoryState {
    const twin = new MemoryState();
    for (const namespace of state.namespaces()) {
        for (const { key: name, ...value } of state.range(namespace, '', '')) {
            twin.apply([
                { namespace, collection: undefined, key: name, value, version: value.version },
            ]);
        }
    }
    return twin;
}
