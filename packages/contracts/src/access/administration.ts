import type { GoodputContext } from '@goodput/chaincode';
import { ContractsError } from '../errors.js';
import { ADMINISTRATION, type RoleHolder } from '../policy/model.js';
import { holdsRole } from '../policy/roles.js';
import { authorize } from './access-control.js';
import { subjectOf } from './subject.js';

/** Who may change what access policies keep. */
export interface AdministrationOptions {
    /**
     * Those who may do everything, by certificate. Others may do what a policy permits on the resource
     * type `access-policy`.
     * @default the organisational unit `admin`
     */
    readonly administrators?: readonly RoleHolder[];
    /**
     * Who must activate what one person drafted.
     * @default 'another-person'
     */
    readonly activation?: 'another-person' | 'another-organisation';
}

/** Refuses whoever may not administer: neither an administrator nor permitted by a policy. */
export async function requireAdministrator(
    ctx: GoodputContext,
    options: AdministrationOptions,
    what: {
        readonly tenant: string;
        readonly action: string;
        /** What a rule may look at as `resource.…`: the role that is granted. */
        readonly attributes?: Readonly<Record<string, string>>;
    },
): Promise<void> {
    const { administrators = [{ unit: 'admin' }] } = options;
    const names = administrators.flatMap((each) => ('attribute' in each ? [each.attribute] : []));
    const subject = subjectOf(ctx.caller, names);
    if (administrators.some((holder) => holdsRole(subject, holder))) return;
    const { tenant, action, attributes = {} } = what;
    const resource = { type: ADMINISTRATION, id: tenant, tenant, attributes };
    const { effect } = await authorize(ctx, { action, resource, purpose: 'administration' });
    if (effect === 'PERMIT') return;
    throw new ContractsError('POLICY_NOT_ADMINISTRATOR', `the caller may not do ${action}`);
}
