import {
    loadNetwork,
    resolveProfile,
    validateProfile,
    type Network,
    type NetworkProfile,
} from '@goodput/network';
import { FabricTransport } from '../transport/fabric-transport.js';
import { Outbox } from '../outbox/outbox.js';
import { assertCurrent, signingOf, type Signing } from '../transport/signing.js';
import { Client } from './client.js';
import { settingsOf, type ClientOptions, type Settings } from './options.js';

const dayMs = 24 * 60 * 60 * 1000;

function networkOf(profile: string | NetworkProfile | Network): Network {
    if (typeof profile === 'string') return loadNetwork(profile);
    if ('identity' in profile) return profile;
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
        const records = await outbox?.operations();
        const keepMs = options.outbox?.keepMs ?? dayMs;
        await outbox?.forgetReceipts(Date.now() - keepMs);
        const transport = await openTransport(network, settings, signingOf(who));
        return new Client({
            network,
            options,
            settings,
            transport,
            ...(outbox && { outbox }),
            ...(records && { records }),
        });
    } catch (error) {
        await outbox?.close();
        throw error;
    }
}

function openTransport(
    network: Network,
    settings: Settings,
    signing: Signing,
): Promise<FabricTransport> {
    const { calls } = settings.concurrency;
    return FabricTransport.open({
        channel: network.channel,
        peers: network.peers,
        signing,
        concurrency: { max: calls, initial: Math.min(calls, 128) },
        wholeBlocks: false,
        stallMs: settings.timeouts.stallMs,
    });
}
