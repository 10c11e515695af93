import type { Client as GrpcClient } from '@grpc/grpc-js';
import { dial, nativeSigner, resolveProfile, type NetworkIdentity } from '@goodput/network';
import { validationCodeName } from '@goodput/rwset';
import {
    connect,
    hash,
    type Contract,
    type Gateway,
    type ProposalOptions,
    type SubmittedTransaction,
    type Transaction,
} from '@hyperledger/fabric-gateway';
import { DevnetError } from '../errors.js';
import type { Network } from '../network/network.js';
import { TestProposal } from './test-proposal.js';

/** Whom a client acts as. */
export interface ClientOptions {
    /** An enrolled user's name; the organisation's first one by default. */
    readonly user?: string;
    /** The user's organisation; the network's first one by default. */
    readonly mspId?: string;
    /** The network's first channel by default. */
    readonly channel?: string;
    /** What time its proposals say it is; the system's by default. */
    readonly clock?: () => Date;
}

/** How a transaction ended. */
export interface Outcome {
    readonly txId: string;
    /** The verdict's name, such as `VALID` or `MVCC_READ_CONFLICT`. */
    readonly code: string;
    readonly block: number;
    /** What the chaincode returned, as text. */
    readonly result: string;
}

/** The outcome of a submitted transaction, once its block is committed. */
export async function outcomeOf(submitted: SubmittedTransaction): Promise<Outcome> {
    const { code, blockNumber, transactionId } = await submitted.getStatus();
    return {
        txId: transactionId,
        code: validationCodeName(code),
        block: Number(blockNumber),
        result: Buffer.from(submitted.getResult()).toString(),
    };
}

function identityOf(network: Network, options: ClientOptions): NetworkIdentity {
    const organization = network.organization(options.mspId);
    const user =
        options.user === undefined ? organization.users[0] : organization.user(options.user);
    if (user !== undefined) return user;
    const known = organization.users.map(({ name }) => name).join(', ');
    throw new DevnetError(
        'DEVNET_OPTION_INVALID',
        `${organization.mspId} has no user ${JSON.stringify(options.user ?? '')}; it has ${known || 'none'}. Enrol one with network.organization("${organization.mspId}").enrol({ name }).`,
    );
}

/** A chaincode as somebody calls it, over the official client. */
export class TestContract {
    /** The official client's own contract, for everything that is not here. */
    readonly official: Contract;
    readonly #gateway: Gateway;
    readonly #identity: NetworkIdentity;
    readonly #clock: () => Date;

    /** @internal */
    constructor(
        official: Contract,
        gateway: Gateway,
        identity: NetworkIdentity,
        clock: () => Date,
    ) {
        this.official = official;
        this.#gateway = gateway;
        this.#identity = identity;
        this.#clock = clock;
    }

    /** A signed proposal to call a function, to be evaluated, endorsed or raced against others. */
    propose(name: string, ...args: string[]): TestProposal {
        return this.proposeWith(name, { arguments: args });
    }

    /** The same with everything the official client can be told: transient data, organisations. */
    proposeWith(name: string, options: ProposalOptions): TestProposal {
        const { signSync } = nativeSigner(this.#identity.privateKey);
        const { endorsingOrganizations } = options;
        return new TestProposal({
            bytes: this.official.newProposal(name, options).getBytes(),
            time: this.#clock(),
            sign: signSync,
            gateway: this.#gateway,
            title: `${name}(${(options.arguments ?? []).map(String).join(', ')})`,
            ...(endorsingOrganizations && { organizations: endorsingOrganizations }),
        });
    }

    /** Calls a function for its result, as text. */
    async evaluate(name: string, ...args: string[]): Promise<string> {
        return Buffer.from(await this.propose(name, ...args).evaluate()).toString();
    }

    /** Endorses without submitting: a transaction that is in flight. */
    endorse(name: string, ...args: string[]): Promise<Transaction> {
        return this.propose(name, ...args).endorse();
    }

    /** Endorses, submits and waits for the verdict, whatever it is. */
    async submit(name: string, ...args: string[]): Promise<Outcome> {
        return outcomeOf(await (await this.endorse(name, ...args)).submit());
    }
}

/** The official client, connected to an embedded network as one of its users. */
export class TestClient {
    /** The official client itself. */
    readonly gateway: Gateway;
    readonly identity: NetworkIdentity;
    readonly channel: string;
    readonly #connection: GrpcClient;
    readonly #clock: () => Date;

    constructor(network: Network, options: ClientOptions = {}) {
        const resolved = resolveProfile(network.profile);
        this.identity = identityOf(network, options);
        this.channel = network.channel(options.channel).id;
        this.#clock = options.clock ?? (() => new Date());
        const { mspId, certificate, privateKey } = this.identity;
        const home = resolved.peers.find((peer) => peer.mspId === mspId) ?? resolved.peer();
        this.#connection = dial(home);
        this.gateway = connect({
            client: this.#connection,
            identity: { mspId, credentials: Buffer.from(certificate) },
            signer: nativeSigner(privateKey).sign,
            hash: hash.none,
        });
    }

    /** A chaincode, or one of its contracts. */
    contract(chaincode: string, contractName?: string): TestContract {
        const official = this.gateway.getNetwork(this.channel).getContract(chaincode, contractName);
        return new TestContract(official, this.gateway, this.identity, this.#clock);
    }

    close(): void {
        this.gateway.close();
        this.#connection.close();
    }
}
