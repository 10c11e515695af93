import { contracts } from '@goodput/bench-chaincode';
import { startNetwork, type NetworkOptions } from '@goodput/devnet';

// The embedded network in a process of its own, so that the clients under comparison do not share an event
// loop with it. It lives as long as its parent: when the channel between them closes, it stops.

async function serve(options: NetworkOptions): Promise<void> {
    const network = await startNetwork(options);
    await network.deploy({ name: 'bench', contracts: [...contracts] });
    process.once('disconnect', () => {
        void network.stop().then(() => process.exit(0));
    });
    process.send?.({ profile: network.profile });
}

// Ctrl-C reaches the whole group; the parent decides when the network goes.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
process.once('message', (options) => {
    serve(options as NetworkOptions).catch((error: unknown) => {
        process.send?.({ failure: error instanceof Error ? error.message : String(error) });
        process.disconnect();
    });
});
