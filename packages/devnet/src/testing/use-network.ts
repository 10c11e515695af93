import { DevnetError } from '../errors.js';
import type { Deployment } from '../deploy/deployment.js';
import type { NetworkOptions } from '../network/options.js';
import type { Network } from '../network/network.js';
import { startNetwork } from '../network/start-network.js';
import { expectDeterministic } from './expect-deterministic.js';
import { conflict, inOneBlock } from './one-block.js';
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
    /** Runs once after deployment: what it commits is there for each test. */
    readonly prepare?: (fixture: NetworkFixture) => Promise<void>;
    /**
     * How long starting may take, in milliseconds.
     * @defaultValue 60000
     */
    readonly startTimeoutMs?: number;
}

const FIXTURE_ONLY = ['chaincodes', 'reset', 'prepare', 'startTimeoutMs'];

/** The network of a suite, from its first test to its last. */
export class NetworkFixture {
    /** The time, as the network and the proposals of {@link NetworkFixture.contract} see it. */
    readonly clock = new TestClock();
    readonly #options: FixtureOptions;
    readonly #clients = new Map<string, TestClient>();
    #network: Network | undefined;
    #snapshot: NetworkSnapshot | undefined;

    /** @internal */
    constructor(options: FixtureOptions) {
        this.#options = options;
    }

    /** The network itself. */
    get network(): Network {
        if (this.#network !== undefined) return this.#network;
        throw new DevnetError(
            'DEVNET_STOPPED',
            'The suite’s network runs from its before() to its after() hooks; use it in tests and hooks only.',
        );
    }

    /** The official client as a user; the first one by default. */
    client(options: Omit<ClientOptions, 'clock'> = {}): TestClient {
        const key = JSON.stringify([options.mspId, options.user, options.channel]);
        let client = this.#clients.get(key);
        if (client === undefined) {
            client = new TestClient(this.network, { ...options, clock: this.clock.now });
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
        return conflict(this.network, proposals);
    }

    /** {@link inOneBlock}: endorsed transactions in one block, in this order. */
    inOneBlock(...transactions: readonly Transaction[]): Promise<readonly Outcome[]> {
        return inOneBlock(this.network, transactions);
    }

    /** {@link expectDeterministic}. */
    expectDeterministic(proposal: TestProposal): Promise<void> {
        return expectDeterministic(this.network, proposal);
    }

    /** The ledger as it is now becomes what each test begins with. */
    async keep(): Promise<void> {
        this.#snapshot = await takeSnapshot(this.network, this.#channels);
    }

    /** The ledger goes back to what each test begins with, and the clock to the system's time. */
    async reset(): Promise<void> {
        this.clock.resume();
        if (this.#snapshot !== undefined) await restoreSnapshot(this.network, this.#snapshot);
    }

    get #channels(): readonly string[] {
        return this.#options.channels ?? [this.network.channel().id];
    }

    /** @internal */
    async start(): Promise<void> {
        const given = Object.entries(this.#options).filter(
            ([name, value]) => !FIXTURE_ONLY.includes(name) && value !== undefined,
        );
        this.#network = await startNetwork({
            block: { timeoutMs: 10 },
            ...Object.fromEntries(given),
            clock: this.clock.now,
        });
        for (const chaincode of this.#options.chaincodes ?? []) {
            await this.#network.deploy(chaincode);
        }
        await this.#options.prepare?.(this);
        await this.keep();
    }

    /** @internal */
    async stop(): Promise<void> {
        for (const client of this.#clients.values()) client.close();
        this.#clients.clear();
        await this.#network?.stop();
        this.#network = undefined;
    }
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
        await fixture.start();
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
