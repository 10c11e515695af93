import type { ClientOptions } from '../client/options.js';
import type { Receipt } from '../client/receipt.js';
import { OutboxKeeper } from '../outbox/outbox-keeper.js';
import { Outbox } from '../outbox/outbox.js';
import { recover } from '../outbox/recover.js';
import { fakeClient, type FakeClient } from './fake-client.js';
import type { FakeNetwork } from './fake-network.js';

/** A client with an outbox, as one process has it. */
export interface OutboxSession {
    readonly client: FakeClient;
    readonly outbox: Outbox;
    readonly recovered: Receipt[];
    /** Ends as a crash would: nothing is waited for or told. */
    readonly crash: () => Promise<void>;
}

/** Opens the outbox in a folder, and takes up what is in it. */
export async function outboxSession(
    folder: string,
    network: FakeNetwork,
    timeouts: ClientOptions['timeouts'] = {},
    more: ClientOptions = {},
): Promise<OutboxSession> {
    const outbox = await Outbox.open(folder, { sync: false });
    const keeper = new OutboxKeeper(outbox, await outbox.operations(), () => undefined);
    const options = { ...more, timeouts: { outcomeMs: 60_000, ...timeouts } };
    const client = fakeClient(network, options, true, { keeper });
    const recovered: Receipt[] = [];
    client.engine.hold();
    await recover({
        outbox,
        keeper,
        engine: client.engine,
        onRecovered: (receipt) => recovered.push(receipt),
    });
    client.engine.release();
    const crash = async (): Promise<void> => {
        client.engine.hold();
        await outbox.close();
    };
    return { client, outbox, recovered, crash };
}
