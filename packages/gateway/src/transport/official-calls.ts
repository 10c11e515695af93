import { status as Grpc } from '@grpc/grpc-js';
import type { Gateway, Identity, ProposalOptions } from '@hyperledger/fabric-gateway';
import { common, gateway as protos, msp } from '@hyperledger/fabric-protos';
import { grpcFailure } from '../failure/grpc-failure.js';
import type { Call, Endorsed, TransactionStatus } from './transport.js';

/** `Date.now()` value at which a call is given up. */
export interface Deadline {
    readonly deadline: number;
}

function proposalOptions(call: Call): ProposalOptions {
    return {
        arguments: [...call.args],
        ...(call.transient && { transientData: { ...call.transient } }),
        ...(call.endorsingOrganizations && {
            endorsingOrganizations: [...call.endorsingOrganizations],
        }),
    };
}

function newProposal(
    gateway: Gateway,
    channel: string,
    call: Call,
): ReturnType<ReturnType<ReturnType<Gateway['getNetwork']>['getContract']>['newProposal']> {
    const contract = gateway.getNetwork(channel).getContract(call.chaincode, call.contract);
    return contract.newProposal(call.transaction, proposalOptions(call));
}

export async function endorseCall(
    gateway: Gateway,
    channel: string,
    call: Call,
    limit: Deadline,
): Promise<Endorsed> {
    const transaction = await newProposal(gateway, channel, call).endorse(limit);
    return {
        transactionId: transaction.getTransactionId(),
        bytes: transaction.getBytes(),
        result: transaction.getResult(),
    };
}

export function evaluateCall(
    gateway: Gateway,
    channel: string,
    call: Call,
    limit: Deadline,
): Promise<Uint8Array> {
    return newProposal(gateway, channel, call).evaluate(limit);
}

/** The transaction id is in the envelope, so any peer may pass it on to the orderers. */
export async function submitCall(
    gateway: Gateway,
    bytes: Uint8Array,
    limit: Deadline,
): Promise<void> {
    await gateway.newTransaction(bytes).submit(limit);
}

/** Asks for a verdict; undefined when there is none before the deadline. */
export async function commitStatusCall(
    gateway: Gateway,
    request: {
        readonly channel: string;
        readonly transactionId: string;
        readonly identity: Identity;
    },
    limit: Deadline,
): Promise<TransactionStatus | undefined> {
    const creator = new msp.SerializedIdentity();
    creator.setMspid(request.identity.mspId);
    creator.setIdBytes(request.identity.credentials);
    const message = new protos.CommitStatusRequest();
    message.setChannelId(request.channel);
    message.setTransactionId(request.transactionId);
    message.setIdentity(creator.serializeBinary());
    const signed = new protos.SignedCommitStatusRequest();
    signed.setRequest(message.serializeBinary());
    try {
        const { code, blockNumber, transactionId } = await gateway
            .newCommit(signed.serializeBinary())
            .getStatus(limit);
        return { transactionId, code, blockNumber };
    } catch (error) {
        if (grpcFailure(error)?.status === Grpc.DEADLINE_EXCEEDED) return undefined;
        throw error;
    }
}

/** Number of blocks in the channel, as the peer's query chaincode says. */
export async function channelHeight(
    gateway: Gateway,
    channel: string,
    limit: Deadline,
): Promise<bigint> {
    const call = { chaincode: 'qscc', transaction: 'GetChainInfo', args: [channel] };
    const bytes = await evaluateCall(gateway, channel, call, limit);
    return BigInt(common.BlockchainInfo.deserializeBinary(bytes).getHeight());
}
