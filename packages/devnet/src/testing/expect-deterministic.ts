import { AssertionError } from 'node:assert';
import { peer as protocol } from '@hyperledger/fabric-protos';
import { DevnetError } from '../errors.js';
import { unpackProposal } from '../endorser/proposal.js';
import { describeDifference } from '../gateway/difference.js';
import type { Network } from '../network/network.js';
import type { Endorsed, Peer } from '../peer/peer.js';
import { perturbed, PERTURBATIONS, type Perturbation } from './perturb.js';
import type { TestProposal } from './test-proposal.js';

interface Run {
    readonly endorsed: Endorsed;
    readonly payload: Uint8Array;
    readonly by: string;
}

async function run(
    peer: Peer,
    proposal: TestProposal,
    time: number,
    perturbations: readonly Perturbation[],
): Promise<Run> {
    const unpacked = unpackProposal(proposal.signed);
    const endorsed = await perturbed(time, perturbations, () => peer.process(unpacked));
    const { response } = endorsed;
    const answer = response.getResponse() ?? new protocol.Response();
    const names = perturbations.map(({ name }) => name).join(', ');
    const what = perturbations === PERTURBATIONS ? 'everything around it' : names;
    const by = what === '' ? peer.name : `${peer.name} with ${what} changed`;
    const payload = response.getPayload_asU8();
    if (answer.getStatus() < 400 && payload.length > 0) return { endorsed, payload, by };
    throw new DevnetError(
        'DEVNET_ENDORSEMENT_FAILED',
        `${proposal.title} failed on ${by}: ${answer.getMessage()}. Whether it is deterministic can be said of a call that succeeds.`,
    );
}

/** Two peers, of two organisations if there are two; the same one twice if there is one. */
function twoPeers(network: Network): readonly [Peer, Peer] {
    const [first, ...others] = network.peers;
    if (first === undefined) {
        throw new DevnetError('DEVNET_STOPPED', 'The network has no peers.');
    }
    const second = others.find(({ mspId }) => mspId !== first.mspId) ?? others[0] ?? first;
    return [first, second];
}

/**
 * Fails if the call does not give the same result everywhere: it is run on peers of two organisations,
 * with the clock, random numbers, time zone, locale, environment variables, host, process and working
 * directory different at the second, and once more at the first. The message says which key and value
 * differed, and what the contract looked at.
 *
 * Nothing is submitted. Perturbation reaches contracts that run in this process; a chaincode of its own
 * process is run as it is. What a contract remembers of earlier calls shows only while it still changes what
 * the call does: a test for that calls it first on a network that has just been started.
 *
 * @example
 * ```ts
 * await expectDeterministic(network, assets.propose('create', 'a'));
 * ```
 */
export async function expectDeterministic(network: Network, proposal: TestProposal): Promise<void> {
    const [first, second] = twoPeers(network);
    const time = Date.now();
    const plain = await run(first, proposal, time, []);
    const everything = await run(second, proposal, time, PERTURBATIONS);
    const again = await run(first, proposal, time, []);
    const other = [everything, again].find(
        ({ payload }) => Buffer.compare(payload, plain.payload) !== 0,
    );
    if (other === undefined) return;
    const causes: string[] = [];
    // A difference between two plain runs has a cause that none of these is alone to blame for.
    if (Buffer.compare(again.payload, plain.payload) === 0) {
        for (const each of PERTURBATIONS) {
            const { payload } = await run(first, proposal, time, [each]);
            if (Buffer.compare(payload, plain.payload) !== 0) causes.push(each.name);
        }
    }
    const cause = causes.length === 0 ? '' : ` It depends on ${causes.join(' and ')}.`;
    throw new AssertionError({
        message: `${proposal.title} is not deterministic: ${describeDifference(plain, other)}.${cause}`,
        operator: 'expectDeterministic',
    });
}
