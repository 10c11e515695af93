import { peer } from '@hyperledger/fabric-protos';
import { accessDenied, refusal } from '../channel/access.js';
import type { Channel } from '../channel/channel.js';
import { SYSTEM_VERSION, type Definitions } from '../channel/definitions.js';
import { ChaincodeRuntime } from '../chaincode/runtime.js';
import type { TransactionContext } from '../chaincode/transaction-context.js';
import { checkLocalProposal, checkProposal } from '../endorser/check-proposal.js';
import { endorse, failedResponse, unendorsed, type Execution } from '../endorser/endorse.js';
import type { Proposal } from '../endorser/proposal.js';
import type { Member } from '../identity/member.js';
import type { Membership } from '../identity/membership.js';
import type { SigningIdentity } from '../identity/signing-identity.js';
import type { LedgerSnapshot } from '../ledger/ledger.js';
import type { Simulation, SimulationResult } from '../ledger/simulation.js';
import type { SystemChaincode } from '../system/system-chaincode.js';

/** What a peer is made of. */
export interface PeerOptions {
    readonly name: string;
    readonly identity: SigningIdentity;
    readonly channels: ReadonlyMap<string, Channel>;
    /** Its own organisation alone. */
    readonly localMembership: Membership;
    readonly systemChaincodes: ReadonlyMap<string, SystemChaincode>;
    readonly executeTimeoutMs: number;
    readonly clock: () => Date;
    /** Runs before each proposal: a place for faults. */
    readonly beforeProposal: () => Promise<void>;
    /** What it sees of a channel, where that is not what it is. */
    readonly viewOf: (channel: Channel) => LedgerSnapshot | undefined;
}

/** A peer's answer, and what the simulation behind it found. */
export interface Endorsed {
    readonly response: peer.ProposalResponse;
    readonly simulation: SimulationResult | undefined;
}

interface Run {
    readonly proposal: Proposal;
    readonly creator: Member;
    readonly channel: Channel;
    readonly simulation: Simulation;
}

/** What running a chaincode of the peer's own leaves beside its response. */
const SYSTEM_EXECUTION = { event: undefined, simulation: undefined, version: SYSTEM_VERSION };

/** A peer of one organisation: runs chaincodes against the channel's state and signs what they did. */
export class Peer {
    readonly name: string;
    readonly mspId: string;
    readonly runtime: ChaincodeRuntime;
    /** `host:port`, once the peer listens. */
    endpoint = '';
    readonly #options: PeerOptions;

    constructor(options: PeerOptions) {
        this.name = options.name;
        this.mspId = options.identity.mspId;
        this.#options = options;
        this.runtime = new ChaincodeRuntime(options.executeTimeoutMs);
    }

    /**
     * Checks, runs and endorses a proposal. Throws `RefusedProposal` if its creator should not have
     * sent it; whatever else goes wrong is a response of status 500, as on a real peer.
     */
    async process(proposal: Proposal): Promise<Endorsed> {
        const { channels, systemChaincodes, clock } = this.#options;
        if (proposal.channelId === '') return this.#processLocally(proposal);
        const channel = channels.get(proposal.channelId);
        if (channel === undefined) {
            return {
                response: failedResponse(`channel '${proposal.channelId}' not found`),
                simulation: undefined,
            };
        }
        await channel.membership.prepare({
            message: proposal.bytes,
            identity: proposal.creator,
            signature: proposal.signature,
        });
        const creator = checkProposal(proposal, {
            channel,
            now: clock(),
            isSystemChaincode: (name) => systemChaincodes.has(name),
        });
        try {
            await this.#options.beforeProposal();
            const execution = await this.#execute(proposal, creator, channel);
            const { identity } = this.#options;
            const response = await endorse(proposal, execution, identity, channel.membership);
            return { response, simulation: execution.simulation };
        } catch (error) {
            return { response: failedResponse(messageOf(error)), simulation: undefined };
        }
    }

    /**
     * A call about the peer itself: it names no channel, its creator must be of the peer's own
     * organisation, and what it answers is never endorsed.
     */
    async #processLocally(proposal: Proposal): Promise<Endorsed> {
        const { localMembership, clock, systemChaincodes } = this.#options;
        const creator = checkLocalProposal(proposal, localMembership, clock());
        try {
            await this.#options.beforeProposal();
            const system = systemChaincodes.get(proposal.chaincodeName);
            if (system === undefined) throw new Error(notDefined(proposal.chaincodeName, ''));
            const response = await this.#callSystem(
                system,
                proposal,
                creator,
                undefined,
                undefined,
            );
            const execution = { ...SYSTEM_EXECUTION, response };
            return { response: unendorsed(proposal, execution), simulation: undefined };
        } catch (error) {
            return { response: failedResponse(messageOf(error)), simulation: undefined };
        }
    }

    async #execute(proposal: Proposal, creator: Member, channel: Channel): Promise<Execution> {
        const system = this.#options.systemChaincodes.get(proposal.chaincodeName);
        if (system?.simulates === false) {
            const response = await this.#callSystem(system, proposal, creator, channel, undefined);
            return { ...SYSTEM_EXECUTION, response };
        }
        // The peer's own chaincodes see what is agreed on as soon as it is.
        const at = system === undefined ? this.#options.viewOf(channel) : undefined;
        const simulation = await channel.ledger.simulate(proposal.txId, {
            ...(at !== undefined && { at }),
            creatorIsMember: (policy) => channel.isMember(policy, creator),
            peerIsMember: (policy) => channel.holds(policy, this.mspId),
        });
        try {
            const run = { proposal, creator, channel, simulation };
            if (system !== undefined) return await this.#simulateSystem(system, run);
            return await this.#simulate(run, channel.definitions);
        } finally {
            simulation.done();
        }
    }

    async #simulate(run: Run, definitions: Definitions): Promise<Execution> {
        const { proposal, simulation, channel } = run;
        const name = proposal.chaincodeName;
        const version = await definitions.versionOf(name, simulation);
        if (version === undefined) {
            throw new Error(notDefined(name, channel.id));
        }
        try {
            const context = await this.#context(run, name, proposal.input);
            const { response, event } = await this.runtime.execute(context, proposal.input);
            const result = simulation.done();
            channel.transientStore.put(proposal.txId, result.privateWrites, channel.ledger.height);
            const failed = response.getStatus() >= 400;
            return { response, event: failed ? undefined : event, simulation: result, version };
        } catch (error) {
            throw new Error(`error in simulation: ${(error as Error).message}`, { cause: error });
        }
    }

    async #simulateSystem(system: SystemChaincode, run: Run): Promise<Execution> {
        const { proposal, creator, channel, simulation } = run;
        const response = await this.#callSystem(system, proposal, creator, channel, simulation);
        const result = simulation.done();
        channel.transientStore.put(proposal.txId, result.privateWrites, channel.ledger.height);
        return { response, event: undefined, simulation: result, version: SYSTEM_VERSION };
    }

    #callSystem(
        system: SystemChaincode,
        proposal: Proposal,
        creator: Member,
        channel: Channel | undefined,
        simulation: Simulation | undefined,
        input = proposal.input,
    ): Promise<peer.Response> {
        return system.invoke({
            args: input.getArgsList_asU8(),
            channel,
            channels: this.#options.channels,
            proposal,
            creator,
            peerMspId: this.mspId,
            localMembership: this.#options.localMembership,
            isInstalled: (channelId, name) => this.runtime.has(channelId, name),
            simulation,
        });
    }

    async #context(
        run: Run,
        namespace: string,
        input: peer.ChaincodeInput,
    ): Promise<TransactionContext> {
        const { proposal, channel, simulation } = run;
        return {
            peerName: this.name,
            channelId: channel.id,
            txId: proposal.txId,
            namespace,
            simulation,
            proposal: proposal.signed,
            isInit: await channel.definitions.checkInit(namespace, input, simulation),
            invoke: (target, called) => this.#invoke(run, target, called),
        };
    }

    /** Chaincode calls chaincode: in the same simulation, or read-only in another channel's. */
    async #invoke(run: Run, target: string, input: peer.ChaincodeInput): Promise<Uint8Array> {
        const { name, channelId } = parseTarget(target);
        if (channelId === '' || channelId === run.channel.id) {
            return (await this.#call(run, name, input)).serializeBinary();
        }
        const channel = this.#options.channels.get(channelId);
        if (channel === undefined) {
            throw new Error(`failed to find ledger for channel: ${channelId}`);
        }
        const at = this.#options.viewOf(channel);
        const simulation = await channel.ledger.simulate(
            run.proposal.txId,
            at === undefined ? {} : { at },
        );
        try {
            const called = await this.#call({ ...run, channel, simulation }, name, input);
            return called.serializeBinary();
        } finally {
            simulation.done();
        }
    }

    async #call(
        run: Run,
        name: string,
        input: peer.ChaincodeInput,
    ): Promise<peer.ChaincodeMessage> {
        const { channel, creator, proposal, simulation } = run;
        const system = this.#options.systemChaincodes.get(name);
        if (system !== undefined) {
            const response = await this.#callSystem(
                system,
                proposal,
                creator,
                channel,
                simulation,
                input,
            );
            return completed(response);
        }
        const why = refusal(channel, 'Writers', [creator]);
        if (why !== undefined) throw new Error(accessDenied(channel.id, 'Writers', why));
        const version = await channel.definitions.versionOf(name, simulation);
        if (version === undefined) {
            throw new Error(
                `execute failed: invalid invocation: [channel ${channel.id}] failed to get chaincode container info for ${name}: chaincode ${name} not found`,
            );
        }
        try {
            return await this.runtime.run(await this.#context(run, name, input), input);
        } catch (error) {
            throw new Error(`execute failed: ${(error as Error).message}`, { cause: error });
        }
    }
}

function messageOf(error: unknown): string {
    return error instanceof Error ? error.message : String(error);
}

function notDefined(chaincode: string, channelId: string): string {
    return `make sure the chaincode ${chaincode} has been successfully defined on channel ${channelId} and try again: chaincode ${chaincode} not found`;
}

/** `name`, `name:version`, `name/channel` or `name:version/channel`; the version means nothing. */
function parseTarget(target: string): { readonly name: string; readonly channelId: string } {
    const slash = target.indexOf('/');
    const channelId = slash < 0 ? '' : target.slice(slash + 1);
    const [name = ''] = (slash < 0 ? target : target.slice(0, slash)).split(':');
    return { name, channelId };
}

function completed(response: peer.Response): peer.ChaincodeMessage {
    const message = new peer.ChaincodeMessage();
    message.setType(peer.ChaincodeMessage.Type.COMPLETED);
    message.setPayload(response.serializeBinary());
    return message;
}
