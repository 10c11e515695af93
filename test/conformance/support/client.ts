import { validationCodeName } from '@goodput/rwset';
import { dial, nativeSigner, type Network } from '@goodput/network';
import {
    connect,
    hash,
    type Contract,
    type Gateway,
    type ProposalOptions,
    type Transaction,
} from '@hyperledger/fabric-gateway';
import type { Client as GrpcClient } from '@grpc/grpc-js';

/** Whom to connect as, and to whom. */
export interface ConnectOptions {
    /** The name of an identity of the profile; the first by default. */
    readonly identity?: string;
    /** The name of a peer of the profile; the first by default. */
    readonly peer?: string;
}

/** How a transaction ended. */
export interface Outcome {
    readonly txId: string;
    /** The name of the verdict. */
    readonly code: string;
    readonly block: number;
    readonly result: string;
}

/** The official client, with the few things the cases do over and over. */
export class Client {
    readonly gateway: Gateway;
    readonly contract: Contract;
    readonly connection: GrpcClient;
    readonly channel: string;

    constructor(gateway: Gateway, connection: GrpcClient, channel: string, chaincode: string) {
        this.gateway = gateway;
        this.connection = connection;
        this.channel = channel;
        this.contract = gateway.getNetwork(channel).getContract(chaincode);
    }

    async evaluate(name: string, ...args: string[]): Promise<string> {
        return Buffer.from(await this.contract.evaluateTransaction(name, ...args)).toString();
    }

    /** Evaluates what answers in JSON. */
    async ask<T>(name: string, ...args: string[]): Promise<T> {
        return JSON.parse(await this.evaluate(name, ...args)) as T;
    }

    endorse(name: string, args: string[] = [], more: ProposalOptions = {}): Promise<Transaction> {
        return this.contract.newProposal(name, { arguments: args, ...more }).endorse();
    }

    /** Endorses, submits and waits; whatever the verdict is. */
    async submit(name: string, args: string[] = [], more: ProposalOptions = {}): Promise<Outcome> {
        return commit(await this.endorse(name, args, more));
    }

    /** The same for the commonest case: arguments only, and it must be valid. */
    async must(name: string, ...args: string[]): Promise<Outcome> {
        const outcome = await this.submit(name, args);
        if (outcome.code === 'VALID') return outcome;
        throw new Error(`${name}(${args.join(', ')}) was committed as ${outcome.code}.`);
    }

    close(): void {
        this.gateway.close();
        this.connection.close();
    }
}

/** Submits an endorsed transaction and waits for its verdict. */
export async function commit(transaction: Transaction): Promise<Outcome> {
    const submitted = await transaction.submit();
    const { code, blockNumber, transactionId } = await submitted.getStatus();
    return {
        txId: transactionId,
        code: validationCodeName(code),
        block: Number(blockNumber),
        result: Buffer.from(submitted.getResult()).toString(),
    };
}

/**
 * Submits transactions that were endorsed on one snapshot, in this order, and gives their verdicts.
 * They fall into one block or into consecutive ones: the verdicts are the same.
 */
export async function race(...transactions: readonly Transaction[]): Promise<string[]> {
    const submitted = [];
    for (const transaction of transactions) submitted.push(await transaction.submit());
    const statuses = await Promise.all(submitted.map((each) => each.getStatus()));
    return statuses.map(({ code }) => validationCodeName(code));
}

/** Connects the official client to a network. */
export function connectTo(network: Network, chaincode: string, options: ConnectOptions): Client {
    const identity = network.identity(options.identity);
    const connection = dial(network.peer(options.peer));
    const gateway = connect({
        client: connection,
        identity: { mspId: identity.mspId, credentials: Buffer.from(identity.certificate) },
        signer: nativeSigner(identity.privateKey).sign,
        hash: hash.none,
    });
    return new Client(gateway, connection, network.channel, chaincode);
}

let keys = 0;
const run = `${process.pid.toString(36)}${Date.now().toString(36)}`;

/** A key that no other case uses, on whatever network and however often the suite runs there. */
export function freshKey(what = 'k'): string {
    return `${what}-${run}-${String(keys++).padStart(5, '0')}`;
}
