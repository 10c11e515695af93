import type { ChaincodeStub, Iterators } from 'fabric-shim';

/** The part of Fabric's stub this package builds on: the real one, or anything shaped like it. */
export type Stub = Pick<ChaincodeStub, keyof ChaincodeStub>;

/** A row of a scan. */
export type Row = Iterators.KV;

/** What a scan of Fabric's stub resolves to. */
export type RowIterator = Iterators.StateQueryIterator;

/** What Fabric's scans return: a promise of an iterator that can also be looped over at once. */
export type Scan = Promise<RowIterator> & AsyncIterable<Row>;

/** Makes a promise of an iterator loopable, closing the iterator however the loop ends. */
export function asScan(promise: Promise<RowIterator>): Scan {
    return Object.assign(promise, {
        [Symbol.asyncIterator](): AsyncIterator<Row> {
            let iterator: RowIterator | undefined;
            return {
                async next() {
                    iterator ??= await promise;
                    const result = await iterator.next();
                    if (!result.done) return { done: false, value: result.value };
                    await iterator.close();
                    return { done: true, value: undefined };
                },
                async return() {
                    await (await promise).close();
                    return { done: true, value: undefined };
                },
            };
        },
    });
}
