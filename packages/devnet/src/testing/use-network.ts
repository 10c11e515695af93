import { DevnetError } from '../errors.js';
import type { Deployment } from '../deploy/deployment.js';
import type { NetworkOptions } from '../network/options.js';
import type { Network } from '../network/network.js';
import { startNetwork } from '../network/start-network.js';
import { expectDeterministic } from './expect-deterministic.js';
import { conflict, inOneBlock } from './one-block.js';
import { newChannelName, SharedNetwork, type Suite } from './shared-network.js';
import { restoreSnapshot, takeSnapshot, type NetworkSnapshot } from './snapshot.js';
import { TestClock } from './test-clock.js';
import { TestClient, type ClientOptions, type Outcome, type TestContract } from './test-client.js';
import type { TestProposal } from './test-proposal.js';
import type { Transaction } from '@hyperledger/fabric-gateway';

/** How a suite's network is to be. */
export interface FixtureOptions extends Omit<NetworkOptions, 'clock'> {
    /** What is deployed before the first test. */
    readonly chaincodes?: readonly Deployment[];
    /**
     * When the ledger goes back to how it was after deployment: before each test, or never.
     * @defaultValue `'test'`
     */
    readonly reset?: 'test' | 'never';
    /**
     * What the suite has to itself: a network, or a channel of a network that it shares with all suites of
     * the run (of the file, where mocha runs files in parallel) that ask for it with the same options. Such a
     * network starts once; its channel is made anew for each suite, with the suite's own chaincodes and
     * without a trace of another suite's. Users who are enrolled and faults that are made are the network's,
     * and so is the clock; faults and clock are put right when the suite ends.
     * @defaultValue `'network'`
     */
    readonly isolate?: 'network' | 'channel';
    /** Runs once after deployment: what it commits is there for each test. */
    readonly prepare?: (fixture: NetworkFixture) => Promise<void>;
    /**
     * How long starting may take, in milliseconds.
     * @defaultValue 60000
     */
    readonly startTimeoutMs?: number;
}

const FIXTURE_ONLY = ['chaincodes', 'reset', 'isolate', 'prepare', 'startTimeoutMs'];

function networkOptions(options: FixtureOptions): Omit<NetworkOptions, 'clock'> {
    const given = Object.entries(options).filter(
        ([name, value]) => !FIXTURE_ONLY.includes(name) && value !== undefined,
    );
    return { block: { timeoutMs: 10 }, ...Object.fromEntries(given) };
}

/** The network that the suite shares, if it asks for that. */
function sharedBy(options: FixtureOptions): SharedNetwork | undefined {
    const { channels } = options;
    // Whoever writes JavaScript can give anything.
    const isolate: string = options.isolate ?? 'network';
    if (isolate === 'network') return undefined;
    if (isolate === 'channel' && channels === undefined) {
        return SharedNetwork.withOptions(networkOptions(options));
    }
    throw new DevnetError(
        'DEVNET_OPTION_INVALID',
        isolate === 'channel'
            ? `A suite with a channel to itself is given one: leave channels out; got ${JSON.stringify(channels)}.`
            : `isolate must be "network" or "channel"; got ${JSON.stringify(isolate)}.`,
    );
}

/** The network of a suite, from its first test to its last. */
export class NetworkFixture {
    /** The time, as the network and the proposals of {@link NetworkFixture.contract} see it. */
    readonly clock: TestClock;
    readonly #options: FixtureOptions;
    readonly #shared: SharedNetwork | undefined;
    readonly #clients = new Map<string, TestClient>();
    #network: Network | undefined;
    #ownChannel: string | undefined;
    #snapshot: NetworkSnapshot | undefined;

    /** @internal */
    constructor(options: FixtureOptions) {
        this.#options = options;
        this.#shared = sharedBy(options);
        this.clock = this.#shared?.clock ?? new TestClock();
    }

    /** The network itself. With `isolate: 'channel'` its first channel is not the suite's: see {@link channel}. */
    get network(): Network {
        if (this.#network !== undefined) return this.#network;
        throw new DevnetError(
            'DEVNET_STOPPED',
            'The suite’s network runs from its before() to its after() hooks; use it in tests and hooks only.',
        );
    }

    /** The name of the channel the suite is on: its own, or the network's first. */
    get channel(): string {
        return this.#ownChannel ?? this.network.channel().id;
    }

    /** The official client as a user; the first one by default. */
    client(options: Omit<ClientOptions, 'clock'> = {}): TestClient {
        const { mspId, user, channel = this.channel } = options;
        const key = JSON.stringify([mspId, user, channel]);
        let client = this.#clients.get(key);
        if (client === undefined) {
            client = new TestClient(this.network, {
                ...options,
                channel,
                clock: this.clock.now,
            });
            this.#clients.set(key, client);
        }
        return client;
    }

    /** A chaincode as a user calls it. */
    contract(chaincode: string, options: Omit<ClientOptions, 'clock'> = {}): TestContract {
        return this.client(options).contract(chaincode);
    }

    /** {@link conflict}: endorsed on one snapshot, committed in one block, in this order. */
    conflict(...proposals: readonly TestProposal[]): Promise<readonly Outcome[]> {
        return conflict(this.network, proposals, this.channel);
    }

    /** {@link inOneBlock}: endorsed transactions in one block, in this order. */
    inOneBlock(...transactions: readonly Transaction[]): Promise<readonly Outcome[]> {
        return inOneBlock(this.network, transactions, this.channel);
    }

    /** {@link expectDeterministic}. */
    expectDeterministic(proposal: TestProposal): Promise<void> {
        return expectDeterministic(this.network, proposal);
    }

    /** Deploys a chaincode on the suite's own channel, or, where the network is its own, on all. */
    deploy(deployment: Deployment): Promise<void> {
        const channels = this.#ownChannel === undefined ? {} : { channels: [this.#ownChannel] };
        return this.network.deploy({ ...channels, ...deployment });
    }

    /** The ledger as it is now becomes what each test begins with. */
    async keep(): Promise<void> {
        this.#snapshot = await takeSnapshot(this.network, this.#channels);
    }

    /**
     * The ledger goes back to what each test begins with, the clock to the system's time, and faults that
     * last are repaired.
     */
    async reset(): Promise<void> {
        this.clock.resume();
        this.network.faults.clear();
        if (this.#snapshot !== undefined) await restoreSnapshot(this.network, this.#snapshot);
    }

    get #channels(): readonly string[] {
        return this.#options.channels ?? [this.channel];
    }

    /** @internal */
    async start(suite: Suite): Promise<void> {
        if (this.#shared === undefined) {
            this.#network = await startNetwork({
                ...networkOptions(this.#options),
                clock: this.clock.now,
            });
        } else {
            this.#network = await this.#shared.join(suite);
            this.#ownChannel = newChannelName();
            await this.#network.addChannel(this.#ownChannel);
        }
        for (const chaincode of this.#options.chaincodes ?? []) await this.deploy(chaincode);
        await this.#options.prepare?.(this);
        await this.keep();
    }

    /** @internal */
    async stop(): Promise<void> {
        for (const client of this.#clients.values()) client.close();
        this.#clients.clear();
        if (this.#shared === undefined) await this.#network?.stop();
        else {
            this.clock.resume();
            this.#network?.faults.clear();
        }
        this.#network = undefined;
        this.#ownChannel = undefined;
    }
}

function suiteOf(hook: { readonly parent?: Suite | undefined } | undefined): Suite {
    if (hook?.parent !== undefined) return hook.parent;
    throw new DevnetError('DEVNET_STOPPED', 'A hook of mocha ran outside of every suite.');
}

/**
 * A network for the suite it is called in: started before the first test, stopped after the last, and
 * as it was after deployment before each.
 *
 * @example
 * ```ts
 * describe('assets', () => {
 *     const fabric = useNetwork({ chaincodes: [{ name: 'assets', contracts: [AssetContract] }] });
 *
 *     it('conflict when they meet', async () => {
 *         const assets = fabric.contract('assets');
 *         const outcomes = await fabric.conflict(assets.propose('add', 'a'), assets.propose('add', 'a'));
 *         expectCodes(outcomes, 'VALID', 'MVCC_READ_CONFLICT');
 *     });
 * });
 * ```
 *
 * Suites that need the same network can share it, each on a channel of its own, and start faster by that:
 *
 * ```ts
 * const options = { isolate: 'channel', organizations: ['Org1MSP', 'Org2MSP'] } as const;
 *
 * describe('assets', () => {
 *     const fabric = useNetwork({ ...options, chaincodes: [assets] });
 *     // …
 * });
 * describe('owners', () => {
 *     const fabric = useNetwork({ ...options, chaincodes: [assets, owners] });
 *     // … the same network, another ledger …
 * });
 * ```
 */
export function useNetwork(options: FixtureOptions = {}): NetworkFixture {
    if (typeof before !== 'function' || typeof afterEach !== 'function') {
        throw new DevnetError(
            'DEVNET_OPTION_INVALID',
            'useNetwork needs mocha’s before() and after() hooks: call it within describe(). Elsewhere use startNetwork().',
        );
    }
    const fixture = new NetworkFixture(options);
    before('start the network', async function () {
        this.timeout(options.startTimeoutMs ?? 60_000);
        await fixture.start(suiteOf(this.test));
    });
    beforeEach('reset the network', async function () {
        this.timeout(options.startTimeoutMs ?? 60_000);
        if (options.reset !== 'never') await fixture.reset();
    });
    after('stop the network', async function () {
        this.timeout(options.startTimeoutMs ?? 60_000);
        await fixture.stop();
    });
    return fixture;
}
