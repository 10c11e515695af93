import { peer } from '@hyperledger/fabric-protos';

import { DevnetError } from '../errors.js';

/** The namespace in which a channel keeps the definitions of its chaincodes. */
export const LIFECYCLE_NAMESPACE = '_lifecycle';

/** A chaincode as its channel has agreed on it. */
export interface ChaincodeDefinition {
    readonly sequence: number;
    readonly endorsementInfo: peer.lifecycle.ChaincodeEndorsementInfo;
    readonly validationInfo: peer.lifecycle.ChaincodeValidationInfo;
    readonly collections: peer.CollectionConfigPackage;
}

/** Reads one key of the lifecycle namespace. */
export type ReadLifecycleKey = (key: string) => Uint8Array | undefined;

/** The four fields, in the order a peer stores and lists them. */
const FIELDS = ['Sequence', 'EndorsementInfo', 'ValidationInfo', 'Collections'] as const;
const DATATYPE = 'ChaincodeDefinition';

/** The key that every endorsement of a chaincode reads. */
export function sequenceKey(chaincode: string): string {
    return fieldKey(chaincode, 'Sequence');
}

function fieldKey(chaincode: string, field: string): string {
    return `namespaces/fields/${chaincode}/${field}`;
}

function metadataKey(chaincode: string): string {
    return `namespaces/metadata/${chaincode}`;
}

/**
 * The definition of a chaincode, read key by key as a peer reads it, so that the same keys enter the
 * read set; undefined if the channel has none.
 */
export function readDefinition(
    chaincode: string,
    read: ReadLifecycleKey,
): ChaincodeDefinition | undefined {
    const stored = read(metadataKey(chaincode));
    if (!stored) return undefined;
    const { datatype, fieldsList } =
        peer.lifecycle.StateMetadata.deserializeBinary(stored).toObject();
    if (datatype !== DATATYPE) {
        throw new DevnetError('DEVNET_SIMULATION_REFUSED', `not a chaincode type: ${datatype}`);
    }
    const field = (name: (typeof FIELDS)[number]) =>
        peer.lifecycle.StateData.deserializeBinary(
            (fieldsList.includes(name) ? read(fieldKey(chaincode, name)) : undefined) ??
                new Uint8Array(),
        );
    return {
        sequence: field('Sequence').getInt64(),
        endorsementInfo: peer.lifecycle.ChaincodeEndorsementInfo.deserializeBinary(
            field('EndorsementInfo').getBytes_asU8(),
        ),
        validationInfo: peer.lifecycle.ChaincodeValidationInfo.deserializeBinary(
            field('ValidationInfo').getBytes_asU8(),
        ),
        collections: peer.CollectionConfigPackage.deserializeBinary(
            field('Collections').getBytes_asU8(),
        ),
    };
}

/**
 * What committing a definition writes to the lifecycle namespace, by key. As on a peer, a field whose
 * bytes stay the same is not written again; `read` says what is there already.
 */
export function definitionWrites(
    chaincode: string,
    definition: ChaincodeDefinition,
    read: ReadLifecycleKey,
): ReadonlyMap<string, Uint8Array> {
    const existing = read(metadataKey(chaincode));
    const fields: Record<(typeof FIELDS)[number], peer.lifecycle.StateData> = {
        Sequence: new peer.lifecycle.StateData(),
        EndorsementInfo: bytesField(definition.endorsementInfo.serializeBinary()),
        ValidationInfo: bytesField(definition.validationInfo.serializeBinary()),
        Collections: bytesField(definition.collections.serializeBinary()),
    };
    fields.Sequence.setInt64(definition.sequence);
    const writes = new Map<string, Uint8Array>();
    for (const name of FIELDS) {
        const key = fieldKey(chaincode, name);
        const bytes = fields[name].serializeBinary();
        const before = existing ? read(key) : undefined;
        if (!before || Buffer.compare(before, bytes) !== 0) writes.set(key, bytes);
    }
    if (!existing) {
        const metadata = new peer.lifecycle.StateMetadata();
        metadata.setDatatype(DATATYPE);
        metadata.setFieldsList([...FIELDS]);
        writes.set(metadataKey(chaincode), metadata.serializeBinary());
    }
    return writes;
}

function bytesField(bytes: Uint8Array): peer.lifecycle.StateData {
    const data = new peer.lifecycle.StateData();
    data.setBytes(bytes);
    return data;
}
