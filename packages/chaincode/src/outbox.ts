import { defineAppendOnlyKey, part, string, type AppendOnlyKey, type Part } from '@goodput/keys';
import { canonicalBytes, canonicalJson } from './canonical-json.js';
import { ChaincodeError } from './errors.js';
import { scanRows, unitOfContext, type UnitContext } from './rows.js';

/** A message that waits in the ledger until it is acknowledged. */
export interface OutboxMessage<T> {
    /** Its name, for {@link Outbox.acknowledge}. */
    readonly id: string;
    readonly topic: string;
    readonly payload: T;
}

/** How an {@link Outbox} is read. */
export interface OutboxOptions {
    /** Most messages one call of `pending` gives. @default 100 */
    readonly maxMessages?: number;
}

type TopicPart = Part<'topic', string>;

/**
 * Events that cannot be missed: each is an event and a row, and the row stays until its consumer has
 * acknowledged it. A consumer that was away reads what is pending. Made by {@link outbox}.
 */
export class Outbox<T> {
    readonly #key: AppendOnlyKey<string, readonly [TopicPart]>;
    readonly #maxMessages: number;

    constructor(name: string, options: OutboxOptions) {
        this.#key = defineAppendOnlyKey({ name, stream: [part('topic', string())] });
        this.#maxMessages = options.maxMessages ?? 100;
    }

    /** Writes the message and emits it as an event named after the topic. Conflicts with nobody. */
    async publish(ctx: UnitContext, topic: string, payload: T): Promise<string> {
        const unit = unitOfContext(ctx);
        const seq = unit.overlay.nextSequence(this.#key.name);
        const id = this.#key.build({ topic, tx: unit.getTxID(), seq });
        await unit.putState(id, canonicalJson({ payload }));
        unit.addEvent(topic, canonicalBytes({ id, payload }));
        return id;
    }

    /** The first messages of a topic that nobody has acknowledged. */
    async pending(ctx: UnitContext, topic: string): Promise<OutboxMessage<T>[]> {
        const messages: OutboxMessage<T>[] = [];
        const source = {
            range: this.#key.prefix({ topic }),
            limit: Number.POSITIVE_INFINITY,
            what: `the outbox ${this.#key.name}`,
        };
        for await (const { key, value } of scanRows(unitOfContext(ctx), source)) {
            const { payload } = JSON.parse(Buffer.from(value).toString()) as {
                readonly payload: T;
            };
            messages.push({ id: key, topic, payload });
            if (messages.length === this.#maxMessages) break;
        }
        return messages;
    }

    /** Deletes messages that have been dealt with. Once or twice makes no difference. */
    async acknowledge(ctx: UnitContext, ids: readonly string[]): Promise<void> {
        const unit = unitOfContext(ctx);
        const foreign = ids.findIndex((id) => this.#key.tryParse(id) === undefined);
        if (foreign >= 0) {
            throw new ChaincodeError(
                'CHAINCODE_KEY_INVALID',
                `id ${foreign} of ${ids.length} is no message of the outbox ${this.#key.name}`,
            );
        }
        for (const id of ids) await unit.deleteState(id);
    }
}

/** Makes an outbox whose rows have keys of that name. */
export function outbox<T = unknown>(name: string, options: OutboxOptions = {}): Outbox<T> {
    return new Outbox(name, options);
}
