import type { common } from '@hyperledger/fabric-protos';

/** How many blocks are kept decoded: those that every listener asks for at about the same time. */
const KEPT = 32;

/** The last blocks of a channel, as one object each for all who read them. Nobody may change them. */
export class RecentBlocks {
    readonly #blocks = new Map<number, common.Block>();

    add(number: number, block: common.Block): void {
        this.#blocks.set(number, block);
        this.#blocks.delete(number - KEPT);
    }

    get(number: number): common.Block | undefined {
        return this.#blocks.get(number);
    }
}
