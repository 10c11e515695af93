import { peer } from '@hyperledger/fabric-protos';
import { accessDenied, refusal } from '../channel/access.js';
import { decode } from '../grpc/decode.js';
import {
    definitionWrites,
    LIFECYCLE_NAMESPACE,
    type ChaincodeDefinition,
} from '../ledger/lifecycle.js';
import type { Simulation } from '../ledger/simulation.js';
import { applicationPolicy } from '../policy/channel-policies.js';
import {
    approvalCollection,
    approvalIn,
    definitionIn,
    isApproved,
    readingOf,
    writeApproval,
} from './lifecycle-state.js';
import { failure, success, type SystemCall, type SystemChaincode } from './system-chaincode.js';

const { lifecycle: lb } = peer;

/** What a call is served with: a {@link SystemCall} that has a simulation. */
interface LifecycleCall extends SystemCall {
    readonly simulation: Simulation;
}

type Operation = (argument: Uint8Array, call: LifecycleCall) => Promise<Uint8Array>;

/** The members that the requests to approve, to check and to commit have in common. */
interface DefinitionArguments {
    getSequence(): number;
    getName(): string;
    getVersion(): string;
    getEndorsementPlugin(): string;
    getValidationPlugin(): string;
    getValidationParameter_asU8(): Uint8Array;
    getCollections(): peer.CollectionConfigPackage | undefined;
    getInitRequired(): boolean;
}

function definitionFrom(given: DefinitionArguments): ChaincodeDefinition {
    const endorsementInfo = new lb.ChaincodeEndorsementInfo();
    endorsementInfo.setVersion(given.getVersion());
    endorsementInfo.setInitRequired(given.getInitRequired());
    endorsementInfo.setEndorsementPlugin(given.getEndorsementPlugin() || 'escc');
    const validationInfo = new lb.ChaincodeValidationInfo();
    validationInfo.setValidationPlugin(given.getValidationPlugin() || 'vscc');
    const parameter = given.getValidationParameter_asU8();
    validationInfo.setValidationParameter(parameter.length > 0 ? parameter : applicationPolicy());
    return {
        sequence: given.getSequence(),
        endorsementInfo,
        validationInfo,
        collections: given.getCollections() ?? new peer.CollectionConfigPackage(),
    };
}

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

/** As a peer does, looks whether collections of a chaincode of the old lifecycle are to be kept. */
async function readOldDefinition(given: DefinitionArguments, call: LifecycleCall): Promise<void> {
    const proposed = given.getCollections()?.getConfigList() ?? [];
    if (proposed.length === 0) return;
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

async function approvalsOf(
    chaincode: string,
    definition: ChaincodeDefinition,
    call: LifecycleCall,
): Promise<ReadonlyMap<string, boolean>> {
    const approvals = new Map<string, boolean>();
    for (const mspId of call.channel.membership.mspIds) {
        const collection = approvalCollection(mspId);
        const approved = await isApproved(
            chaincode,
            definition.sequence,
            definition,
            collection,
            call.simulation,
        );
        approvals.set(mspId, approved);
    }
    return approvals;
}

async function checkSequence(given: DefinitionArguments, call: LifecycleCall): Promise<void> {
    const current = (await definitionIn(given.getName(), call.simulation))?.sequence ?? 0;
    if (given.getSequence() === current + 1) return;
    throw new Error(
        `requested sequence is ${given.getSequence()}, but new definition must be sequence ${current + 1}`,
    );
}

async function checkReadiness(argument: Uint8Array, call: LifecycleCall): Promise<Uint8Array> {
    const given = decode(lb.CheckCommitReadinessArgs, argument, 'CheckCommitReadinessArgs');
    await checkSequence(given, call);
    const result = new lb.CheckCommitReadinessResult();
    for (const [mspId, approved] of await approvalsOf(
        given.getName(),
        definitionFrom(given),
        call,
    )) {
        result.getApprovalsMap().set(mspId, approved);
    }
    return result.serializeBinary();
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

interface DefinitionResult {
    setSequence(value: number): void;
    setVersion(value: string): void;
    setEndorsementPlugin(value: string): void;
    setValidationPlugin(value: string): void;
    setValidationParameter(value: Uint8Array): void;
    setCollections(value: peer.CollectionConfigPackage): void;
    setInitRequired(value: boolean): void;
}

function fill<T extends DefinitionResult>(result: T, definition: ChaincodeDefinition): T {
    const { endorsementInfo, validationInfo } = definition;
    result.setSequence(definition.sequence);
    result.setVersion(endorsementInfo.getVersion());
    result.setEndorsementPlugin(endorsementInfo.getEndorsementPlugin());
    result.setValidationPlugin(validationInfo.getValidationPlugin());
    result.setValidationParameter(validationInfo.getValidationParameter_asU8());
    result.setCollections(definition.collections);
    result.setInitRequired(endorsementInfo.getInitRequired());
    return result;
}

async function queryDefinition(argument: Uint8Array, call: LifecycleCall): Promise<Uint8Array> {
    const name = decode(
        lb.QueryChaincodeDefinitionArgs,
        argument,
        'QueryChaincodeDefinitionArgs',
    ).getName();
    const definition = await definitionIn(name, call.simulation);
    if (definition === undefined) throw new Error(`namespace ${name} is not defined`);
    const result = fill(new lb.QueryChaincodeDefinitionResult(), definition);
    for (const [mspId, approved] of await approvalsOf(name, definition, call)) {
        result.getApprovalsMap().set(mspId, approved);
    }
    return result.serializeBinary();
}

async function queryDefinitions(_argument: Uint8Array, call: LifecycleCall): Promise<Uint8Array> {
    const result = new lb.QueryChaincodeDefinitionsResult();
    for (const { name } of call.channel.definitions.all()) {
        const definition = await definitionIn(name, call.simulation);
        if (definition === undefined) continue;
        const entry = new lb.QueryChaincodeDefinitionsResult.ChaincodeDefinition();
        entry.setName(name);
        result.addChaincodeDefinitions(fill(entry, definition));
    }
    return result.serializeBinary();
}

async function queryApproved(argument: Uint8Array, call: LifecycleCall): Promise<Uint8Array> {
    const { QueryApprovedChaincodeDefinitionArgs: Arguments } = lb;
    const given = decode(Arguments, argument, 'QueryApprovedChaincodeDefinitionArgs');
    const name = given.getName();
    const collection = approvalCollection(call.peerMspId);
    const current = (await definitionIn(name, call.simulation))?.sequence ?? 0;
    const wanted = given.getSequence() === 0 ? [current + 1, current] : [given.getSequence()];
    for (const sequence of wanted) {
        const approval = await approvalIn(name, sequence, collection, call.simulation);
        if (approval === undefined) continue;
        const result = fill(new lb.QueryApprovedChaincodeDefinitionResult(), {
            sequence,
            ...approval.parameters,
        });
        const local = new lb.ChaincodeSource.Local();
        local.setPackageId(approval.packageId);
        const source = new lb.ChaincodeSource();
        source.setLocalPackage(local);
        result.setSource(source);
        return result.serializeBinary();
    }
    throw new Error(
        `could not fetch approved chaincode definition (name: '${name}', sequence: '${wanted.at(-1) ?? 0}') on channel '${call.channel.id}'`,
    );
}

const operations: Readonly<Record<string, Operation>> = {
    ApproveChaincodeDefinitionForMyOrg: approve,
    CheckCommitReadiness: checkReadiness,
    CommitChaincodeDefinition: commit,
    QueryChaincodeDefinition: queryDefinition,
    QueryChaincodeDefinitions: queryDefinitions,
    QueryApprovedChaincodeDefinition: queryApproved,
};

async function invoke(call: SystemCall): Promise<peer.Response> {
    const [first, argument = new Uint8Array(), ...more] = call.args;
    if (first === undefined) return failure('lifecycle scc must be invoked with arguments');
    if (call.args.length !== 2) {
        return failure(
            `lifecycle scc operations require exactly two arguments but received ${more.length + 1}`,
        );
    }
    const name = Buffer.from(first).toString();
    const why = refusal(call.channel, 'Writers', [call.creator]);
    if (why !== undefined) {
        const denied = accessDenied(call.channel.id, 'Writers', why);
        return failure(`Failed to authorize invocation due to failed ACL check: ${denied}`);
    }
    const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
    if (operation === undefined) {
        return failure(
            `failed to invoke backing implementation of '${name}': receiver lacks method`,
        );
    }
    const { simulation } = call;
    if (simulation === undefined) return failure('no ledger context');
    try {
        return success(await operation(argument, { ...call, simulation }));
    } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        return failure(`failed to invoke backing implementation of '${name}': ${why}`);
    }
}

/** The chaincode by which a channel's organisations agree on its chaincodes. */
export const lifecycle: SystemChaincode = { simulates: true, invoke };
