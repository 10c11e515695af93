import { createHash } from 'node:crypto';

import { compareKeys } from '@goodput/rwset';
import type { StateUpdate, Version } from '@goodput/rwset';
import { BinaryWriter } from 'google-protobuf';

/**
 * The next link of the chain of commit hashes by which peers find out that their states have
 * diverged: over the verdicts, the public and hashed updates, and the link before.
 */
export function commitHash(
    codes: Uint8Array,
    updates: readonly StateUpdate[],
    previous: Uint8Array,
): Uint8Array {
    return createHash('sha256')
        .update(varint(codes.length))
        .update(codes)
        .update(encodeUpdates(updates))
        .update(previous)
        .digest();
}

/** Public keys of a namespace first, then its collections; each named only where it begins. */
function encodeUpdates(updates: readonly StateUpdate[]): Uint8Array {
    const writer = new BinaryWriter();
    let namespace: string | undefined;
    let collection = '';
    for (const update of [...updates].sort(inOrder)) {
        const newNamespace = update.namespace !== namespace;
        if (newNamespace) collection = '';
        const newCollection = (update.collection ?? '') !== collection;
        namespace = update.namespace;
        collection = update.collection ?? '';
        writer.writeMessage(1, update, () => {
            if (newNamespace) writer.writeString(1, update.namespace);
            if (newCollection) writer.writeString(2, collection);
            const key = update.collection === undefined ? 'utf8' : 'hex';
            writer.writeBytes(3, Buffer.from(update.key, key));
            if (!update.value) writer.writeBool(4, true);
            else writer.writeBytes(5, update.value.value);
            writer.writeBytes(6, encodeHeight(update.version));
        });
    }
    return writer.getResultBuffer();
}

function inOrder(left: StateUpdate, right: StateUpdate): number {
    return (
        compareKeys(left.namespace, right.namespace) ||
        compareKeys(left.collection ?? '', right.collection ?? '') ||
        compareKeys(left.key, right.key)
    );
}

/** Block and transaction number, each as its length and its bytes without leading zeros. */
export function encodeHeight(version: Version): Uint8Array {
    return Buffer.concat([shortest(version.blockNum), shortest(version.txNum)]);
}

function shortest(number: number): Uint8Array {
    const bytes: number[] = [];
    for (let rest = number; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
    return Uint8Array.of(bytes.length, ...bytes);
}

function varint(number: number): Uint8Array {
    const bytes: number[] = [];
    let rest = number;
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
    bytes.push(rest);
    return Uint8Array.from(bytes);
}
