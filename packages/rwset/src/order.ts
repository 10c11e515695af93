import { type AccessSet, accessSetsOf } from './access.js';
import { bipartite } from './bipartite.js';
import { stronglyConnected } from './components.js';
import { ConflictGraph } from './conflict-graph.js';
import { bestVictims, EXACT_LIMIT } from './exact-order.js';
import { RwsetError } from './errors.js';
import type { TxReadWriteSet } from './model.js';
import { Peeler } from './peel.js';
import type { VersionedState } from './state.js';
import { type Bond, SurvivorOrder } from './survivor-order.js';
import { type Failure, findFailure } from './validate.js';
import { UpdateBatch } from './update-batch.js';

/** A transaction that will not survive, and why. */
export type Victim =
    | {
          readonly index: number;
          /** It reads what a survivor writes and writes what one reads: no place is left for it. */
          readonly reason: 'cycle';
          readonly bond: Bond;
      }
    | {
          readonly index: number;
          /** What it read has already changed in the state: endorse it anew. */
          readonly reason: 'stale';
          readonly failure: Failure;
      };

/** In which order to submit transactions so that the most survive. */
export interface Schedule {
    /** The survivors, by their index in what was given. Submit them in this order. */
    readonly order: readonly number[];
    /** The others, by index. Endorse them anew after the survivors are committed. */
    readonly victims: readonly Victim[];
}

/** Options of {@link orderAccesses} and {@link orderTransactions}. */
export interface OrderOptions {
    /**
     * By transaction, what its survival is worth, such as the operations in it: numbers of at least
     * 0. Default: 1 each.
     */
    readonly weights?: readonly number[];
}

/** Options of {@link orderTransactions}. */
export interface OrderTransactionsOptions extends OrderOptions {
    /** The state as last committed; transactions that are stale already are sorted out against it. */
    readonly state?: VersionedState;
}

/**
 * Orders endorsed transactions so that as many as possible survive Fabric's validation in one block
 * or in several, if nobody else interferes: readers of a key before its writers. Where that goes
 * round in circles, the fewest possible are named as victims.
 *
 * @example
 * ```ts
 * import { orderTransactions, ReadWriteSetBuilder } from '@goodput/rwset';
 *
 * const writer = new ReadWriteSetBuilder();
 * writer.addWrite('stock', 'apples', Buffer.from('11'));
 * const reader = new ReadWriteSetBuilder();
 * reader.addRead('stock', 'apples', { blockNum: 7, txNum: 0 });
 *
 * const endorsed = [writer.build().rwset, reader.build().rwset];
 * console.log(orderTransactions(endorsed).order); // => [ 1, 0 ]
 * ```
 */
export function orderTransactions(
    rwsets: readonly TxReadWriteSet[],
    { state, weights }: OrderTransactionsOptions = {},
): Schedule {
    checkWeights(weights);
    if (state === undefined) {
        return orderAccesses(accessSetsOf(rwsets), weights === undefined ? {} : { weights });
    }
    const nothing = new UpdateBatch();
    const stale: Victim[] = [];
    const fresh: number[] = [];
    for (const [index, rwset] of rwsets.entries()) {
        const failure = findFailure(rwset, state, nothing);
        if (failure === undefined) fresh.push(index);
        else stale.push({ index, reason: 'stale', failure });
    }
    const accesses = accessSetsOf(rwsets.filter((_, index) => isSorted(fresh, index)));
    const { order, victims } = orderAccesses(accesses, {
        ...(weights && { weights: fresh.map((index) => weights[index] ?? 1) }),
    });
    const original = (index: number): number => fresh[index] ?? index;
    return {
        order: order.map(original),
        victims: [
            ...stale,
            ...victims.map((victim): Victim => {
                if (victim.reason === 'stale') return victim;
                const { bond } = victim;
                return {
                    index: original(victim.index),
                    reason: 'cycle',
                    bond: {
                        ...bond,
                        writer: original(bond.writer),
                        reader: original(bond.reader),
                    },
                };
            }),
        ],
    };
}

/** Refuses weights that compare with nothing: no victim could ever be chosen by them. */
function checkWeights(weights: readonly number[] = []): void {
    const index = weights.findIndex((weight) => !(weight >= 0 && weight < Infinity));
    if (index < 0) return;
    throw new RwsetError(
        'RWSET_OPTION_INVALID',
        `weights[${index}] is ${weights[index]}; it must be a number of at least 0.`,
    );
}

/** Whether an ascending list has a number. */
function isSorted(list: readonly number[], number: number): boolean {
    let low = 0;
    let high = list.length;
    while (low < high) {
        const middle = (low + high) >>> 1;
        if ((list[middle] ?? 0) < number) low = middle + 1;
        else high = middle;
    }
    return list[low] === number;
}

/** As {@link orderTransactions}, for transactions of which only the keys are known. */
export function orderAccesses(
    accesses: readonly AccessSet[],
    { weights }: OrderOptions = {},
): Schedule {
    checkWeights(weights);
    const graph = new ConflictGraph(accesses);
    const peeled = peelOff(graph, weights);
    const arrival = inArrivalOrder(graph);
    const best = worth(peeled.order, weights) >= worth(arrival.order, weights) ? peeled : arrival;
    return { order: best.order, victims: best.victims };
}

function peelOff(graph: ConflictGraph, weights: readonly number[] | undefined): Completed {
    const peeler = new Peeler(graph);
    peeler.peel();
    const knot = peeler.alive();
    if (knot.length > 0) {
        for (const members of smallCycles(graph, knot)) {
            for (const victim of bestVictims(graph, members, weights)) peeler.sacrifice(victim);
        }
        peeler.peelGreedily(weights);
    }
    return complete(graph, peeler.order(), [...peeler.victims].reverse());
}

/** How many subsets may be looked at in all, so that many small cycles do not take long either. */
const SUBSET_BUDGET = 1 << 18;

/** The strongly connected components among some transactions that are small enough to be exact. */
function smallCycles(graph: ConflictGraph, knot: readonly number[]): number[][] {
    const { of } = stronglyConnected(bipartite(graph, knot));
    const members = new Map<number, number[]>();
    for (const [i, tx] of knot.entries()) {
        const component = of[i] ?? -1;
        const list = members.get(component);
        if (list === undefined) members.set(component, [tx]);
        else list.push(tx);
    }
    let budget = SUBSET_BUDGET;
    return [...members.values()]
        .filter((list) => list.length > 1 && list.length <= EXACT_LIMIT)
        .sort((a, b) => a.length - b.length)
        .filter((list) => (budget -= 1 << list.length) >= 0);
}

interface Completed {
    readonly order: readonly number[];
    readonly victims: readonly Victim[];
}

/** Puts back what fits in, and says of the rest what holds it out. */
function complete(
    graph: ConflictGraph,
    order: readonly number[],
    victims: readonly number[],
): Completed {
    const survivors = new SurvivorOrder(graph, order);
    const out = victims.filter((victim) => !survivors.insert(victim));
    return {
        order: survivors.order(),
        victims: out
            .sort((a, b) => a - b)
            .map((index) => ({ index, reason: 'cycle', bond: survivors.bondOf(index) })),
    };
}

/** What survives in the order given, which no schedule may fall behind. */
function inArrivalOrder(graph: ConflictGraph): Completed {
    const isWritten = new Uint8Array(graph.keys.length);
    const order: number[] = [];
    const victims: number[] = [];
    const { reads, writes } = graph;
    for (let tx = 0; tx < graph.size; tx++) {
        const read = reads.targets.subarray(reads.offsets[tx], reads.offsets[tx + 1]);
        if (read.some((key) => isWritten[key] === 1)) {
            victims.push(tx);
            continue;
        }
        order.push(tx);
        for (const key of writes.targets.subarray(writes.offsets[tx], writes.offsets[tx + 1])) {
            isWritten[key] = 1;
        }
    }
    return complete(graph, order, victims);
}

function worth(order: readonly number[], weights: readonly number[] | undefined): number {
    if (weights === undefined) return order.length;
    return order.reduce((sum, tx) => sum + (weights[tx] ?? 1), 0);
}
