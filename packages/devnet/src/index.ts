export { startNetwork } from './network/start-network.js';
export { Faults } from './faults/faults.js';
export type { PeerLag } from './faults/lagging-peer.js';
export { Network } from './network/network.js';
export { IdentityRegistry } from './network/identity-registry.js';
export { Organization } from './network/organization.js';
export type { NetworkOptions, OrganizationOptions } from './network/options.js';
export type { BlockSettings } from './orderer/batch-settings.js';
export type { ConcurrencyLimits } from './peer/peer-server.js';
export type { DefinitionOptions, Deployment } from './deploy/deployment.js';
export type { CollectionOptions } from './deploy/collections.js';
export type { ChaincodeOrigin } from './deploy/deployment.js';
export type { FolderOptions } from './chaincode/folder-process.js';
export type { ServiceConnection } from './chaincode/service-source.js';
export type { ChaincodeCode, ContractClass } from './chaincode/shim-server.js';
export { DevnetError, ERROR_CODES } from './errors.js';
export type { DevnetErrorCode } from './errors.js';
export { attributesOf } from './identity/attributes.js';
export type { Attributes } from './identity/attributes.js';
export { CertificateAuthority } from './identity/certificate-authority.js';
export type {
    AuthorityMaterial,
    CertificateAuthorityOptions,
    Enrolment,
    NodeRole,
} from './identity/certificate-authority.js';
export { exportMsp } from './identity/export-msp.js';
export { exportOrganization } from './identity/export-organization.js';
export type {
    ExportedOrganization,
    ExportedPeer,
    TlsPair,
} from './identity/export-organization.js';
export type { Member, MemberRole } from './identity/member.js';
export { Membership } from './identity/membership.js';
export { Msp } from './identity/msp.js';
export type { MspOptions, NodeOu } from './identity/msp-config.js';
export { networkProfile, writeProfile } from './identity/network-profile.js';
export type { ProfileParts } from './identity/network-profile.js';
export { serializeIdentity, signingIdentity } from './identity/signing-identity.js';
export type { SigningIdentity } from './identity/signing-identity.js';
export {
    applicationPolicy,
    ChannelPolicies,
    DEFAULT_ENDORSEMENT,
} from './policy/channel-policies.js';
export { ImplicitMetaPolicy } from './policy/implicit-meta-policy.js';
export type { MetaRule } from './policy/implicit-meta-policy.js';
export type { Policy } from './policy/policy.js';
export { parseSignaturePolicy, SignaturePolicy } from './policy/signature-policy.js';
export { validSigners } from './policy/valid-signers.js';
export type { SignedData } from './policy/valid-signers.js';
export { TransactionValidator, validateTransaction } from './validation/validate-transactions.js';
export type { Verdict } from './validation/validate-transactions.js';
export type {
    ChaincodeRules,
    KeyMetadata,
    ValidationContext,
} from './validation/validation-context.js';
