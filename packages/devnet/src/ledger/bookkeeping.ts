import type { Version } from '@goodput/rwset';

/**
 * Namespaces for what a ledger notes beside the state proper. No chaincode can have such a name, and
 * being part of the state they are stored, copied and rewound together with it.
 */
export const HISTORY_NAMESPACE = '\0history';
export const EXPIRY_NAMESPACE = '\0expiry';
export const PURGE_NAMESPACE = '\0purge';
export const PRIVATE_NAMESPACE = '\0private';
export const INDEX_NAMESPACE = '\0indexes';

/** Whether a namespace belongs to the ledger itself. */
export function isBookkeeping(namespace: string): boolean {
    return namespace.startsWith('\0');
}

/** A number as text that sorts like the number. */
export function ordered(number: number): string {
    return String(number).padStart(16, '0');
}

/** Under what the writes to a key are noted. The length keeps keys that contain U+0000 apart. */
export function historyPrefix(namespace: string, key: string): string {
    return `${namespace}\0${key.length}\0${key}\0`;
}

/** Under what one write to a key is noted. */
export function historyKey(namespace: string, key: string, version: Version): string {
    return historyPrefix(namespace, key) + ordered(version.blockNum) + ordered(version.txNum);
}
