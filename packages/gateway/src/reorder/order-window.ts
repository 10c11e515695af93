import { orderTransactions, type TxReadWriteSet } from '@goodput/rwset';

/** Leave to submit, or none. */
export type Turn =
    | {
          readonly go: true;
          /** Resolves when every reader of what this one writes is with the orderer. */
          readonly after: Promise<unknown>;
          /** To be called when this one is with the orderer, or will not be. */
          readonly acknowledged: () => void;
      }
    | { readonly go: false };

interface Entry {
    readonly rwset: TxReadWriteSet;
    readonly resolve: (turn: Turn) => void;
}

/** Bounds of a window. */
export interface WindowBounds {
    /** Transactions. */
    readonly size: number;
    /** Wait for company, in milliseconds. */
    readonly ms: number;
}

interface Access {
    readonly reads: readonly string[];
    readonly writes: readonly string[];
    /** Namespaces scanned by range: any write there may concern it. */
    readonly scans: readonly string[];
}

function accessOf({ namespaces }: TxReadWriteSet): Access {
    const reads: string[] = [];
    const writes: string[] = [];
    const scans: string[] = [];
    for (const { namespace, reads: read, writes: written, rangeQueries } of namespaces) {
        for (const { key } of read) reads.push(`${namespace}\u0000${key}`);
        for (const { key } of written) writes.push(`${namespace}\u0000${key}`);
        if (rangeQueries.length > 0) scans.push(namespace);
    }
    return { reads, writes, scans };
}

function namespaceOf(name: string): string {
    return name.slice(0, name.indexOf('\u0000'));
}

/**
 * Gathers endorsed transactions for a moment and gives them their turns: readers of a key before its
 * writers, each writer only after its readers are acknowledged, and no turn for those that no order
 * could save.
 */
export class OrderWindow {
    readonly #bounds: WindowBounds;
    #entries: Entry[] = [];
    #timer: NodeJS.Timeout | undefined;

    constructor(bounds: WindowBounds) {
        this.#bounds = bounds;
    }

    join(rwset: TxReadWriteSet): Promise<Turn> {
        const turn = new Promise<Turn>((resolve) => {
            this.#entries.push({ rwset, resolve });
        });
        if (this.#entries.length >= this.#bounds.size) this.close();
        else {
            this.#timer ??= setTimeout(() => {
                this.close();
            }, this.#bounds.ms);
        }
        return turn;
    }

    /** Gives everybody in it a turn, or none. */
    close(): void {
        clearTimeout(this.#timer);
        this.#timer = undefined;
        const entries = this.#entries;
        this.#entries = [];
        const { order, victims } = orderTransactions(entries.map(({ rwset }) => rwset));
        const readers = new Map<string, Promise<void>[]>();
        for (const index of order) {
            const entry = entries[index];
            if (entry !== undefined) giveTurn(entry, readers);
        }
        // Last, so that they find under way what they have lost to.
        for (const { index } of victims) entries[index]?.resolve({ go: false });
    }
}

function giveTurn({ rwset, resolve }: Entry, readers: Map<string, Promise<void>[]>): void {
    const { reads, writes, scans } = accessOf(rwset);
    const before = new Set<Promise<void>>();
    for (const name of writes) {
        for (const reader of readers.get(name) ?? []) before.add(reader);
        for (const scanner of readers.get(namespaceOf(name)) ?? []) before.add(scanner);
    }
    let acknowledged: () => void = () => undefined;
    const acknowledgement = new Promise<void>((done) => {
        acknowledged = done;
    });
    for (const name of [...reads, ...scans]) {
        const list = readers.get(name);
        if (list === undefined) readers.set(name, [acknowledgement]);
        else list.push(acknowledgement);
    }
    resolve({ go: true, after: Promise.all(before), acknowledged });
}
