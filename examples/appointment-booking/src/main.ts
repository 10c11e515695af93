// Appointments: one key a quarter of an hour. A double booking *is* a conflict, so that Fabric itself refuses
// it, and two patients at different times never meet.
import {
    GoodputContract,
    slotBook,
    withBatching,
    type GoodputContext,
    type SlotStatus,
} from '@goodput/chaincode';
import { startNetwork } from '@goodput/devnet';
import { connect } from '@goodput/gateway';
import { defineSlotKey, part, string } from '@goodput/keys';

const MINUTE = 60_000;

const diary = slotBook(
    defineSlotKey({
        name: 'appointment',
        resource: [part('clinician', string())],
        minutes: 15,
    }),
);

class Appointments extends withBatching(GoodputContract) {
    async book(ctx: GoodputContext, clinician: string, at: string, minutes: string, who: string) {
        const from = Date.parse(at);
        const to = from + Number(minutes) * MINUTE;
        await diary.book(ctx, { clinician }, { from, to, by: who });
    }

    async day(ctx: GoodputContext, clinician: string, date: string): Promise<SlotStatus[]> {
        const from = Date.parse(`${date}T08:00:00Z`);
        return diary.status(ctx, { clinician }, { from, to: from + 4 * 60 * MINUTE });
    }
}

async function main(): Promise<void> {
    const network = await startNetwork({ block: { timeoutMs: 100 } });
    await network.deploy({ name: 'appointments', contracts: [Appointments] });
    const client = await connect(network.profile);
    const appointments = client.contract('appointments');

    // Ten patients want half an hour at nine, all at once; one wants ten o'clock.
    const wishes = Array.from({ length: 10 }, (_, patient) => ({
        transaction: 'book',
        args: ['dr-osler', '2027-03-01T09:00:00Z', '30', `patient-${patient}`],
    }));
    const other = {
        transaction: 'book',
        args: ['dr-osler', '2027-03-01T10:00:00Z', '15', 'patient-10'],
    };
    const receipts = await appointments.submitMany([...wishes, other]);
    console.log(receipts.filter(({ outcome }) => outcome === 'committed').length); // => 2
    console.log(receipts.filter(({ outcome }) => outcome === 'rejected').length); // => 9

    const day = await appointments.evaluate('day', ['dr-osler', '2027-03-01']);
    const slots = JSON.parse(Buffer.from(day).toString()) as { taken?: { by: string } }[];
    console.log(slots.filter(({ taken }) => taken !== undefined).length); // => 3

    await client.close();
    await network.stop();
}

void main();
