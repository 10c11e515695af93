import { AccessPolicyContract } from '@goodput/contracts';

/** What the shim starts. */
export const contracts = [AccessPolicyContract];
