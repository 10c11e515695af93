import {
    ContractError,
    GoodputContract,
    withBatching,
    type GoodputContext,
} from '@goodput/chaincode';

/** Accounts that may not be overdrawn. */
export class Transfers extends withBatching(GoodputContract) {
    async deposit(ctx: GoodputContext, account: string, amount: string): Promise<void> {
        await this.#set(ctx, account, (await this.balance(ctx, account)) + Number(amount));
    }

    async transfer(ctx: GoodputContext, from: string, to: string, amount: string): Promise<void> {
        const left = (await this.balance(ctx, from)) - Number(amount);
        if (left < 0) throw new ContractError('OVERDRAWN', `${from} would be at ${left}`);
        await this.#set(ctx, from, left);
        // This reads the write above: sending to oneself changes nothing.
        await this.#set(ctx, to, (await this.balance(ctx, to)) + Number(amount));
    }

    async balance(ctx: GoodputContext, account: string): Promise<number> {
        return Number((await ctx.stub.getState(account)).toString() || '0');
    }

    async #set(ctx: GoodputContext, account: string, balance: number): Promise<void> {
        await ctx.stub.putState(account, Buffer.from(String(balance)));
    }
}
