import {
    canonicalJson,
    contentHash,
    ContractError,
    GoodputContract,
    indexOn,
    repository,
    slotBook,
    timeSeries,
    transient,
    withBatching,
    type GoodputContext,
    type SlotStatus,
} from '@goodput/chaincode';
import { enforce, type AccessRequest } from '@goodput/contracts';
import { defineKey, healthcareKeys, part, string, txUlid } from '@goodput/keys';
import { guarded, json, number, type Answer } from './guarded.js';

const vitals = timeSeries(healthcareKeys.vital);
const notes = timeSeries(healthcareKeys.note);
const appointments = slotBook(healthcareKeys.appointment);

type OrderState = 'draft' | 'active' | 'held' | 'completed' | 'cancelled';

const orders = repository(
    healthcareKeys.order,
    {
        type: 'object',
        properties: {
            patient: { type: 'string' },
            order: { type: 'string' },
            code: { type: 'string' },
            ward: { type: 'string' },
            state: { type: 'string', enum: ['draft', 'active', 'held', 'completed', 'cancelled'] },
            dueAt: { type: 'integer' },
        },
        required: ['patient', 'order', 'code', 'ward', 'state', 'dueAt'],
        additionalProperties: false,
    },
    {
        indexes: {
            due: indexOn(healthcareKeys.orderDue, ({ ward, state, dueAt }) => ({
                ward,
                state: state,
                dueAt,
            })),
        },
    },
);

/** The collection notes are kept in; the public row has their hash alone. */
export const NOTES = 'clinicalNotes';
const texts = repository(
    defineKey({
        name: 'note.text',
        layout: 'composite',
        parts: [
            part('patient', string({ maxBytes: 64 }), { phi: true }),
            part('hash', string({ maxBytes: 64 })),
        ],
    }),
    {
        type: 'object',
        properties: {
            patient: { type: 'string' },
            hash: { type: 'string' },
            salt: { type: 'string', minLength: 16 },
            text: { type: 'string', phi: true },
        },
        required: ['patient', 'hash', 'salt', 'text'],
        additionalProperties: false,
    },
    { collection: NOTES },
);
/** Who opened which note: written blind, and read when the text is. */
const opened = defineKey({
    name: 'note.opened',
    layout: 'ordered',
    parts: [
        part('patient', string({ maxBytes: 64 }), { phi: true }),
        part('hash', string({ maxBytes: 64 })),
        part('reader', string({ maxBytes: 64 })),
    ],
});
const OPEN_MS = 5 * 60_000;
interface Opened {
    readonly until: number;
    readonly purpose: string;
}
const NEVER_OPENED: Opened = { until: 0, purpose: '' };
const noteInput = transient('note', {
    type: 'object',
    properties: { salt: { type: 'string', minLength: 16 }, text: { type: 'string', phi: true } },
    required: ['salt', 'text'],
    additionalProperties: false,
});

function about(
    action: string,
    [type, id, patient]: readonly [string, string, string],
    purpose: string,
): AccessRequest {
    return { action, resource: { type, id, patient }, purpose };
}

/**
 * Clinical records: vital signs, orders, notes and appointments. Patients are pseudonyms. Each call is
 * authorised and recorded, so reads are submitted too.
 */
export class ClinicalContract extends withBatching(GoodputContract) {
    constructor() {
        super('ClinicalContract');
    }

    /** Adds a reading of a vital sign. Conflicts with nobody. */
    async recordVital(
        ctx: GoodputContext,
        patient: string,
        code: string,
        value: string,
        purpose: string,
    ): Promise<Answer<number>> {
        return guarded(ctx, about('create', ['vital', code, patient], purpose), async () => {
            const reading = number(value);
            await vitals.append(ctx, { patient, code }, reading);
            return reading;
        });
    }

    /** The latest readings of a stretch of time, newest first. */
    async readVitals(
        ctx: GoodputContext,
        patient: string,
        code: string,
        window: string,
        purpose: string,
    ): Promise<Answer<unknown>> {
        const {
            from,
            to,
            count = 100,
        } = json(window) as { from: number; to: number; count?: number };
        return guarded(ctx, about('read', ['vital', code, patient], purpose), () =>
            vitals.latest(ctx, { patient, code }, { from, to }, count),
        );
    }

    /** Places an order, active at once, and returns its id. */
    async placeOrder(
        ctx: GoodputContext,
        patient: string,
        order: string,
        purpose: string,
    ): Promise<Answer<string>> {
        const { code, ward, dueAt } = json(order) as { code: string; ward: string; dueAt: number };
        const seq = Number(ctx.nextId().slice(-6));
        const id = txUlid({ at: ctx.time.ms, tx: ctx.stub.getTxID(), seq });
        return guarded(ctx, about('create', ['order', id, patient], purpose), async () => {
            await orders.insert(ctx, { patient, order: id, code, ward, dueAt, state: 'active' });
            return id;
        });
    }

    /** Moves an order on, if it still has the version that was looked at. */
    async changeOrder(
        ctx: GoodputContext,
        patient: string,
        order: string,
        state: string,
        ifVersion: string,
        purpose: string,
    ): Promise<Answer<number>> {
        return guarded(ctx, about('update', ['order', order, patient], purpose), async () => {
            const { rev, ...row } = await orders.require(ctx, { patient, order });
            if (row.state === 'completed' || row.state === 'cancelled') {
                throw new ContractError('CLINICAL_ORDER_ENDED', 'the order has ended');
            }
            const changed = { ...row, state: state as OrderState };
            return orders.put(ctx, changed, {
                ifVersion: ifVersion === '' ? rev : number(ifVersion),
            });
        });
    }

    /** A ward's active orders, by when they are due. */
    async dueOrders(
        ctx: GoodputContext,
        ward: string,
        purpose: string,
    ): Promise<Answer<unknown[]>> {
        const resource = { type: 'worklist', id: ward };
        return guarded(ctx, { action: 'read', resource, purpose }, async () => {
            const range = healthcareKeys.orderDue.prefix({ ward, state: 'active' });
            const due: unknown[] = [];
            for await (const row of orders.scanIndex(ctx, 'due', range)) due.push(row);
            return due;
        });
    }

    /** Adds a note: transient input `note`, `{ salt, text }`. Its text stays in the private collection. */
    async addNote(ctx: GoodputContext, patient: string, purpose: string): Promise<Answer<string>> {
        const { salt, text } = noteInput.require(ctx);
        const hash = contentHash(`${salt}\n${text}`);
        return guarded(ctx, about('create', ['note', hash, patient], purpose), async () => {
            await texts.put(ctx, { patient, hash, salt, text });
            await notes.append(ctx, { patient }, { hash });
            return hash;
        });
    }

    /**
     * Opens a note for reading, for five minutes: submit this, then evaluate `readNote`. What a submitted
     * call returns stands in a block for ever, so the text cannot be its answer.
     */
    async openNote(
        ctx: GoodputContext,
        patient: string,
        hash: string,
        purpose: string,
    ): Promise<Answer<string>> {
        return guarded(ctx, about('read', ['note', hash, patient], purpose), async () => {
            const key = opened.build({ hash, patient, reader: ctx.caller.key });
            const row: Opened = { until: ctx.time.ms + OPEN_MS, purpose };
            await ctx.stub.putState(key, canonicalJson(row));
            return hash;
        });
    }

    /** The text of a note the caller has opened, if opening it is still permitted. Evaluate it. */
    async readNote(ctx: GoodputContext, patient: string, hash: string): Promise<string> {
        const key = opened.build({ hash, patient, reader: ctx.caller.key });
        const row = await ctx.stub.getState(key);
        const { until, purpose } =
            row.length === 0 ? NEVER_OPENED : (JSON.parse(row.toString()) as Opened);
        if (ctx.time.ms >= until) {
            throw new ContractError('CLINICAL_NOTE_CLOSED', 'open the note first');
        }
        await enforce(ctx, about('read', ['note', hash, patient], purpose));
        return (await texts.require(ctx, { hash, patient })).text;
    }

    /** Books a clinician's time for a patient: all of the window or none of it, and never twice. */
    async book(
        ctx: GoodputContext,
        clinician: string,
        patient: string,
        from: string,
        to: string,
        purpose: string,
    ): Promise<Answer<readonly SlotStatus[]>> {
        const window = { from: number(from), to: number(to) };
        const request = about('create', ['appointment', clinician, patient], purpose);
        return guarded(ctx, request, async () => {
            await appointments.book(ctx, { clinician }, { ...window, by: patient });
            return appointments.status(ctx, { clinician }, window);
        });
    }
}
