import { common } from '@hyperledger/fabric-protos';
import type { SigningIdentity } from '../identity/signing-identity.js';
import { blockHeaderHash } from '../ledger/block-hash.js';
import { blockSettings, type BlockSettings } from './batch-settings.js';
import { BlockCutter, type OrderedEnvelope } from './block-cutter.js';
import { makeBlock } from './make-block.js';

/** What the ordering service of a channel is made of. */
export interface OrdererOptions {
    readonly identity: SigningIdentity;
    readonly settings: BlockSettings;
    /** The last block there is, if any. */
    readonly lastBlock: common.Block | undefined;
    /** Takes a new block and what it was made of; the next is handed over when this one is done with. */
    readonly deliver: (block: common.Block, batch: readonly OrderedEnvelope[]) => Promise<void>;
    /** Is told when a block could not be committed: the channel stands still from then on. */
    readonly failed: (error: unknown) => void;
}

/** The ordering service of one channel: one node, no consensus, the same blocks. */
export class Orderer {
    readonly #options: OrdererOptions;
    readonly #cutter: BlockCutter;
    #nextNumber: number;
    #previousHash: Uint8Array;
    #timer: NodeJS.Timeout | undefined;
    #tail: Promise<void> = Promise.resolve();

    constructor(options: OrdererOptions) {
        this.#options = options;
        this.#cutter = new BlockCutter(options.settings);
        const header = options.lastBlock?.getHeader();
        this.#nextNumber = header === undefined ? 0 : header.getNumber() + 1;
        this.#previousHash = header === undefined ? new Uint8Array() : blockHeaderHash(header);
    }

    get settings(): BlockSettings {
        return this.#cutter.settings;
    }

    /** Changes when blocks are cut, from the next transaction on. */
    configure(settings: Partial<BlockSettings>): void {
        this.#cutter.settings = blockSettings(settings, this.#cutter.settings);
        if (this.#timer !== undefined) {
            this.#stopTimer();
            this.#startTimer();
        }
    }

    /** Transactions that wait for their block to be cut. */
    get pending(): number {
        return this.#cutter.pending;
    }

    /** Puts an envelope in line. */
    order(envelope: OrderedEnvelope): void {
        for (const batch of this.#cutter.add(envelope)) this.#seal(batch);
        if (this.#cutter.pending > 0) this.#startTimer();
        else this.#stopTimer();
    }

    /** Cuts a block of what is pending, if anything is; resolves when it is committed. */
    cut(): Promise<void> {
        this.#stopTimer();
        if (this.#cutter.pending > 0) this.#seal(this.#cutter.cut());
        return this.#tail;
    }

    /** Puts envelopes into a block of their own; resolves when it is committed. */
    orderAlone(envelopes: readonly OrderedEnvelope[]): Promise<void> {
        void this.cut();
        this.#seal(envelopes);
        return this.#tail;
    }

    /** Continues after another block, as after the ledger went back to a snapshot. */
    resumeAfter(block: common.Block): void {
        const header = block.getHeader() ?? new common.BlockHeader();
        this.#stopTimer();
        this.#cutter.cut();
        this.#nextNumber = header.getNumber() + 1;
        this.#previousHash = blockHeaderHash(header);
    }

    /** Resolves when every block that has been cut is committed. */
    settled(): Promise<void> {
        return this.#tail;
    }

    /** Drops what is pending; resolves when the last block is committed. */
    stop(): Promise<void> {
        this.#stopTimer();
        this.#cutter.cut();
        return this.#tail;
    }

    #startTimer(): void {
        const { timeoutMs } = this.#cutter.settings;
        if (this.#timer !== undefined || timeoutMs === 'manual') return;
        this.#timer = setTimeout(() => {
            void this.cut();
        }, timeoutMs);
    }

    #stopTimer(): void {
        clearTimeout(this.#timer);
        this.#timer = undefined;
    }

    #seal(batch: readonly OrderedEnvelope[]): void {
        const block = makeBlock(
            {
                number: this.#nextNumber,
                previousHash: this.#previousHash,
                data: batch.map((envelope) => envelope.bytes),
                lastConfig: 0,
            },
            this.#options.identity,
        );
        this.#nextNumber += 1;
        this.#previousHash = blockHeaderHash(block.getHeader() ?? new common.BlockHeader());
        this.#tail = this.#tail
            .then(() => this.#options.deliver(block, batch))
            .catch((error: unknown) => {
                this.#options.failed(error);
            });
    }
}
