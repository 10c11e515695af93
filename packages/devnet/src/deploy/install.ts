import { readFile } from 'node:fs/promises';
import { FolderProcess } from '../chaincode/folder-process.js';
import { InProcessSource } from '../chaincode/in-process-source.js';
import type { RegisteredChaincodes } from '../chaincode/registered-chaincodes.js';
import type { ChaincodeSource } from '../chaincode/runtime.js';
import { ServiceSource, type ServiceConnection } from '../chaincode/service-source.js';
import { DevnetError } from '../errors.js';
import type { Peer } from '../peer/peer.js';
import type { Deployment } from './deployment.js';

/** What installing needs of the network. */
export interface InstallContext {
    readonly peers: readonly Peer[];
    /** The channels it runs for. */
    readonly channels: readonly string[];
    readonly registered: RegisteredChaincodes;
    /** How long a chaincode has to answer when it is first needed. */
    readonly startTimeoutMs: number;
}

/** A way to give each peer its source, and what is to be stopped with the chaincode. */
export interface Installed {
    stop(): Promise<void>;
}

const nothingToStop: Installed = { stop: () => Promise.resolve() };

async function readConnection(file: string): Promise<ServiceConnection> {
    try {
        return JSON.parse(await readFile(file, 'utf8')) as ServiceConnection;
    } catch (cause) {
        throw new DevnetError(
            'DEVNET_DEPLOY_FAILED',
            `Cannot read the chaincode's connection at ${file}: ${(cause as Error).message}.`,
            { cause },
        );
    }
}

async function plan(
    deployment: Deployment,
    context: InstallContext,
): Promise<[sourceFor: (peer: Peer) => ChaincodeSource, installed: Installed]> {
    const { name, version = '1.0' } = deployment;
    const { registered, startTimeoutMs } = context;
    if ('connection' in deployment) {
        const { connection: given } = deployment;
        const connection = typeof given === 'string' ? await readConnection(given) : given;
        return [() => new ServiceSource(connection, startTimeoutMs), nothingToStop];
    }
    if ('folder' in deployment) {
        const running = await FolderProcess.start(deployment, name);
        const source = (): ChaincodeSource =>
            new ServiceSource({ address: running.address }, startTimeoutMs);
        return [source, { stop: () => running.stop() }];
    }
    if ('register' in deployment) {
        registered.expect(name, version);
        return [(peer) => registered.sourceFor(name, peer.name), nothingToStop];
    }
    // Each peer has instances of its own, as each has a chaincode process of its own elsewhere.
    return [() => new InProcessSource(deployment, name, version), nothingToStop];
}

/** Makes a chaincode available on the peers of its organisations. */
export async function install(deployment: Deployment, context: InstallContext): Promise<Installed> {
    const [sourceFor, installed] = await plan(deployment, context);
    const { organizations } = deployment;
    for (const peer of context.peers) {
        if (organizations !== undefined && !organizations.includes(peer.mspId)) continue;
        peer.runtime.install(deployment.name, context.channels, sourceFor(peer));
    }
    return installed;
}
