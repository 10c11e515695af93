import {
    deltaCounter,
    GoodputContract,
    withBatching,
    type GoodputContext,
} from '@goodput/chaincode';
import { healthcareKeys } from '@goodput/keys';
import { guarded, type Answer } from './guarded.js';

const balances = deltaCounter(healthcareKeys.balance, { scale: 2 });

/** Accounts, in a key space of their own: nothing clinical is written together with them. */
export class BillingContract extends withBatching(GoodputContract) {
    constructor() {
        super('BillingContract');
    }

    /** Charges an account, as a row of its own: charges never conflict. */
    async charge(
        ctx: GoodputContext,
        account: string,
        amount: string,
        purpose: string,
    ): Promise<Answer<string>> {
        const request = { action: 'create', resource: { type: 'charge', id: account }, purpose };
        return guarded(ctx, request, async () => {
            await balances.add(ctx, { account }, amount);
            return amount;
        });
    }

    /** What the charges of an account come to. */
    async balance(ctx: GoodputContext, account: string, purpose: string): Promise<Answer<string>> {
        const request = { action: 'read', resource: { type: 'charge', id: account }, purpose };
        return guarded(ctx, request, async () =>
            balances.text(await balances.read(ctx, { account })),
        );
    }
}
