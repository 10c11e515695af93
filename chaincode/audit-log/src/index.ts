import { AccessPolicyContract, AuditLogContract } from '@goodput/contracts';

/** What the shim starts; the first is the default contract. The policies decide who reads the log. */
export const contracts = [AuditLogContract, AccessPolicyContract];
