import { peer } from '@hyperledger/fabric-protos';
import type { Channel } from '../channel/channel.js';
import type { ChaincodeDefinition } from '../ledger/lifecycle.js';
import type { Simulation } from '../ledger/simulation.js';
import { applicationPolicy } from '../policy/channel-policies.js';
import { approvalCollection, isApproved } from './lifecycle-state.js';
import type { SystemCall } from './system-chaincode.js';

const { lifecycle: lb } = peer;

/** What an operation on a channel's definitions is served with. */
export interface LifecycleCall extends SystemCall {
    readonly channel: Channel;
    readonly simulation: Simulation;
}

/** An operation on the definitions of a channel: from its serialized argument to its result. */
export type ChannelOperation = (argument: Uint8Array, call: LifecycleCall) => Promise<Uint8Array>;

/** What was asked for does not exist: the response's status is 404. */
export class NotFound extends Error {
    override readonly name = 'NotFound';
}

/** The members that the requests to approve, to check and to commit have in common. */
export interface DefinitionArguments {
    getSequence(): number;
    getName(): string;
    getVersion(): string;
    getEndorsementPlugin(): string;
    getValidationPlugin(): string;
    getValidationParameter_asU8(): Uint8Array;
    getCollections(): peer.CollectionConfigPackage | undefined;
    getInitRequired(): boolean;
}

/** The definition that a request is about, with a peer's defaults. */
export function definitionFrom(given: DefinitionArguments): ChaincodeDefinition {
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

/** Which organisations have approved just that definition. */
export async function approvalsOf(
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
