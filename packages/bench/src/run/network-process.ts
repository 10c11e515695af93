import { contracts } from '@goodput/bench-chaincode';
import { startNetwork, type NetworkOptions } from '@goodput/devnet';

// The embedded network in a process of its own, so that the clients under comparison do not share an event
// loop with it. It lives as long as its parent: when the channel between them closes, it stops.

let stop = (): Promise<void> => Promise.resolve();

async function serve(options: NetworkOptions): Promise<void> {
    const network = await startNetwork(options);
    stop = () => network.stop();
    await network.deploy({ name: 'bench', contracts: [...contracts] });
    // A parent that went meanwhile waits for nothing any more.
    if (process.connected) process.send?.({ profile: network.profile });
}

// Ctrl-C reaches the whole group; the parent decides when the network goes.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
process.once('message', (options) => {
    const serving = serve(options as NetworkOptions).catch((error: unknown) => {
        if (!process.connected) return;
        process.send?.({ failure: error instanceof Error ? error.message : String(error) });
        process.disconnect();
    });
    process.once('disconnect', () => {
        void serving.then(() => stop()).then(() => process.exit(0));
    });
});
