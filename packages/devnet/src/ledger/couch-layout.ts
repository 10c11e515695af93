import { createHash } from 'node:crypto';

import type { JsonObject } from '@goodput/couchdb';
import { encodeMetadata } from '@goodput/rwset';
import type { Version, VersionedValue } from '@goodput/rwset';
import { BinaryReader, BinaryWriter } from 'google-protobuf';

import { encodeHeight } from './commit-hash.js';
import { documentOf } from './couch-rules.js';
import { isHashedNamespace } from './namespaces.js';

/** Names longer than this are cut and made unique by a hash. */
const MAX_LENGTH = 238;
const CUT_LENGTH = 50;

/** The database in which a peer notes how far it has come, and which databases a channel has. */
export function metadataDatabase(channel: string): string {
    if (channel.length <= MAX_LENGTH) return mapped(`${channel}_`);
    return mapped(`${channel.slice(0, CUT_LENGTH)}(${sha256Hex(channel)})_`);
}

/** The database of a namespace. */
export function namespaceDatabase(channel: string, namespace: string): string {
    const escaped = namespace.replace(/[A-Z]/g, (letter) => `$${letter.toLowerCase()}`);
    const name = `${channel}_${escaped}`;
    if (name.length <= MAX_LENGTH) return mapped(name);
    const parts = escaped.split('$$').map((part) => part.slice(0, CUT_LENGTH));
    const hash = sha256Hex(`${channel}_${namespace}`);
    return mapped(`${channel.slice(0, CUT_LENGTH)}_${parts.join('$$')}(${hash})`);
}

/** CouchDB has no full stops in names of databases. */
function mapped(name: string): string {
    return name.replaceAll('.', '$');
}

function sha256Hex(text: string): string {
    return createHash('sha256').update(text).digest('hex');
}

/** The id of a key's document. Hashes of private keys go by base64. */
export function documentId(namespace: string, key: string): string {
    return isHashedNamespace(namespace) ? Buffer.from(key, 'hex').toString('base64') : key;
}

/** A value as the document that a peer makes of it. */
export function documentFor(
    id: string,
    entry: VersionedValue,
    revision: string | undefined,
): JsonObject {
    const object = documentOf(entry.value);
    return {
        ...object,
        _id: id,
        ...(revision === undefined ? {} : { _rev: revision }),
        '~version': encodeVersion(entry),
        ...(object
            ? {}
            : {
                  _attachments: {
                      valueBytes: {
                          content_type: 'application/octet-stream',
                          data: Buffer.from(entry.value).toString('base64'),
                      },
                  },
              }),
    };
}

/** Version and metadata in the form of the field `~version`. */
export function encodeVersion({ version, metadata }: VersionedValue): string {
    const writer = new BinaryWriter();
    writer.writeBytes(1, encodeHeight(version));
    if (metadata) writer.writeBytes(2, encodeMetadata(metadata));
    return writer.getResultBase64String();
}

/** The version out of the field `~version`. */
export function decodeVersion(text: string): Version {
    const reader = new BinaryReader(Buffer.from(text, 'base64'));
    let height: Uint8Array = new Uint8Array();
    while (reader.nextField()) {
        if (reader.getFieldNumber() === 1) height = reader.readBytes();
        else reader.skipField();
    }
    const blockLength = height[0] ?? 0;
    return {
        blockNum: bigEndian(height.subarray(1, 1 + blockLength)),
        txNum: bigEndian(height.subarray(2 + blockLength)),
    };
}

function bigEndian(bytes: Uint8Array): number {
    return bytes.reduce((number, byte) => number * 256 + byte, 0);
}
