import { status } from '@grpc/grpc-js';
import type { peer } from '@hyperledger/fabric-protos';
import type { Channel } from '../channel/channel.js';
import type { Proposal } from '../endorser/proposal.js';
import type { CollectionName, SimulationResult } from '../ledger/simulation.js';
import { RpcError } from '../grpc/rpc-error.js';
import type { Policy } from '../policy/policy.js';
import { SignaturePolicy } from '../policy/signature-policy.js';
import type { Endorsed, Peer } from '../peer/peer.js';
import { peersWith, type GatewayContext } from './gateway-context.js';

const VALIDATION_PARAMETER = 'VALIDATION_PARAMETER';

/** The key-level policies of what was written, and the namespaces for which they suffice. */
interface KeyPolicies {
    readonly policies: readonly Policy[];
    /** `namespace` or `namespace$collection`, where every key that was written has its own policy. */
    readonly covered: ReadonlySet<string>;
}

function place(namespace: string, collection: string): string {
    return `${namespace}$${collection}`;
}

function keyPolicies(simulation: SimulationResult): KeyPolicies {
    const policies: Policy[] = [];
    const [covered, uncovered] = [new Set<string>(), new Set<string>()];
    for (const { namespace, collection, metadata } of simulation.writtenPolicies) {
        const bytes = metadata.get(VALIDATION_PARAMETER);
        if (bytes !== undefined) policies.push(SignaturePolicy.fromBytes(bytes));
        (bytes === undefined ? uncovered : covered).add(place(namespace, collection));
    }
    for (const each of uncovered) covered.delete(each);
    return { policies, covered };
}

function collectionConfig(
    channel: Channel,
    namespace: string,
    collection: string,
): peer.StaticCollectionConfig | undefined {
    return channel.definitions
        .get(namespace)
        ?.collections.getConfigList()
        .map((each) => each.getStaticCollectionConfig())
        .find((each) => each?.getName() === collection);
}

function collectionPolicy(
    channel: Channel,
    namespace: string,
    collection: string,
): Policy | undefined {
    const config = collectionConfig(channel, namespace, collection);
    const bytes = config?.getEndorsementPolicy()?.serializeBinary();
    return bytes === undefined ? undefined : channel.policies.resolve(bytes);
}

/** The policies that the endorsers must satisfy together, as peers will find when they validate. */
function policiesFor(channel: Channel, proposal: Proposal, simulation: SimulationResult): Policy[] {
    const { policies, covered } = keyPolicies(simulation);
    const needed = [...policies];
    const chaincodePolicies = new Map<string, Policy>();
    const needChaincode = (namespace: string): void => {
        const definition = channel.definitions.get(namespace);
        if (definition === undefined || chaincodePolicies.has(namespace)) return;
        chaincodePolicies.set(namespace, channel.policies.resolve(definition.policy));
    };
    for (const { namespace, writes, collections } of simulation.model.namespaces) {
        const written = collections.filter((each) => each.writes.length > 0);
        for (const { collection } of written) {
            if (covered.has(place(namespace, collection))) continue;
            const own = collectionPolicy(channel, namespace, collection);
            if (own === undefined) needChaincode(namespace);
            else needed.push(own);
        }
        const onlyPrivate = writes.length === 0 && written.length > 0;
        if (!onlyPrivate && !covered.has(place(namespace, ''))) needChaincode(namespace);
    }
    if (needed.length === 0 && chaincodePolicies.size === 0) needChaincode(proposal.chaincodeName);
    if (proposal.chaincodeName === '_lifecycle') {
        const policy = channel.policies.get('/Channel/Application/LifecycleEndorsement');
        if (policy !== undefined) needed.push(policy);
    }
    return [...needed, ...chaincodePolicies.values()];
}

function writtenCollections({ model }: SimulationResult): readonly CollectionName[] {
    return model.namespaces.flatMap(({ namespace, collections }) =>
        collections
            .filter(({ writes }) => writes.length > 0)
            .map(({ collection }) => ({ namespace, collection })),
    );
}

/** Those of the organisations whose peers hold the data of all the collections. */
function holdersOf(
    channel: Channel,
    collections: readonly CollectionName[],
    mspIds: readonly string[],
): readonly string[] {
    const memberPolicies = collections.flatMap(({ namespace, collection }) => {
        const config = collectionConfig(channel, namespace, collection);
        const policy = config?.getMemberOrgsPolicy()?.getSignaturePolicy();
        return policy === undefined ? [] : [policy.serializeBinary()];
    });
    return mspIds.filter((mspId) => memberPolicies.every((each) => channel.holds(each, mspId)));
}

/** All that is in one of the sets of each policy, smallest first. */
function combine(
    policies: readonly Policy[],
    available: readonly string[],
): readonly (readonly string[])[] {
    let sets: (readonly string[])[] = [[]];
    for (const policy of policies) {
        const more = policy.orgCombinations(available);
        const united = sets.flatMap((set) => more.map((other) => [...new Set([...set, ...other])]));
        const unique = new Map(united.map((set) => [[...set].sort().join('\n'), set]));
        sets = [...unique.values()].sort((left, right) => left.length - right.length);
    }
    return sets;
}

/**
 * The sets of organisations any of which can endorse the transaction, those with the first endorser
 * before the others.
 */
export function endorsementSets(
    context: GatewayContext,
    channel: Channel,
    proposal: Proposal,
    first: { readonly peer: Peer; readonly endorsed: Endorsed },
): readonly (readonly string[])[] {
    const { simulation } = first.endorsed;
    if (simulation === undefined) return [[first.peer.mspId]];
    const able = peersWith(context, proposal).map((peer) => peer.mspId);
    const policies = policiesFor(channel, proposal, simulation);
    const readable = holdersOf(channel, simulation.privateReads, able);
    const trusted = proposal.hasTransient
        ? holdersOf(channel, writtenCollections(simulation), readable)
        : readable;
    const available = [...new Set(trusted)];
    const sets = combine(policies, available);
    if (sets.length === 0 && combine(policies, [...new Set(readable)]).length > 0) {
        const names = writtenCollections(simulation).map(({ collection }) => collection);
        throw new RpcError(
            status.FAILED_PRECONDITION,
            `requires endorsement from organisation(s) that are not in the distribution policy of the private data collection(s): [${names.join(' ')}]; retry specifying trusted endorsing organizations to protect transient data`,
        );
    }
    if (sets.length === 0) {
        throw new RpcError(
            status.FAILED_PRECONDITION,
            `no combination of peers can be derived which satisfy the endorsement policy: no peer combination can satisfy the endorsement policy of chaincode ${proposal.chaincodeName} with the peers of ${available.join(', ')}`,
        );
    }
    const own = first.peer.mspId;
    const withOwn = sets.map((set) => (set.length === 0 ? [own] : set));
    return [
        ...withOwn.filter((set) => set.includes(own)),
        ...withOwn.filter((set) => !set.includes(own)),
    ];
}
