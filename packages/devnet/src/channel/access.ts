import type { Member } from '../identity/member.js';
import { validSigners, type SignedData } from '../policy/valid-signers.js';
import type { Channel } from './channel.js';

/** The policies of a channel by which access is given. */
export type AccessPolicy = 'Readers' | 'Writers';

/** Why the member is not given access, if so: what the policy's evaluation says. */
export function refusal(
    channel: Channel,
    policy: AccessPolicy,
    members: readonly Member[],
): string | undefined {
    return channel.policies.get(`/Channel/Application/${policy}`)?.refusal(members);
}

/** As {@link refusal}, for whoever made the signature. */
export function signedRefusal(
    channel: Channel,
    policy: AccessPolicy,
    signed: SignedData,
): string | undefined {
    return refusal(channel, policy, validSigners([signed], channel.membership));
}

/** What a peer answers to whoever may not use one of its services. */
export function accessDenied(channelId: string, policy: AccessPolicy, why: string): string {
    return `failed evaluating policy on signed data during check policy on channel [${channelId}] with policy [/Channel/Application/${policy}]: [${why}]`;
}

/** What a peer answers to whoever asks about a channel that it has not joined. */
export function noPolicies(channelId: string): string {
    return `Failed to get policy manager for channel [${channelId}]`;
}
