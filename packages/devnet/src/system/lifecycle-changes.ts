import { peer } from '@hyperledger/fabric-protos';
import { decode } from '../grpc/decode.js';
import { definitionWrites, LIFECYCLE_NAMESPACE } from '../ledger/lifecycle.js';
import {
    approvalsOf,
    definitionFrom,
    type ChannelOperation,
    type DefinitionArguments,
    type LifecycleCall,
} from './lifecycle-operation.js';
import { approvalCollection, definitionIn, readingOf, writeApproval } from './lifecycle-state.js';

const { lifecycle: lb } = peer;

const NAME = /^[a-zA-Z0-9]+([-_][a-zA-Z0-9]+)*$/;
const VERSION = /^[A-Za-z0-9_.+-]+$/;
const COLLECTION = /^[A-Za-z0-9-]+([A-Za-z0-9_-]+)*$/;
const SYSTEM_NAMES = new Set(['cscc', 'escc', 'lscc', 'qscc', 'vscc']);

function checkNames(given: DefinitionArguments): void {
    const refuse = (why: string): never => {
        throw new Error(`error validating chaincode definition: ${why}`);
    };
    const [name, version] = [given.getName(), given.getVersion()];
    if (!NAME.test(name)) {
        refuse(
            `invalid chaincode name '${name}'. Names can only consist of alphanumerics, '_', and '-' and can only begin with alphanumerics`,
        );
    }
    if (SYSTEM_NAMES.has(name))
        refuse(`chaincode name '${name}' is the name of a system chaincode`);
    if (!VERSION.test(version)) {
        refuse(
            `invalid chaincode version '${version}'. Versions can only consist of alphanumerics, '_', '-', '+', and '.'`,
        );
    }
    for (const config of given.getCollections()?.getConfigList() ?? []) {
        const collection = config.getStaticCollectionConfig()?.getName() ?? '';
        if (COLLECTION.test(collection)) continue;
        refuse(
            `invalid collection name '${collection}'. Names can only consist of alphanumerics, '_', and '-' and cannot begin with '_'`,
        );
    }
}

/** As a peer does before the first definition, looks whether the old lifecycle had the chaincode. */
async function readOldDefinition(given: DefinitionArguments, call: LifecycleCall): Promise<void> {
    const defined = await definitionIn(given.getName(), call.simulation);
    if (defined === undefined) await call.simulation.getState('lscc', given.getName());
}

async function approve(argument: Uint8Array, call: LifecycleCall): Promise<Uint8Array> {
    const { ApproveChaincodeDefinitionForMyOrgArgs: Arguments } = lb;
    const given = decode(Arguments, argument, 'ApproveChaincodeDefinitionForMyOrgArgs');
    checkNames(given);
    await readOldDefinition(given, call);
    const name = given.getName();
    const requested = given.getSequence();
    const current = (await definitionIn(name, call.simulation))?.sequence ?? 0;
    if (requested <= 0 && current === 0) {
        throw new Error('requested sequence is 0, but first definable sequence number is 1');
    }
    if (requested < current) {
        throw new Error(
            `currently defined sequence ${current} is larger than requested sequence ${requested}`,
        );
    }
    if (requested > current + 1) {
        throw new Error(
            `requested sequence ${requested} is larger than the next available sequence number ${current + 1}`,
        );
    }
    const changed = await writeApproval(
        {
            chaincode: name,
            sequence: requested,
            parameters: definitionFrom(given),
            packageId: given.getSource()?.getLocalPackage()?.getPackageId() ?? '',
        },
        approvalCollection(call.peerMspId),
        call.simulation,
    );
    if (!changed) {
        throw new Error(
            requested === current
                ? `attempted to redefine the current committed sequence (${current}) for namespace ${name}`
                : `attempted to redefine uncommitted sequence (${requested}) for namespace ${name} with unchanged content`,
        );
    }
    return new lb.ApproveChaincodeDefinitionForMyOrgResult().serializeBinary();
}

/** Throws unless the definition is to be the next one of its chaincode. */
export async function checkSequence(
    given: DefinitionArguments,
    call: LifecycleCall,
): Promise<void> {
    const current = (await definitionIn(given.getName(), call.simulation))?.sequence ?? 0;
    if (given.getSequence() === current + 1) return;
    throw new Error(
        `requested sequence is ${given.getSequence()}, but new definition must be sequence ${current + 1}`,
    );
}

async function commit(argument: Uint8Array, call: LifecycleCall): Promise<Uint8Array> {
    const given = decode(
        lb.CommitChaincodeDefinitionArgs,
        argument,
        'CommitChaincodeDefinitionArgs',
    );
    checkNames(given);
    await readOldDefinition(given, call);
    await checkSequence(given, call);
    const name = given.getName();
    const definition = definitionFrom(given);
    const approvals = await approvalsOf(name, definition, call);
    if (approvals.get(call.peerMspId) !== true) {
        throw new Error(`chaincode definition not agreed to by this org (${call.peerMspId})`);
    }
    const read = await readingOf(name, call.simulation);
    for (const [key, value] of definitionWrites(name, definition, read)) {
        call.simulation.putState(LIFECYCLE_NAMESPACE, key, value);
    }
    return new lb.CommitChaincodeDefinitionResult().serializeBinary();
}

/** By which organisations agree on definitions: what they write is endorsed and ordered. */
export const changes: Readonly<Record<string, ChannelOperation>> = {
    ApproveChaincodeDefinitionForMyOrg: approve,
    CommitChaincodeDefinition: commit,
};
