import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NetworkOptions } from '@goodput/devnet';
import { loadNetwork, resolveProfile, type Network, type NetworkProfile } from '@goodput/network';
import { BenchError } from '../errors.js';

/** A network to run on, and how to be done with it. */
export interface UsableNetwork {
    readonly network: Network;
    /** The profile; only of a network started here. */
    readonly profile?: NetworkProfile;
    stop(): Promise<void>;
}

/** What a network started here may be told. */
export type EmbeddedOptions = Pick<NetworkOptions, 'block' | 'name' | 'organizations' | 'ports'>;

/** Block timeout of a network started here: half a second is what people tune a real one to. */
export const BLOCK_TIMEOUT_MS = 500;

/** What a transaction allocates is garbage once it is committed: room for it spares a tenth of the time. */
const YOUNG_GENERATION = '--max-semi-space-size=64';

interface Answer {
    readonly profile?: NetworkProfile;
    readonly failure?: string;
}

async function stop(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    if (child.connected) child.disconnect();
    await exited;
}

async function startEmbedded(options: EmbeddedOptions): Promise<UsableNetwork> {
    const child = fork(join(__dirname, 'network-process.js'), {
        env: { CORE_CHAINCODE_LOGGING_LEVEL: 'ERROR', ...process.env },
        execArgv: [...process.execArgv, YOUNG_GENERATION],
    });
    const answered = once(child, 'message') as Promise<[Answer]>;
    const exited = once(child, 'exit').then((): [Answer] => [{ failure: 'it ended at once' }]);
    child.send({ block: { timeoutMs: BLOCK_TIMEOUT_MS }, ...options });
    const [{ profile, failure }] = await Promise.race([answered, exited]);
    if (profile !== undefined) {
        return { network: resolveProfile(profile), profile, stop: () => stop(child) };
    }
    await stop(child);
    throw new BenchError(
        'BENCH_NETWORK_FAILED',
        `The embedded network did not start: ${failure ?? 'no reason given'}.`,
    );
}

/** The network of a profile, or an embedded one, in a process of its own, with the benchmark's chaincode. */
export async function openNetwork(
    profile?: string,
    options: EmbeddedOptions = {},
): Promise<UsableNetwork> {
    if (profile === undefined) return startEmbedded(options);
    return { network: loadNetwork(profile), stop: () => Promise.resolve() };
}

/** Writes a profile to a file that only its owner may read: it holds private keys. */
export function writeProfileFile(file: string, profile: NetworkProfile): void {
    writeFileSync(file, `${JSON.stringify(profile, null, 2)}\n`, { mode: 0o600 });
}
