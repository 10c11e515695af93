import { createHash } from 'node:crypto';
import { peer } from '@hyperledger/fabric-protos';
import {
    LIFECYCLE_NAMESPACE,
    readDefinition,
    sequenceKey,
    type ChaincodeDefinition,
} from '../ledger/lifecycle.js';
import type { Simulation } from '../ledger/simulation.js';

const { StateData, StateMetadata } = peer.lifecycle;

/** What an organisation approves: a definition without its sequence number, which is in the key. */
export type ChaincodeParameters = Omit<ChaincodeDefinition, 'sequence'>;

const PUBLIC_FIELDS = ['Sequence', 'EndorsementInfo', 'ValidationInfo', 'Collections'];

/** The collection in which an organisation keeps what it approved. */
export function approvalCollection(mspId: string): string {
    return `_implicit_org_${mspId}`;
}

/** A way to read committed keys of the lifecycle namespace, with all a definition has read before. */
export async function readingOf(
    chaincode: string,
    simulation: Simulation,
): Promise<(key: string) => Uint8Array | undefined> {
    const known = new Map<string, Uint8Array | undefined>();
    const fetch = async (key: string): Promise<void> => {
        known.set(key, await simulation.getState(LIFECYCLE_NAMESPACE, key));
    };
    await fetch(sequenceKey(chaincode));
    const metadata = `namespaces/metadata/${chaincode}`;
    await fetch(metadata);
    if (known.get(metadata) !== undefined) {
        for (const field of PUBLIC_FIELDS) await fetch(`namespaces/fields/${chaincode}/${field}`);
    }
    return (key) => known.get(key);
}

/** The definition a simulation finds, if there is one. */
export async function definitionIn(
    chaincode: string,
    simulation: Simulation,
): Promise<ChaincodeDefinition | undefined> {
    return readDefinition(chaincode, await readingOf(chaincode, simulation));
}

function bytesField(bytes: Uint8Array): Uint8Array {
    const data = new StateData();
    data.setBytes(bytes);
    return data.serializeBinary();
}

function textField(text: string): Uint8Array {
    const data = new StateData();
    data.setString(text);
    return data.serializeBinary();
}

function metadataOf(datatype: string, fields: readonly string[]): Uint8Array {
    const metadata = new StateMetadata();
    metadata.setDatatype(datatype);
    metadata.setFieldsList([...fields]);
    return metadata.serializeBinary();
}

function approvalName(chaincode: string, sequence: number): string {
    return `${chaincode}#${sequence}`;
}

/** The keys and values by which an organisation's approval of parameters is known. */
function parameterEntries(
    chaincode: string,
    sequence: number,
    parameters: ChaincodeParameters,
): ReadonlyMap<string, Uint8Array> {
    const name = approvalName(chaincode, sequence);
    const fields = {
        EndorsementInfo: bytesField(parameters.endorsementInfo.serializeBinary()),
        ValidationInfo: bytesField(parameters.validationInfo.serializeBinary()),
        Collections: bytesField(parameters.collections.serializeBinary()),
    };
    return new Map([
        [`namespaces/metadata/${name}`, metadataOf('ChaincodeParameters', Object.keys(fields))],
        ...Object.entries(fields).map(
            ([field, value]) => [`namespaces/fields/${name}/${field}`, value] as const,
        ),
    ]);
}

function sourceEntries(
    chaincode: string,
    sequence: number,
    packageId: string,
): ReadonlyMap<string, Uint8Array> {
    const name = approvalName(chaincode, sequence);
    return new Map([
        [`chaincode-sources/metadata/${name}`, metadataOf('ChaincodeLocalPackage', ['PackageID'])],
        [`chaincode-sources/fields/${name}/PackageID`, textField(packageId)],
    ]);
}

/** An approval, as an organisation gives it. */
export interface Approval {
    readonly chaincode: string;
    readonly sequence: number;
    readonly parameters: ChaincodeParameters;
    readonly packageId: string;
}

/** Writes an organisation's approval; false if that is what it had approved already. */
export async function writeApproval(
    { chaincode, sequence, parameters, packageId }: Approval,
    collection: string,
    simulation: Simulation,
): Promise<boolean> {
    let changed = false;
    const groups = [
        parameterEntries(chaincode, sequence, parameters),
        sourceEntries(chaincode, sequence, packageId),
    ];
    for (const entries of groups) {
        const [[metadataKey] = ['']] = entries;
        const existing = await simulation.getPrivate(LIFECYCLE_NAMESPACE, collection, metadataKey);
        for (const [key, value] of entries) {
            const before =
                existing === undefined || key === metadataKey
                    ? existing
                    : await simulation.getPrivate(LIFECYCLE_NAMESPACE, collection, key);
            if (before !== undefined && Buffer.compare(before, value) === 0) continue;
            simulation.putPrivate(LIFECYCLE_NAMESPACE, collection, key, value);
            changed = true;
        }
    }
    return changed;
}

/** Whether the organisation whose collection it is has approved just that; every peer can tell. */
export async function isApproved(
    chaincode: string,
    sequence: number,
    parameters: ChaincodeParameters,
    collection: string,
    simulation: Simulation,
): Promise<boolean> {
    for (const [key, value] of parameterEntries(chaincode, sequence, parameters)) {
        const hash = await simulation.getPrivateHash(LIFECYCLE_NAMESPACE, collection, key);
        const expected = createHash('sha256').update(value).digest();
        if (hash === undefined || !expected.equals(hash)) return false;
    }
    return true;
}

/** What the organisation whose collection it is has approved under that number. */
export async function approvalIn(
    chaincode: string,
    sequence: number,
    collection: string,
    simulation: Simulation,
): Promise<Approval | undefined> {
    const name = approvalName(chaincode, sequence);
    const read = async (key: string): Promise<peer.lifecycle.StateData | undefined> => {
        const bytes = await simulation.getPrivate(LIFECYCLE_NAMESPACE, collection, key);
        return bytes === undefined ? undefined : StateData.deserializeBinary(bytes);
    };
    const field = async (of: string): Promise<Uint8Array> =>
        (await read(`namespaces/fields/${name}/${of}`))?.getBytes_asU8() ?? new Uint8Array();
    const metadata = `namespaces/metadata/${name}`;
    if ((await simulation.getPrivate(LIFECYCLE_NAMESPACE, collection, metadata)) === undefined) {
        return undefined;
    }
    const { ChaincodeEndorsementInfo, ChaincodeValidationInfo } = peer.lifecycle;
    const packageId = await read(`chaincode-sources/fields/${name}/PackageID`);
    return {
        chaincode,
        sequence,
        parameters: {
            endorsementInfo: ChaincodeEndorsementInfo.deserializeBinary(
                await field('EndorsementInfo'),
            ),
            validationInfo: ChaincodeValidationInfo.deserializeBinary(
                await field('ValidationInfo'),
            ),
            collections: peer.CollectionConfigPackage.deserializeBinary(await field('Collections')),
        },
        packageId: packageId?.getString() ?? '',
    };
}
