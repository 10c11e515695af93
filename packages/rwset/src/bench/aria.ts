import type { AccessSet } from '../access.js';

/**
 * Aria's rule, after its paper: of a batch on one snapshot, a transaction is dropped if it writes what
 * an earlier one writes, or if it both reads what an earlier one writes and writes what an earlier
 * one reads. One pass to note the first to read and write each key, one to judge.
 */
export function aria(accesses: readonly AccessSet[]): number[] {
    const firstRead = new Map<string, number>();
    const firstWrite = new Map<string, number>();
    for (const [tx, { reads, writes }] of accesses.entries()) {
        for (const key of reads) if (!firstRead.has(key)) firstRead.set(key, tx);
        for (const key of writes) if (!firstWrite.has(key)) firstWrite.set(key, tx);
    }
    const kept: number[] = [];
    for (const [tx, { reads, writes }] of accesses.entries()) {
        const waw = writes.some((key) => firstWrite.get(key)! < tx);
        const raw = reads.some((key) => (firstWrite.get(key) ?? tx) < tx);
        const war = writes.some((key) => (firstRead.get(key) ?? tx) < tx);
        if (!waw && !(raw && war)) kept.push(tx);
    }
    return kept;
}
