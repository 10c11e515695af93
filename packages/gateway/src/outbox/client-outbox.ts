import type { Engine } from '../client/engine.js';
import type { Receipt } from '../client/receipt.js';
import type { Logger } from '../observe/logger.js';
import { OutboxKeeper } from './outbox-keeper.js';
import type { Outbox } from './outbox.js';
import { ReceiptPruner } from './receipt-pruner.js';
import type { OperationRecord } from './record.js';
import { recover } from './recover.js';

/** What {@link ClientOutbox} is made of. */
export interface ClientOutboxParts {
    readonly outbox: Outbox;
    /** What it holds. */
    readonly records: readonly OperationRecord[];
    /** How long receipts are kept. */
    readonly keepMs: number;
    readonly logger: Logger;
}

/** The outbox of a client: takes up what it holds, keeps what is accepted, forgets old receipts. */
export class ClientOutbox {
    readonly keeper: OutboxKeeper;
    readonly #outbox: Outbox;
    readonly #pruner: ReceiptPruner;
    readonly #logger: Logger;
    #recovering: Promise<number> = Promise.resolve(0);

    constructor({ outbox, records, keepMs, logger }: ClientOutboxParts) {
        this.#outbox = outbox;
        this.#logger = logger;
        this.keeper = new OutboxKeeper(outbox, records, (error) => {
            logger.error({ error }, 'the outbox could not be written');
        });
        this.#pruner = new ReceiptPruner(outbox, keepMs, (error) => {
            logger.warn({ error }, 'old receipts could not be forgotten');
        });
    }

    /** Resolves when what an earlier process had left is in line, with the number of operations. */
    get recovered(): Promise<number> {
        return this.#recovering;
    }

    /** Takes up what an earlier process had left; until that is in line, nothing new starts. */
    start(engine: Engine, onRecovered: (receipt: Receipt) => void): void {
        const { keeper } = this;
        this.#pruner.start();
        engine.hold();
        this.#recovering = recover({ outbox: this.#outbox, keeper, engine, onRecovered }).finally(
            () => {
                engine.release();
            },
        );
        this.#recovering.catch((error: unknown) => {
            this.#logger.error({ error }, 'the outbox could not be taken up');
        });
    }

    async close(): Promise<void> {
        await this.#pruner.stop();
        await this.#recovering.catch(() => undefined);
        await this.#outbox.close();
    }
}
