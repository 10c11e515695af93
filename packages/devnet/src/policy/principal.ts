import { msp } from '@hyperledger/fabric-protos';
import type { Member, MemberRole } from '../identity/member.js';
import { serializeIdentity } from '../identity/signing-identity.js';

const { MSPPrincipal, MSPRole, MSPIdentityAnonymity } = msp;

/** Whether a member is what a principal asks for. */
export type PrincipalTest = (member: Member) => boolean;

type RoleType = Parameters<msp.MSPRole['setRole']>[0];

const ROLES: ReadonlyMap<RoleType, MemberRole> = new Map<RoleType, MemberRole>([
    [MSPRole.MSPRoleType.MEMBER, 'member'],
    [MSPRole.MSPRoleType.ADMIN, 'admin'],
    [MSPRole.MSPRoleType.CLIENT, 'client'],
    [MSPRole.MSPRoleType.PEER, 'peer'],
    [MSPRole.MSPRoleType.ORDERER, 'orderer'],
]);

const ROLE_TYPES = new Map([...ROLES].map(([type, role]) => [role, type]));

/** The principal "somebody of this organisation who is this". */
export function rolePrincipal(mspId: string, role: MemberRole): msp.MSPPrincipal {
    const inner = new MSPRole();
    inner.setMspIdentifier(mspId);
    inner.setRole(ROLE_TYPES.get(role) ?? MSPRole.MSPRoleType.MEMBER);
    const principal = new MSPPrincipal();
    principal.setPrincipalClassification(MSPPrincipal.Classification.ROLE);
    principal.setPrincipal(inner.serializeBinary());
    return principal;
}

/** What a role principal says, for people and for planning. */
export interface RolePrincipal {
    readonly mspId: string;
    readonly role: MemberRole;
}

/** The organisation and role of a role principal; nothing for principals of other kinds. */
export function readRolePrincipal(principal: msp.MSPPrincipal): RolePrincipal | undefined {
    if (principal.getPrincipalClassification() !== MSPPrincipal.Classification.ROLE)
        return undefined;
    const inner = readOrNothing(() => MSPRole.deserializeBinary(principal.getPrincipal_asU8()));
    const role = inner && ROLES.get(inner.getRole());
    return inner && role && { mspId: inner.getMspIdentifier(), role };
}

/** What `read` makes of bytes; nothing if they are not what they should be. */
function readOrNothing<T>(read: () => T): T | undefined {
    try {
        return read();
    } catch {
        return undefined; // bytes from elsewhere: the protocol's own reader has no error of its own
    }
}

function unitTest(bytes: Uint8Array): PrincipalTest {
    const unit = msp.OrganizationUnit.deserializeBinary(bytes);
    const mspId = unit.getMspIdentifier();
    const name = unit.getOrganizationalUnitIdentifier();
    const certifiers = Buffer.from(unit.getCertifiersIdentifier_asU8());
    return (member) =>
        member.mspId === mspId &&
        member.organizationalUnits.includes(name) &&
        certifiers.equals(member.certifiersIdentifier);
}

function identityTest(bytes: Uint8Array): PrincipalTest {
    const wanted = Buffer.from(bytes);
    return (member) => wanted.equals(serializeIdentity(member.mspId, member.certificatePem));
}

function combinedTest(bytes: Uint8Array): PrincipalTest {
    const parts = msp.CombinedPrincipal.deserializeBinary(bytes).getPrincipalsList();
    const tests = parts.map(principalTest);
    return (member) => tests.length > 0 && tests.every((test) => test(member));
}

/** Compiles a principal. One that is malformed, or of a kind no MSP knows, is satisfied by nobody. */
export function principalTest(principal: msp.MSPPrincipal): PrincipalTest {
    return readOrNothing(() => compile(principal)) ?? (() => false);
}

function compile(principal: msp.MSPPrincipal): PrincipalTest {
    const bytes = principal.getPrincipal_asU8();
    switch (principal.getPrincipalClassification()) {
        case MSPPrincipal.Classification.ROLE: {
            const wanted = readRolePrincipal(principal);
            if (wanted === undefined) return () => false;
            return (member) => member.mspId === wanted.mspId && member.roles.has(wanted.role);
        }
        case MSPPrincipal.Classification.ORGANIZATION_UNIT:
            return unitTest(bytes);
        case MSPPrincipal.Classification.IDENTITY:
            return identityTest(bytes);
        case MSPPrincipal.Classification.ANONYMITY: {
            const kind = MSPIdentityAnonymity.deserializeBinary(bytes).getAnonymityType();
            return () => kind === MSPIdentityAnonymity.MSPIdentityAnonymityType.NOMINAL;
        }
        case MSPPrincipal.Classification.COMBINED:
            return combinedTest(bytes);
        default:
            return () => false;
    }
}
