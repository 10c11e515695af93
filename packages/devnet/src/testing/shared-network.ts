import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Network } from '../network/network.js';
import type { NetworkOptions } from '../network/options.js';
import { startNetwork } from '../network/start-network.js';
import { TestClock } from './test-clock.js';

type SharedOptions = Omit<NetworkOptions, 'clock'>;

/** Longest stopping may take, in milliseconds. */
const STOP_TIMEOUT_MS = 60_000;

/** All there have been in this process, by their options: one for suites that ask for the same. */
const all: SharedNetwork[] = [];

/** Of a suite of mocha what is needed here: who uses the kit need not have mocha's types. */
export interface Suite {
    readonly parent: Suite | undefined;
    afterAll(
        title: string,
        work: (this: { timeout(ms: number): unknown }) => Promise<void>,
    ): unknown;
}

function rootOf(suite: Suite): Suite {
    return suite.parent === undefined ? suite : rootOf(suite.parent);
}

/**
 * One network that many suites run on, each on channels of its own. It starts with the first suite that
 * runs, whichever tests were chosen, and stops after the last test of all.
 */
export class SharedNetwork {
    /** The time as the network and all its suites see it. */
    readonly clock = new TestClock();
    readonly #options: SharedOptions;
    #running: Promise<Network> | undefined;

    private constructor(options: SharedOptions) {
        this.#options = options;
    }

    /** The one for suites with these options. */
    static withOptions(options: SharedOptions): SharedNetwork {
        const known = all.find((each) => isDeepStrictEqual(each.#options, options));
        if (known !== undefined) return known;
        const made = new SharedNetwork(options);
        all.push(made);
        return made;
    }

    /** The network, started if it does not run yet. */
    join(suite: Suite): Promise<Network> {
        this.#running ??= this.#start(rootOf(suite));
        return this.#running;
    }

    async #start(root: Suite): Promise<Network> {
        try {
            const network = await startNetwork({ ...this.#options, clock: this.clock.now });
            const stop = (): Promise<void> => {
                this.#running = undefined;
                return network.stop();
            };
            root.afterAll('stop the network that suites shared', function () {
                this.timeout(STOP_TIMEOUT_MS);
                return stop();
            });
            return network;
        } catch (error) {
            this.#running = undefined;
            throw error;
        }
    }
}

/** A name that no channel had before, in this process or in a folder or CouchDB that keeps them. */
export function newChannelName(): string {
    return `suite-${randomBytes(6).toString('hex')}`;
}
