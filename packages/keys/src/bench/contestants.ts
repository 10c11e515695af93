import { createHash } from 'node:crypto';
import bytewise from 'bytewise';
import charwise from 'charwise';
import { ChaincodeStub } from 'fabric-shim';
import * as fdbTuple from 'fdb-tuple';
import { defineKey, enumOf, part, string, timestamp, txId } from '../index.js';

/** The four parts every contestant writes. */
export interface Row {
    readonly patient: string;
    readonly code: 'heart-rate' | 'spo2' | 'temperature';
    readonly at: number;
    readonly tx: string;
}

/** A way of writing a row as one key and reading it back. */
export interface Contestant {
    readonly name: string;
    readonly encode: (row: Row) => string | Uint8Array;
    readonly decode: (key: string | Uint8Array) => unknown;
    /** Whether equal order is promised, which the report checks. */
    readonly ordered: boolean;
}

const parts = [
    part('patient', string()),
    part('code', enumOf('heart-rate', 'spo2', 'temperature')),
    part('at', timestamp()),
    part('tx', txId()),
] as const;
const ordered = defineKey({ name: 'vital', layout: 'ordered', parts });
const composite = defineKey({ name: 'vital', layout: 'composite', parts });

// Only the two methods that need no peer are used.
const stub = ChaincodeStub.prototype as unknown as {
    createCompositeKey(objectType: string, attributes: string[]): string;
    splitCompositeKey(key: string): { objectType: string; attributes: string[] };
};

const listOf = ({ patient, code, at, tx }: Row): unknown[] => [patient, code, at, tx];

export const ours: Contestant = {
    name: 'goodput ordered',
    encode: (row) => ordered.build(row),
    decode: (key) => ordered.parse(key as string),
    ordered: true,
};

export const oursComposite: Contestant = {
    name: 'goodput composite',
    encode: (row) => composite.build(row),
    decode: (key) => composite.parse(key as string),
    ordered: true,
};

export const libraries: readonly Contestant[] = [
    {
        name: 'charwise',
        encode: (row) => charwise.encode(listOf(row)),
        decode: (key) => charwise.decode(key as string),
        ordered: true,
    },
    {
        name: 'bytewise',
        encode: (row) => bytewise.encode(listOf(row)),
        decode: (key) => bytewise.decode(key as Buffer),
        ordered: true,
    },
    {
        name: 'fdb-tuple',
        encode: (row) => fdbTuple.pack(listOf(row) as fdbTuple.TupleItem[]),
        decode: (key) => fdbTuple.unpack(key as Buffer),
        ordered: true,
    },
];

/** Joins attributes that are text already, and checks nothing but that they are not empty. */
export const stubJoin: Contestant = {
    name: 'stub.createCompositeKey',
    encode: ({ patient, code, at, tx }) =>
        stub.createCompositeKey('vital', [patient, code, String(at), tx]),
    decode: (key) => stub.splitCompositeKey(key as string).attributes,
    ordered: false,
};

/** Rows like a ward's: many patients, few codes, neighbouring times, a transaction each. */
export function makeRows(count: number): Row[] {
    const codes = ['heart-rate', 'spo2', 'temperature'] as const;
    return Array.from({ length: count }, (_, n) => ({
        patient: `patient-${String((n * 7919) % 100_000).padStart(6, '0')}`,
        code: codes[n % 3] ?? 'spo2',
        at: 1_795_201_561_123 + n * 1009,
        tx: createHash('sha256').update(String(n)).digest('hex'),
    }));
}
