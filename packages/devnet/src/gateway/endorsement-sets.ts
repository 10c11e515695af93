import { status } from '@grpc/grpc-js';
import type { Channel } from '../channel/channel.js';
import type { Proposal } from '../endorser/proposal.js';
import type { SimulationResult } from '../ledger/simulation.js';
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

function collectionPolicy(
    channel: Channel,
    namespace: string,
    collection: string,
): Policy | undefined {
    const config = channel.definitions
        .get(namespace)
        ?.collections.getConfigList()
        .map((each) => each.getStaticCollectionConfig())
        .find((each) => each?.getName() === collection);
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
    if (simulation.model.namespaces.length === 0) needChaincode(proposal.chaincodeName);
    if (proposal.chaincodeName === '_lifecycle') {
        const policy = channel.policies.get('/Channel/Application/LifecycleEndorsement');
        if (policy !== undefined) needed.push(policy);
    }
    return [...needed, ...chaincodePolicies.values()];
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
    const available = peersWith(context, proposal.chaincodeName).map((peer) => peer.mspId);
    const sets = combine(policiesFor(channel, proposal, simulation), [...new Set(available)]);
    if (sets.length === 0) {
        throw new RpcError(
            status.FAILED_PRECONDITION,
            `no combination of peers can be derived which satisfy the endorsement policy: no peer combination can satisfy the endorsement policy of chaincode ${proposal.chaincodeName} with the peers of ${[...new Set(available)].join(', ')}`,
        );
    }
    const own = first.peer.mspId;
    const withOwn = sets.map((set) => (set.length === 0 ? [own] : set));
    return [
        ...withOwn.filter((set) => set.includes(own)),
        ...withOwn.filter((set) => !set.includes(own)),
    ];
}
