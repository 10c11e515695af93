import { DevnetError } from '../errors.js';
import type { SystemCall } from './system-chaincode.js';

/** Who of a peer's own organisation may do something to, or learn something of, the peer itself. */
export type LocalPolicy = 'Admins' | 'Members';

/**
 * Why the caller may not, in a peer's words; undefined if they may. Calls about a peer itself are not a
 * matter of any channel: its own organisation decides on them.
 */
export function localRefusal(
    { proposal, peerMspId, localMembership }: SystemCall,
    policy: LocalPolicy,
): string | undefined {
    const checked = `during channelless check policy with policy [${policy}]`;
    try {
        const { roles } = localMembership.validate(proposal.creator);
        if (policy === 'Members' || roles.has('admin')) return undefined;
    } catch (error) {
        if (!(error instanceof DevnetError)) throw error;
        return `Failed deserializing proposal creator ${checked}: [${error.message}]`;
    }
    return `Failed verifying that proposal's creator satisfies local MSP principal ${checked}: [The identity is not an admin under this MSP [${peerMspId}]: The identity does not contain OU [ADMIN], MSP: [${peerMspId}]]`;
}
