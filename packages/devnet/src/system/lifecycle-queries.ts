import { ledger as ledgerProtocol, peer } from '@hyperledger/fabric-protos';
import { decode } from '../grpc/decode.js';
import type { ChaincodeDefinition } from '../ledger/lifecycle.js';
import { LIFECYCLE_NAMESPACE } from '../ledger/lifecycle.js';
import {
    approvalsOf,
    definitionFrom,
    NotFound,
    type ChannelOperation,
    type LifecycleCall,
} from './lifecycle-operation.js';
import { checkSequence } from './lifecycle-changes.js';
import { approvalCollection, approvalIn, definitionIn, type Approval } from './lifecycle-state.js';

const { lifecycle: lb } = peer;

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
    if (definition === undefined) throw new NotFound(`namespace ${name} is not defined`);
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

interface ApprovalResult extends DefinitionResult {
    setSource(value: peer.lifecycle.ChaincodeSource): void;
}

function fillApproval<T extends ApprovalResult>(result: T, approval: Approval): T {
    const { sequence, parameters, packageId } = approval;
    const source = new lb.ChaincodeSource();
    if (packageId === '') {
        source.setUnavailable(new lb.ChaincodeSource.Unavailable());
    } else {
        const local = new lb.ChaincodeSource.Local();
        local.setPackageId(packageId);
        source.setLocalPackage(local);
    }
    result.setSource(source);
    return fill(result, { sequence, ...parameters });
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
        const result = fillApproval(new lb.QueryApprovedChaincodeDefinitionResult(), approval);
        return result.serializeBinary();
    }
    throw new Error(
        `could not fetch approved chaincode definition (name: '${name}', sequence: '${wanted.at(-1) ?? 0}') on channel '${call.channel.id}'`,
    );
}

/** Names and sequence numbers of what the organisation whose collection it is has approved. */
async function approvedIn(
    collection: string,
    call: LifecycleCall,
): Promise<readonly (readonly [name: string, sequence: number])[]> {
    const [prefix, end] = ['namespaces/metadata/', 'namespaces/metadata0'];
    const pages = await call.simulation.getPrivateByRange(
        LIFECYCLE_NAMESPACE,
        collection,
        prefix,
        end,
    );
    const approved: [string, number][] = [];
    for (;;) {
        const { results, hasMore } = await pages.next();
        for (const bytes of results) {
            const key = ledgerProtocol.queryresult.KV.deserializeBinary(bytes).getKey();
            const at = key.lastIndexOf('#');
            approved.push([key.slice(prefix.length, at), Number(key.slice(at + 1))]);
        }
        if (!hasMore) return approved;
    }
}

async function queryAllApproved(_argument: Uint8Array, call: LifecycleCall): Promise<Uint8Array> {
    const result = new lb.QueryApprovedChaincodeDefinitionsResult();
    const collection = approvalCollection(call.peerMspId);
    for (const [name, sequence] of await approvedIn(collection, call)) {
        const approval = await approvalIn(name, sequence, collection, call.simulation);
        if (approval === undefined) continue;
        const entry = new lb.QueryApprovedChaincodeDefinitionsResult.ApprovedChaincodeDefinition();
        entry.setName(name);
        result.addApprovedChaincodeDefinitions(fillApproval(entry, approval));
    }
    return result.serializeBinary();
}

/** What a channel's definitions, and the approvals of them, are asked with. */
export const queries: Readonly<Record<string, ChannelOperation>> = {
    CheckCommitReadiness: checkReadiness,
    QueryChaincodeDefinition: queryDefinition,
    QueryChaincodeDefinitions: queryDefinitions,
    QueryApprovedChaincodeDefinition: queryApproved,
    QueryApprovedChaincodeDefinitions: queryAllApproved,
};
