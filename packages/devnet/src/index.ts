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
export type { Member, MemberRole } from './identity/member.js';
export { Membership } from './identity/membership.js';
export { Msp } from './identity/msp.js';
export type { MspOptions, NodeOu } from './identity/msp-config.js';
export { serializeIdentity, signingIdentity } from './identity/signing-identity.js';
export type { SigningIdentity } from './identity/signing-identity.js';
