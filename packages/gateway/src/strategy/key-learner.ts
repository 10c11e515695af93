import { decodePreparedTransaction, KeyPredictor, type TxReadWriteSet } from '@goodput/rwset';
import type { DeclaredKeys } from '../lanes/key-use.js';
import type { Observer, TransactionSeen } from '../observe/observer.js';
import { NamedMap } from '../queue/named-map.js';
import type { Call } from '../transport/transport.js';

/** Confidence from which a prediction is trusted with an operation's lanes. */
const trusted = 0.7;
/** Transactions of a function that are all learnt from; later ones are sampled. */
const firstLessons = 30;
const sampleEvery = 16;

function functionOf({ contract, transaction }: Call): string {
    return contract === undefined ? transaction : `${contract}:${transaction}`;
}

function nameOf(call: Call): string {
    return `${call.chaincode}\u0000${functionOf(call)}`;
}

function writesAnything({ namespaces }: TxReadWriteSet): boolean {
    return namespaces.some((namespace) =>
        [namespace, ...namespace.collections].some(
            ({ writes, metadataWrites }) => writes.length + metadataWrites.length > 0,
        ),
    );
}

function textsOf(args: Call['args']): string[] {
    return args.map((arg) => (typeof arg === 'string' ? arg : Buffer.from(arg).toString('utf8')));
}

/** The keys of a read/write set as lanes name them: plain in the chaincode's own namespace. */
export function keysOfReadWriteSet(chaincode: string, rwset: TxReadWriteSet): DeclaredKeys {
    const reads: string[] = [];
    const writes: string[] = [];
    for (const { namespace, reads: read, writes: written, metadataWrites } of rwset.namespaces) {
        if (namespace === '_lifecycle') continue;
        const name = (key: string): string => laneName(chaincode, namespace, key);
        for (const { key } of read) reads.push(name(key));
        for (const { key } of [...written, ...metadataWrites]) writes.push(name(key));
    }
    return { reads, writes };
}

function laneName(chaincode: string, namespace: string, key: string): string {
    return namespace === chaincode ? key : `\u0000${namespace}\u0000${key}`;
}

/** Learns from endorsed transactions which keys a call will touch. */
export class KeyLearner implements Observer {
    readonly #predictor = new KeyPredictor();
    readonly #lessons = new NamedMap<number>();
    /** Whether a function was ever seen to write. */
    readonly #writes = new NamedMap<boolean>();

    /** The keys a call will touch, or undefined while too little is known of its function. */
    predict(call: Call): DeclaredKeys | undefined {
        const { chaincode, args } = call;
        const prediction = this.#predictor.predict({
            chaincode,
            functionName: functionOf(call),
            args: textsOf(args),
        });
        const { reads, writes, confidence } = prediction;
        if (confidence < trusted || reads.length + writes.length === 0) return undefined;
        const name = ({ namespace, key }: { namespace: string; key: string }): string =>
            laneName(chaincode, namespace, key);
        return { reads: reads.map(name), writes: writes.map(name) };
    }

    /** Whether its function was never seen to write, by what has been looked at. */
    onlyReads(call: Call): boolean {
        return this.#writes.get(nameOf(call)) === false;
    }

    transaction({ operations, endorsed }: TransactionSeen): void {
        const [operation] = operations;
        if (operations.length !== 1 || operation === undefined || endorsed === undefined) return;
        const { call } = operation;
        const name = nameOf(call);
        const lessons = (this.#lessons.get(name) ?? 0) + 1;
        this.#lessons.set(name, lessons);
        if (lessons > firstLessons && lessons % sampleEvery !== 0) return;
        const rwset = readWriteSetOf(endorsed.bytes);
        if (rwset === undefined) return;
        this.#writes.set(name, this.#writes.get(name) === true || writesAnything(rwset));
        const { chaincode, args } = call;
        const observed = { chaincode, functionName: functionOf(call), args: textsOf(args) };
        this.#predictor.observe(observed, rwset);
    }
}

/** What an endorsed transaction reads and writes; undefined when that cannot be read. */
export function readWriteSetOf(prepared: Uint8Array): TxReadWriteSet | undefined {
    try {
        return decodePreparedTransaction(prepared).rwset;
    } catch {
        // Nothing can be learnt from it; whether it is valid is for the peers to say.
        return undefined;
    }
}
