import { FolderProcess } from '../chaincode/folder-process.js';
import { InProcessSource } from '../chaincode/in-process-source.js';
import type { RegisteredChaincodes } from '../chaincode/registered-chaincodes.js';
import type { ChaincodeSource } from '../chaincode/runtime.js';
import { ServiceSource } from '../chaincode/service-source.js';
import { DevnetError } from '../errors.js';
import type { Peer } from '../peer/peer.js';
import type { Deployment } from './deployment.js';
import { serviceConnection } from './service-connection.js';

/** What preparing needs of the network. */
export interface InstallContext {
    readonly peers: readonly Peer[];
    readonly registered: RegisteredChaincodes;
    /** How long a chaincode has to answer when it is first needed. */
    readonly startTimeoutMs: number;
}

/** A chaincode that can be called as soon as the peers are told of it. */
export interface Prepared {
    /** Has the peers of its organisations run it for these channels. */
    install(channels: readonly string[]): void;
    /** Stops what was started for it. */
    stop(): Promise<void>;
}

/** What runs: where each peer finds it, and what is to be stopped with it. */
interface Running {
    readonly sourceFor: (peer: Peer) => ChaincodeSource;
    readonly stop?: () => Promise<void>;
}

async function run(deployment: Deployment, context: InstallContext): Promise<Running> {
    const { name, version = '1.0' } = deployment;
    const { registered, startTimeoutMs } = context;
    if ('connection' in deployment) {
        const connection = await serviceConnection(deployment.connection);
        return { sourceFor: () => new ServiceSource(connection, startTimeoutMs) };
    }
    if ('folder' in deployment) {
        const running = await FolderProcess.start(deployment, name);
        const { address } = running;
        return {
            sourceFor: () => new ServiceSource({ address }, startTimeoutMs),
            stop: () => running.stop(),
        };
    }
    if ('register' in deployment) {
        const expected = registered.expect(name, version);
        return { sourceFor: (peer) => registered.sourceFor(expected, peer.name) };
    }
    // Each peer has instances of its own, as each has a chaincode process of its own elsewhere.
    return { sourceFor: () => new InProcessSource(deployment, name, version) };
}

/**
 * Makes a chaincode ready to be called, before anybody agrees on it: what cannot be read, started or
 * constructed is refused while nothing has been written. Throws `DEVNET_DEPLOY_FAILED`.
 */
export async function prepare(deployment: Deployment, context: InstallContext): Promise<Prepared> {
    const { name, organizations } = deployment;
    const running = await run(deployment, context);
    const stop = running.stop ?? (() => Promise.resolve());
    const sources = new Map<Peer, ChaincodeSource>();
    const close = (): void => {
        for (const source of sources.values()) source.close();
    };
    try {
        for (const peer of context.peers) {
            if (organizations !== undefined && !organizations.includes(peer.mspId)) continue;
            sources.set(peer, running.sourceFor(peer));
        }
    } catch (cause) {
        close();
        await stop();
        throw new DevnetError(
            'DEVNET_DEPLOY_FAILED',
            `The chaincode ${name} cannot be run: ${cause instanceof Error ? cause.message : String(cause)}. Mend it and deploy it again.`,
            { cause },
        );
    }
    return {
        install: (channels) => {
            for (const [peer, source] of sources) peer.runtime.install(name, channels, source);
        },
        stop: async () => {
            close();
            await stop();
        },
    };
}
