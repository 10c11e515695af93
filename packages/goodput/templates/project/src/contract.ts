import {
    ContractError,
    GoodputContract,
    withBatching,
    type GoodputContext,
} from '@goodput/chaincode';
import { defineKey, part, string } from '@goodput/keys';

/** The key of a ward's census; what Fabric, LevelDB or CouchDB would trip over is refused when it is built. */
const census = defineKey({
    name: 'census',
    layout: 'composite',
    parts: [part('ward', string())],
});

const BEDS = 200;

/** Beds of a hospital's wards: a key that everybody reads and rewrites. */
export class BedContract extends withBatching(GoodputContract) {
    constructor() {
        super('beds');
    }

    async admit(ctx: GoodputContext, ward: string): Promise<number> {
        const key = census.build({ ward });
        const taken = Number((await ctx.stub.getState(key)).toString() || '0') + 1;
        if (taken > BEDS) throw new ContractError('WARD_FULL', `ward ${ward} has ${BEDS} beds`);
        await ctx.stub.putState(key, Buffer.from(String(taken)));
        return taken;
    }

    async taken(ctx: GoodputContext, ward: string): Promise<number> {
        return Number((await ctx.stub.getState(census.build({ ward }))).toString() || '0');
    }
}
