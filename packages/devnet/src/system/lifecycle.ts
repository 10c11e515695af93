import type { peer } from '@hyperledger/fabric-protos';
import { accessDenied, refusal } from '../channel/access.js';
import { changes } from './lifecycle-changes.js';
import { peerOperations } from './lifecycle-installed.js';
import { NotFound, type ChannelOperation } from './lifecycle-operation.js';
import { queries } from './lifecycle-queries.js';
import { localRefusal } from './local-access.js';
import {
    failure,
    notFound,
    success,
    type SystemCall,
    type SystemChaincode,
} from './system-chaincode.js';

const channelOperations: Readonly<Record<string, ChannelOperation>> = { ...changes, ...queries };

/** What concerns an organisation alone is for its administrators; the rest is for the channel's writers. */
const FOR_ADMINS = new Set([
    ...Object.keys(peerOperations),
    'ApproveChaincodeDefinitionForMyOrg',
    'QueryApprovedChaincodeDefinition',
    'QueryApprovedChaincodeDefinitions',
]);

function find<T>(operations: Readonly<Record<string, T>>, name: string): T | undefined {
    return Object.hasOwn(operations, name) ? operations[name] : undefined;
}

function whyNot(name: string, call: SystemCall): string | undefined {
    if (FOR_ADMINS.has(name)) return localRefusal(call, 'Admins');
    if (find(channelOperations, name) === undefined)
        return `Unmapped policy for _lifecycle/${name}`;
    const { channel, creator } = call;
    if (channel === undefined) {
        const policy = '/Channel/Application/Writers';
        return `Failed getting local MSP principal during channelless check policy with policy [${policy}]: [MSP Principal role [${policy}] not recognized]`;
    }
    const why = refusal(channel, 'Writers', [creator]);
    return why === undefined ? undefined : accessDenied(channel.id, 'Writers', why);
}

async function perform(name: string, argument: Uint8Array, call: SystemCall): Promise<Uint8Array> {
    const ofPeer = find(peerOperations, name);
    if (ofPeer !== undefined) return ofPeer(argument, call);
    const ofChannel = find(channelOperations, name);
    const { channel, simulation } = call;
    if (ofChannel === undefined || channel === undefined || simulation === undefined) {
        throw new Error('it is about the definitions of a channel, and no channel is named');
    }
    return ofChannel(argument, { ...call, channel, simulation });
}

async function invoke(call: SystemCall): Promise<peer.Response> {
    const [first, argument = new Uint8Array()] = call.args;
    if (first === undefined) return failure('lifecycle scc must be invoked with arguments');
    if (call.args.length !== 2) {
        return failure(
            `lifecycle scc operations require exactly two arguments but received ${call.args.length}`,
        );
    }
    const name = Buffer.from(first).toString();
    const why = whyNot(name, call);
    if (why !== undefined) {
        return failure(`Failed to authorize invocation due to failed ACL check: ${why}`);
    }
    try {
        return success(await perform(name, argument, call));
    } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        if (error instanceof NotFound) return notFound(message);
        return failure(`failed to invoke backing implementation of '${name}': ${message}`);
    }
}

/** The chaincode by which a channel's organisations agree on its chaincodes. */
export const lifecycle: SystemChaincode = { simulates: true, invoke };
