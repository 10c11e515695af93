import type { Member } from '../identity/member.js';

/** Peers of the organisations as planning imagines them: their certificates do not matter. */
export function imaginedPeers(mspIds: readonly string[]): readonly Member[] {
    return mspIds.map((mspId, index) => ({
        mspId,
        certificatePem: '',
        certificateDer: Buffer.alloc(0),
        identifier: `${mspId}:${index}`,
        roles: new Set(['member', 'peer'] as const),
        organizationalUnits: ['peer'],
        certifiersIdentifier: Buffer.alloc(0),
        notAfter: new Date(0),
        attributes: {},
        verify: () => false,
    }));
}
