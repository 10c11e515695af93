import { createHash, X509Certificate } from 'node:crypto';
import {
    loadNetwork,
    resolveProfile,
    validateProfile,
    type Network,
    type NetworkProfile,
} from '@goodput/network';
import { FabricTransport } from '../transport/fabric-transport.js';
import { Outbox } from '../outbox/outbox.js';
import type { OutboxOwner } from '../outbox/record.js';
import { assertCurrent, signingOf, type CustomSigner, type Signing } from '../transport/signing.js';
import { KnownWrites } from '../reorder/known-writes.js';
import { openTelemetryTracer } from '../observe/tracing.js';
import { Client, type TransportListeners } from './client.js';
import type { ClientOptions } from './options.js';
import { settingsOf, type Settings } from './settings.js';

type Bearer = Pick<CustomSigner, 'mspId' | 'certificate'>;

function networkOf(profile: string | NetworkProfile | Network): Network {
    if (typeof profile === 'string') return loadNetwork(profile);
    if ('identity' in Object(profile)) return profile as Network;
    return resolveProfile(validateProfile(profile));
}

/**
 * Connects to the channel of a network profile.
 *
 * @param profile - the profile's file, its content, or a network already read
 * @throws GatewayError at once when no peer can be reached or the identity is not accepted
 * @example
 * ```ts no-run
 * import { connect } from '@goodput/gateway';
 *
 * async function main(): Promise<void> {
 *     await using client = await connect('profile.json');
 *     await client.contract('counter').submit('add', ['visits', '1']);
 * }
 * void main();
 * ```
 */
export async function connect(
    profile: string | NetworkProfile | Network,
    options: ClientOptions = {},
): Promise<Client> {
    const settings = settingsOf(options);
    const network = networkOf(profile);
    const who = options.signer ?? network.identity(options.identity);
    assertCurrent(who.certificate);
    const outbox = options.outbox && (await Outbox.open(options.outbox.path, options.outbox));
    try {
        await outbox?.claim(ownerOf(network.channel, who));
        const records = await outbox?.operations();
        const known = needsWholeBlocks(options) ? new KnownWrites() : undefined;
        const listeners: TransportListeners = {};
        const tracer = options.tracing === false ? undefined : await openTelemetryTracer();
        const transport = await openTransport(network, settings, signingOf(who), {
            listeners,
            whole: known !== undefined,
        });
        return new Client({
            network,
            options,
            settings,
            transport,
            ...(outbox && records && { outbox: { outbox, records } }),
            ...(known && { known }),
            ...(tracer && { tracer }),
            listeners,
            reader: readerOf(network.channel, who),
        });
    } catch (error) {
        await outbox?.close();
        throw error;
    }
}

function ownerOf(channel: string, { mspId, certificate }: Bearer): OutboxOwner {
    return { channel, mspId, subject: new X509Certificate(certificate).subject };
}

/** Tells apart whose answers are whose: by channel, organisation and certificate. */
function readerOf(channel: string, { mspId, certificate }: Bearer): string {
    const print = createHash('sha256').update(certificate).digest('hex');
    return JSON.stringify([channel, mspId, print]);
}

/** Verdicts alone cost the network less; who caches or orders needs to know what was written. */
function needsWholeBlocks({ cache, strategy, wholeBlocks }: ClientOptions): boolean {
    return wholeBlocks ?? (cache !== undefined || strategy === 'reorder');
}

function openTransport(
    network: Network,
    settings: Settings,
    signing: Signing,
    { listeners, whole }: { readonly listeners: TransportListeners; readonly whole: boolean },
): Promise<FabricTransport> {
    const { calls } = settings.concurrency;
    return FabricTransport.open({
        channel: network.channel,
        peers: network.peers,
        signing,
        concurrency: { max: calls, initial: Math.min(calls, 256) },
        wholeBlocks: whole,
        stallMs: settings.timeouts.stallMs,
        onBlock: (block) => listeners.onBlock?.(block),
        onFeed: (state, error) => listeners.onFeed?.(state, error),
        onSilent: (peer) => listeners.onSilent?.(peer),
    });
}
