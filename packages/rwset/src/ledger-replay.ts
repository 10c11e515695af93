import { type AttributionOptions, type Conflict, ConflictAttributor } from './attribute.js';
import { RwsetError } from './errors.js';
import { MemoryState } from './memory-state.js';
import type { Block } from './model.js';
import { type BlockValidation, validateBlock, type ValidationOptions } from './validate.js';

/** What replaying one block gives. */
export interface ReplayedBlock extends BlockValidation {
    readonly conflicts: readonly Conflict[];
    /** Transactions whose verdict here differs from the one the block carries. */
    readonly disagreements: readonly number[];
}

/**
 * Replays a channel from its first block: validates every block anew, keeps the state, and says who
 * invalidated whom. The peer's verdicts are kept where they rest on what a block does not show
 * (signatures, endorsement policies); read conflicts are worked out afresh.
 */
export class LedgerReplay {
    readonly state = new MemoryState();
    readonly #attributor: ConflictAttributor;
    readonly #options: ValidationOptions;
    #last: number | undefined;

    constructor(options: AttributionOptions & ValidationOptions = {}) {
        this.#options = options;
        this.#attributor = new ConflictAttributor(options);
    }

    /**
     * Takes the next block.
     *
     * @throws RwsetError `RWSET_BLOCK_OUT_OF_ORDER` when it does not follow the one before.
     */
    add(block: Block): ReplayedBlock {
        if (this.#last !== undefined && block.number !== this.#last + 1) {
            throw new RwsetError(
                'RWSET_BLOCK_OUT_OF_ORDER',
                `Block ${block.number} comes after block ${this.#last}. A replay needs every block, ` +
                    `once and in order.`,
            );
        }
        this.#last = block.number;
        const validation = validateBlock(this.state, block, this.#options);
        this.state.apply(validation.updates);
        return {
            ...validation,
            conflicts: this.#attributor.add(block, validation.codes),
            disagreements: block.transactions
                .filter(({ txNum, code }) => validation.codes[txNum] !== code)
                .map(({ txNum }) => txNum),
        };
    }
}
