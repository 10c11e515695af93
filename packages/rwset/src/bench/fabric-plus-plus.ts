import type { AccessSet } from '../access.js';
import { stronglyConnected } from '../components.js';

/**
 * Without a bound, the number of cycles is exponential and enumeration does not come back. So many are
 * looked at from each transaction, and so many in all, before victims are chosen and it begins anew.
 */
const CYCLES_PER_START = 20;
const CYCLES_IN_ALL = 20_000;

/**
 * Reordering as Fabric++ does it, after its paper: a graph with an edge for every conflicting pair,
 * its strongly connected components, all their elementary cycles by Johnson's algorithm, and then the
 * transaction on most cycles is dropped until none is left. Cycles are enumerated up to a cap, and
 * anew for what then still has cycles.
 */
export function fabricPlusPlus(accesses: readonly AccessSet[]): number[] {
    const edges = pairwise(accesses);
    const isAlive = new Uint8Array(accesses.length).fill(1);
    for (;;) {
        const components = cyclicComponents(edges, isAlive);
        if (components.length === 0) return inOrder(edges, isAlive);
        for (const members of components) {
            const cycles = johnson(edges, members);
            for (const tx of coverGreedily(cycles)) isAlive[tx] = 0;
        }
    }
}

/** Transactions that are on every cycle together: always the one on most that are left. */
function coverGreedily(cycles: readonly (readonly number[])[]): number[] {
    const through = new Map<number, number[]>();
    for (const [i, cycle] of cycles.entries()) {
        for (const tx of cycle) {
            const list = through.get(tx);
            if (list === undefined) through.set(tx, [i]);
            else list.push(i);
        }
    }
    const count = new Map([...through].map(([tx, list]) => [tx, list.length]));
    const isOpen = new Uint8Array(cycles.length).fill(1);
    const chosen: number[] = [];
    for (let left = cycles.length; left > 0;) {
        let worst = -1;
        for (const [tx, n] of count) {
            const most = count.get(worst) ?? 0;
            if (n > most || (n === most && tx < worst)) worst = tx;
        }
        chosen.push(worst);
        for (const i of through.get(worst)!) {
            if (isOpen[i] === 0) continue;
            isOpen[i] = 0;
            left--;
            for (const tx of cycles[i]!) count.set(tx, count.get(tx)! - 1);
        }
    }
    return chosen;
}

/** By transaction, those that write what it reads: it has to come before them. */
function pairwise(accesses: readonly AccessSet[]): number[][] {
    const writers = new Map<string, number[]>();
    for (const [tx, { writes }] of accesses.entries()) {
        for (const key of new Set(writes)) {
            const list = writers.get(key);
            if (list === undefined) writers.set(key, [tx]);
            else list.push(tx);
        }
    }
    return accesses.map(({ reads }, tx) => [
        ...new Set(reads.flatMap((key) => writers.get(key) ?? []).filter((each) => each !== tx)),
    ]);
}

function cyclicComponents(edges: readonly number[][], isAlive: Uint8Array): number[][] {
    const offsets = new Int32Array(edges.length + 1);
    const targets: number[] = [];
    for (const [tx, list] of edges.entries()) {
        if (isAlive[tx] === 1) targets.push(...list.filter((each) => isAlive[each] === 1));
        offsets[tx + 1] = targets.length;
    }
    const { of } = stronglyConnected({ offsets, targets: Int32Array.from(targets) });
    const members = new Map<number, number[]>();
    for (const [tx, component] of of.entries()) {
        if (isAlive[tx] === 1) members.set(component, [...(members.get(component) ?? []), tx]);
    }
    return [...members.values()].filter((list) => list.length > 1);
}

/** Johnson's elementary cycles within a component, up to the cap. Its recursion is a stack here. */
function johnson(edges: readonly number[][], members: readonly number[]): number[][] {
    const cycles: number[][] = [];
    const inside = new Set(members);
    for (const start of members) {
        const blocked = new Set<number>([start]);
        const waiting = new Map<number, Set<number>>();
        const unblock = (first: number): void => {
            const list = [first];
            for (let tx = list.pop(); tx !== undefined; tx = list.pop()) {
                if (!blocked.delete(tx)) continue;
                list.push(...(waiting.get(tx) ?? []));
                waiting.delete(tx);
            }
        };
        const path = [start];
        const next = [edges[start]!.filter((tx) => inside.has(tx))];
        const found = [false];
        const enough = Math.min(CYCLES_IN_ALL, cycles.length + CYCLES_PER_START);
        while (path.length > 0) {
            const tx = path.at(-1)!;
            const target = next.at(-1)!.pop();
            if (target === start) {
                cycles.push([...path]);
                if (cycles.length >= enough) break;
                found[found.length - 1] = true;
            } else if (target !== undefined) {
                if (blocked.has(target)) continue;
                blocked.add(target);
                path.push(target);
                next.push(edges[target]!.filter((each) => inside.has(each)));
                found.push(false);
            } else {
                path.pop();
                next.pop();
                const isOnCycle = found.pop()!;
                if (isOnCycle) {
                    unblock(tx);
                    if (found.length > 0) found[found.length - 1] = true;
                } else {
                    for (const each of edges[tx]!) {
                        if (!inside.has(each)) continue;
                        waiting.set(each, (waiting.get(each) ?? new Set()).add(tx));
                    }
                }
            }
        }
        if (cycles.length >= CYCLES_IN_ALL) break;
        inside.delete(start);
    }
    return cycles;
}

/** The survivors, readers before writers. */
function inOrder(edges: readonly number[][], isAlive: Uint8Array): number[] {
    const open = new Int32Array(edges.length);
    for (const [tx, list] of edges.entries()) {
        if (isAlive[tx] === 1) for (const each of list) open[each]!++;
    }
    const order = edges.map((_, tx) => tx).filter((tx) => isAlive[tx] === 1 && open[tx] === 0);
    for (const tx of order) {
        for (const each of edges[tx]!) {
            open[each]!--;
            if (open[each] === 0 && isAlive[each] === 1) order.push(each);
        }
    }
    return order;
}
