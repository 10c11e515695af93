import { GatewayError } from '../errors.js';
import type { Peer } from './peer.js';
import type { PeerWish } from './transport.js';

/** What choosing a peer looks at. */
export type Candidate = Pick<Peer, 'name' | 'height'> & {
    readonly health: Pick<Peer['health'], 'available' | 'latencyMs' | 'pauseMs'>;
    readonly limit: Pick<Peer['limit'], 'running' | 'waiting' | 'limit'>;
};

/**
 * Estimated time until a further call to the peer is answered. Peers within a few milliseconds of
 * each other count as equal, so that load, not noise, decides.
 */
function cost(peer: Candidate): number {
    const load = (peer.limit.running + peer.limit.waiting + 1) / peer.limit.limit;
    return (10 + peer.health.latencyMs) * (1 + load);
}

/**
 * Chooses the peer for a call: reachable, as far in the chain as asked, and the least loaded. With
 * none reachable it chooses the one that is to be tried again first. One to be avoided is left out
 * as long as any other can be reached, whatever is known of how far the others are.
 */
export function choosePeer<T extends Candidate>(peers: readonly T[], wish: PeerWish = {}): T {
    const { minHeight = 0n, avoid } = wish;
    const elsewhere = peers.filter(({ name, health }) => name !== avoid && health.available());
    const wanted = avoid !== undefined && elsewhere.length > 0 ? elsewhere : peers;
    const tallEnough = wanted.filter((peer) => peer.height >= minHeight);
    const known = tallEnough.length > 0 ? tallEnough : wanted;
    const available = known.filter((peer) => peer.health.available());
    const [first, ...others] = available.length > 0 ? available : soonest(known);
    if (first === undefined) {
        throw new GatewayError('GATEWAY_OPTIONS_INVALID', 'The profile names no peer.');
    }
    return others.reduce((best, peer) => (cost(peer) < cost(best) ? peer : best), first);
}

function soonest<T extends Candidate>(peers: readonly T[]): T[] {
    return [...peers].sort((a, b) => a.health.pauseMs() - b.health.pauseMs()).slice(0, 1);
}
