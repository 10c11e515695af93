import { AccessPolicyContract, AuditLogContract } from '@goodput/contracts';
import { BillingContract } from './billing-contract.js';
import { ClinicalContract } from './clinical-contract.js';

export { BillingContract } from './billing-contract.js';
export { ClinicalContract } from './clinical-contract.js';

/** What the shim starts; the first is the default contract. All share one ledger, and so one transaction. */
export const contracts = [
    ClinicalContract,
    BillingContract,
    AccessPolicyContract,
    AuditLogContract,
];
