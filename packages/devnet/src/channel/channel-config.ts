import { common, orderer as ordererProtocol } from '@hyperledger/fabric-protos';
import { encodeMspConfig, type MspOptions } from '../identity/msp-config.js';
import { DEFAULT_BLOCK_SETTINGS, type BlockSettings } from '../orderer/batch-settings.js';
import { CHANNEL_POLICIES, ORG_POLICIES } from '../policy/channel-policies.js';
import type { MetaRule } from '../policy/implicit-meta-policy.js';
import { parseSignaturePolicy } from '../policy/signature-policy.js';

const { ConfigGroup, ConfigPolicy, ConfigValue } = common;

/** What a channel's configuration says. */
export interface ConfigParts {
    readonly organizations: readonly MspOptions[];
    readonly orderer: MspOptions;
    /** When blocks are cut, at the beginning. */
    readonly block: BlockSettings;
    /** Where the ordering service will listen, if that is known already. */
    readonly ordererEndpoint?: string;
}

/** The policies every group has, over those of the same names in the groups within it. */
const META_POLICIES = CHANNEL_POLICIES.filter(([, , inner]) => inner !== 'Endorsement');
const ADMINS = 'Admins';
const WHOLE_BLOCK = 4294967295;

interface Serializable {
    serializeBinary(): Uint8Array;
}

function addValue(group: common.ConfigGroup, name: string, value: Serializable | Uint8Array): void {
    const made = new ConfigValue();
    made.setValue(value instanceof Uint8Array ? value : value.serializeBinary());
    made.setModPolicy(ADMINS);
    group.getValuesMap().set(name, made);
}

function addPolicy(group: common.ConfigGroup, name: string, type: number, value: Uint8Array): void {
    const policy = new common.Policy();
    policy.setType(type);
    policy.setValue(value);
    const made = new ConfigPolicy();
    made.setPolicy(policy);
    made.setModPolicy(ADMINS);
    group.getPoliciesMap().set(name, made);
}

function addMetaPolicy(group: common.ConfigGroup, name: string, rule: MetaRule, of: string): void {
    const policy = new common.ImplicitMetaPolicy();
    policy.setRule(common.ImplicitMetaPolicy.Rule[rule]);
    policy.setSubPolicy(of);
    const { IMPLICIT_META } = common.Policy.PolicyType;
    addPolicy(group, name, IMPLICIT_META, policy.serializeBinary());
}

function addCapability(group: common.ConfigGroup, name: string): void {
    const capabilities = new common.Capabilities();
    capabilities.getCapabilitiesMap().set(name, new common.Capability());
    addValue(group, 'Capabilities', capabilities);
}

function newGroup(): common.ConfigGroup {
    const group = new ConfigGroup();
    group.setModPolicy(ADMINS);
    return group;
}

function organizationGroup(organization: MspOptions): common.ConfigGroup {
    const group = newGroup();
    addValue(group, 'MSP', encodeMspConfig(organization));
    const { SIGNATURE } = common.Policy.PolicyType;
    for (const [name, text] of Object.entries(ORG_POLICIES)) {
        const policy = parseSignaturePolicy(text(organization.mspId)).toMessage();
        addPolicy(group, name, SIGNATURE, policy.serializeBinary());
    }
    return group;
}

function applicationGroup(organizations: readonly MspOptions[]): common.ConfigGroup {
    const group = newGroup();
    for (const organization of organizations) {
        group.getGroupsMap().set(organization.mspId, organizationGroup(organization));
    }
    for (const [name, rule, inner] of CHANNEL_POLICIES) addMetaPolicy(group, name, rule, inner);
    addCapability(group, 'V2_5');
    return group;
}

function batchTimeout({ timeoutMs }: BlockSettings): ordererProtocol.BatchTimeout {
    const timeout = new ordererProtocol.BatchTimeout();
    // A configuration cannot say that blocks are cut by hand.
    const milliseconds = timeoutMs === 'manual' ? DEFAULT_BLOCK_SETTINGS.timeoutMs : timeoutMs;
    timeout.setTimeout(`${milliseconds}ms`);
    return timeout;
}

function ordererGroup({ orderer, block, ordererEndpoint }: ConfigParts): common.ConfigGroup {
    const group = newGroup();
    const organization = organizationGroup(orderer);
    if (ordererEndpoint !== undefined) {
        const endpoints = new common.OrdererAddresses();
        endpoints.setAddressesList([ordererEndpoint]);
        addValue(organization, 'Endpoints', endpoints);
    }
    group.getGroupsMap().set(orderer.mspId, organization);
    for (const [name, rule, inner] of META_POLICIES) addMetaPolicy(group, name, rule, inner);
    addMetaPolicy(group, 'BlockValidation', 'ANY', 'Writers');
    const consensus = new ordererProtocol.ConsensusType();
    consensus.setType('solo');
    addValue(group, 'ConsensusType', consensus);
    const size = new ordererProtocol.BatchSize();
    size.setMaxMessageCount(block.maxMessageCount);
    size.setAbsoluteMaxBytes(block.absoluteMaxBytes);
    size.setPreferredMaxBytes(block.preferredMaxBytes);
    addValue(group, 'BatchSize', size);
    addValue(group, 'BatchTimeout', batchTimeout(block));
    addValue(group, 'ChannelRestrictions', new ordererProtocol.ChannelRestrictions());
    addCapability(group, 'V2_0');
    return group;
}

/** A channel's configuration, with what Fabric's own tools look for in one. */
export function channelConfig(parts: ConfigParts): common.Config {
    const channel = newGroup();
    channel.getGroupsMap().set('Application', applicationGroup(parts.organizations));
    channel.getGroupsMap().set('Orderer', ordererGroup(parts));
    for (const [name, rule, inner] of META_POLICIES) addMetaPolicy(channel, name, rule, inner);
    const hashing = new common.HashingAlgorithm();
    hashing.setName('SHA256');
    addValue(channel, 'HashingAlgorithm', hashing);
    const structure = new common.BlockDataHashingStructure();
    structure.setWidth(WHOLE_BLOCK);
    addValue(channel, 'BlockDataHashingStructure', structure);
    addCapability(channel, 'V2_0');
    const config = new common.Config();
    config.setChannelGroup(channel);
    return config;
}
