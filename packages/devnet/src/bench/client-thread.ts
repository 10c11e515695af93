import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import type { Network } from '../network/network.js';
import { connectClient } from '../test-support/connect-client.js';
import { callRound, type Round } from './round.js';

/** What the thread is given when it starts. */
interface Start {
    readonly profile: Network['profile'];
    readonly chaincode: string;
}

/**
 * The official client in a thread of its own, so that the network and its client do not take turns on
 * one core: an application is never in the thread of its network either.
 */
export class ClientThread {
    readonly #worker: Worker;

    constructor(network: Network, chaincode: string) {
        const start: Start = { profile: network.profile, chaincode };
        this.#worker = new Worker(__filename, { workerData: start });
    }

    /** Makes the calls of a round; gives how many were answered wrongly. */
    async call(round: Round): Promise<number> {
        // The listener is there before the message is sent; an error of the thread rejects it.
        const answer = once(this.#worker, 'message');
        this.#worker.postMessage(round);
        const [wrong] = (await answer) as [number];
        return wrong;
    }

    async stop(): Promise<void> {
        const ended = once(this.#worker, 'exit');
        this.#worker.postMessage(undefined);
        await ended;
    }
}

function serve(port: NonNullable<typeof parentPort>, start: Start): void {
    const client = connectClient(start);
    const contract = client.contract(start.chaincode);
    port.on('message', (round: Round | undefined) => {
        if (round === undefined) {
            client.close();
            port.close();
            return;
        }
        void callRound(contract, round).then((wrong) => {
            port.postMessage(wrong);
        });
    });
}

if (!isMainThread && parentPort) serve(parentPort, workerData as Start);
