import { fork } from 'node:child_process';
import { contracts } from '@goodput/bench-chaincode';
import { startNetwork } from '@goodput/devnet';
import { resolveProfile, type Network, type NetworkProfile } from '@goodput/network';

/** How blocks are cut. */
export interface BlockRule {
    readonly timeoutMs: number;
    readonly maxMessageCount: number;
}

/** Runs in the child: a network until its parent is done with it. */
async function serve(block: BlockRule): Promise<void> {
    const network = await startNetwork({ block });
    await network.deploy({ name: 'bench', contracts });
    process.once('disconnect', () => {
        void network.stop();
    });
    process.send?.(network.profile);
}

/**
 * The embedded network in a process of its own: what a client costs is then the client's alone, and
 * neither waits for the other's turn of the event loop.
 */
export async function networkProcess(
    block: BlockRule,
): Promise<{ readonly network: Network; readonly stop: () => Promise<void> }> {
    const child = fork(__filename, [JSON.stringify(block)], { stdio: 'inherit' });
    const exited = new Promise<void>((resolve) =>
        child.once('exit', () => {
            resolve();
        }),
    );
    const profile = await new Promise<NetworkProfile>((resolve, reject) => {
        child.once('message', (message) => {
            resolve(message as NetworkProfile);
        });
        child.once('error', reject);
        void exited.then(() => {
            reject(new Error('The embedded network did not start.'));
        });
    });
    const stop = (): Promise<void> => {
        if (child.connected) child.disconnect();
        return exited;
    };
    return { network: resolveProfile(profile), stop };
}

if (require.main === module) void serve(JSON.parse(process.argv[2] ?? '{}') as BlockRule);
