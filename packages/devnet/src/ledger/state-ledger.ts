import { common } from '@hyperledger/fabric-protos';
import { decodeBlock, VALIDATION_CODES } from '@goodput/rwset';

import { groupIndexFiles } from '@goodput/couchdb';
import type { IndexFiles } from '@goodput/couchdb';

import { DevnetError } from '../errors.js';
import { checkNextBlock, commitHashOf, headerHashOf, setVerdicts } from './next-block.js';
import { collectionsOf } from './collections.js';
import type { Collection } from './collections.js';
import { commitHash } from './commit-hash.js';
import { CouchClient } from './couch-client.js';
import { CouchServer } from './couch-server.js';
import { EmbeddedCouch } from './embedded-couch.js';
import { HistoryRows } from './history-rows.js';
import { deployedFiles, deploymentNote } from './index-notes.js';
import { privateNamespace } from './namespaces.js';
import { prepareCommit } from './prepare-commit.js';
import { privateDataOf } from './private-store.js';
import { metadataOf, StateSimulation } from './state-simulation.js';
import type { PrivateWrites, SimulateOptions, Simulation } from './simulation.js';
import { LEVEL_DATABASE } from './state-database.js';
import type { Savepoint, StateDatabase } from './state-database.js';
import { StateLock } from './state-lock.js';
import { WorldState } from './state.js';
import type { LedgerStorage, StateWrite, TransactionPlace } from './storage.js';

import type {
    CommittedBlock,
    DeployedIndex,
    Ledger,
    LedgerOptions,
    LedgerSnapshot,
} from './ledger.js';

interface Snapshot extends LedgerSnapshot {
    readonly state: WorldState;
    readonly lastHash: Uint8Array;
    readonly commitHash: Uint8Array;
}

/** The ledger behind {@link Ledger}: one chain of blocks, one state, one storage. */
export class StateLedger implements Ledger {
    readonly channel: string;
    readonly #organizations: readonly string[];
    readonly #totalQueryLimit: number;
    readonly #log: (line: string) => void;
    readonly #database: StateDatabase;
    readonly #storage: LedgerStorage;
    readonly #lock = new StateLock();
    readonly #transactions = new Map<string, TransactionPlace>();
    readonly #numbers = new Map<string, number>();
    readonly #listeners = new Set<(committed: CommittedBlock) => void>();
    readonly #snapshots = new WeakSet<LedgerSnapshot>();
    #state = new WorldState();
    #height = 0;
    #lastHash: Uint8Array = new Uint8Array();
    #commitHash: Uint8Array = new Uint8Array();
    #lastRead: { readonly number: number; readonly envelopes: readonly Uint8Array[] } | undefined;
    #turn: Promise<unknown> = Promise.resolve();
    #closed = false;

    constructor(options: LedgerOptions, storage: LedgerStorage) {
        const { totalQueryLimit = 100_000, internalQueryLimit = 1_000 } = options;
        this.channel = options.channel;
        this.#organizations = options.organizations ?? [];
        this.#totalQueryLimit = totalQueryLimit;
        this.#log = options.log ?? (() => undefined);
        this.#storage = storage;
        const common = {
            internalQueryLimit,
            totalQueryLimit,
            log: this.#log,
            indexFiles: (namespace: string) => deployedFiles(this.#state, namespace),
        };
        this.#database =
            options.stateDatabase !== 'couchdb'
                ? LEVEL_DATABASE
                : options.couchdb === undefined
                  ? new EmbeddedCouch(common)
                  : new CouchServer({
                        ...common,
                        client: new CouchClient(options.couchdb),
                        channel: options.channel,
                        state: () => this.#state,
                    });
    }

    get height(): number {
        return this.#height;
    }

    get lastHash(): Uint8Array {
        return this.#lastHash;
    }

    async load(): Promise<void> {
        const stored = await this.#storage.load();
        for (const [hash, number] of stored.hashes) this.#numbers.set(hash, number);
        for (const place of stored.transactions) this.#transactions.set(place.txId, place);
        for await (const write of stored.writes) this.#apply([write]);
        this.#height = stored.height;
        await this.#database.opened(this.#savepointAt(stored.height));
        const last = this.blockByNumber(stored.height - 1);
        if (!last) return;
        this.#lastHash = headerHashOf(last);
        this.#commitHash = commitHashOf(last);
    }

    async simulate(txId: string, options?: SimulateOptions): Promise<Simulation> {
        this.#checkOpen();
        const release = await this.#lock.read();
        const past = options?.at;
        if (past !== undefined && !this.#isOurs(past)) {
            release();
            throw new DevnetError(
                'DEVNET_SNAPSHOT_STALE',
                `The snapshot of height ${past.height} is not of this ledger. Take a new one.`,
            );
        }
        const state = past?.state ?? this.#state;
        return new StateSimulation(
            txId,
            {
                channel: this.channel,
                state,
                isPast: past !== undefined,
                database: this.#database,
                organizations: this.#organizations,
                totalQueryLimit: this.#totalQueryLimit,
                history: (namespace, key) =>
                    new HistoryRows(namespace, key, state, (number, index) =>
                        this.#envelope(number, index),
                    ),
                release,
            },
            options,
        );
    }

    commit(
        block: common.Block,
        codes: readonly number[],
        privateData: ReadonlyMap<string, readonly PrivateWrites[]> = new Map(),
    ): Promise<CommittedBlock> {
        return this.#inTurn(() => this.#commit(block, codes, privateData));
    }

    blockByNumber(number: number): common.Block | undefined {
        const bytes = this.#storage.block(number);
        return bytes && common.Block.deserializeBinary(bytes);
    }

    blockByHash(hash: Uint8Array): common.Block | undefined {
        const number = this.#numbers.get(Buffer.from(hash).toString('hex'));
        return number === undefined ? undefined : this.blockByNumber(number);
    }

    blockByTxId(txId: string): common.Block | undefined {
        const place = this.#transactions.get(txId);
        return place && this.blockByNumber(place.blockNumber);
    }

    transaction(txId: string): TransactionPlace | undefined {
        return this.#transactions.get(txId);
    }

    keyMetadata(namespace: string, key: string): ReadonlyMap<string, Uint8Array> | undefined {
        const entry = this.#state.get(namespace, key);
        return entry?.metadata && metadataOf(entry);
    }

    privateMetadata(
        namespace: string,
        collection: string,
        keyHash: Uint8Array,
    ): ReadonlyMap<string, Uint8Array> | undefined {
        const hash = Buffer.from(keyHash).toString('hex');
        const entry = this.#state.getHashed(namespace, collection, hash);
        return entry?.metadata && metadataOf(entry);
    }

    privateData(blockNumber: number): ReadonlyMap<number, readonly PrivateWrites[]> {
        return privateDataOf(this.#state, blockNumber);
    }

    collection(chaincode: string, name: string): Collection | undefined {
        return collectionsOf(
            chaincode,
            this.#organizations,
            (namespace, key) => this.#state.get(namespace, key)?.value,
        )?.get(name);
    }

    deployIndexes(chaincode: string, files: IndexFiles): Promise<readonly DeployedIndex[]> {
        return this.#inTurn(async () => {
            const groups = groupIndexFiles(files);
            if (this.#database.kind === 'leveldb') return [];
            const release = await this.#lock.write();
            try {
                return await this.#deployGroups(chaincode, groups);
            } finally {
                release();
            }
        });
    }

    onCommit(listener: (committed: CommittedBlock) => void): () => void {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
    }

    snapshot(): LedgerSnapshot {
        const snapshot: Snapshot = {
            height: this.#height,
            state: this.#state.clone(),
            lastHash: this.#lastHash,
            commitHash: this.#commitHash,
        };
        this.#snapshots.add(snapshot);
        return snapshot;
    }

    restore(snapshot: LedgerSnapshot): Promise<void> {
        return this.#inTurn(() => this.#restore(snapshot));
    }

    async close(): Promise<void> {
        if (this.#closed) return;
        this.#closed = true;
        // a simulation that is never ended must not keep the ledger from closing
        this.#lock.close(this.#closedError());
        await this.#turn;
        await this.#storage.close();
    }

    async #commit(
        block: common.Block,
        codes: readonly number[],
        privateData: ReadonlyMap<string, readonly PrivateWrites[]>,
    ): Promise<CommittedBlock> {
        const number = this.#height;
        checkNextBlock(this, block, codes);
        const { transactions } = decodeBlock(block.serializeBinary());
        const decided = prepareCommit(
            { number, transactions, codes, privateData },
            {
                state: this.#state,
                database: this.#database,
                organizations: this.#organizations,
                isCommitted: (txId) => this.#transactions.has(txId),
            },
        );
        // a peer begins the chain of commit hashes after the genesis block
        const link =
            number === 0
                ? new Uint8Array()
                : commitHash(Uint8Array.from(decided.codes), decided.updates, this.#commitHash);
        setVerdicts(block, decided.codes, link);
        const places = new Map<string, TransactionPlace>();
        transactions.forEach(({ txId }, index) => {
            // of two transactions with one id, the first is the one that is found by it
            if (txId === '' || places.has(txId) || this.#transactions.has(txId)) return;
            const code = decided.codes[index] ?? VALIDATION_CODES.NOT_VALIDATED;
            places.set(txId, { txId, code, blockNumber: number, index });
        });
        const hash = headerHashOf(block);
        const release = await this.#lock.write();
        try {
            await this.#database.apply(decided.writes, {
                blockNum: number,
                txNum: transactions.length - 1,
            });
            await this.#storage.append({
                number,
                block: block.serializeBinary(),
                hash: Buffer.from(hash).toString('hex'),
                transactions: [...places.values()],
                writes: decided.writes,
            });
            this.#apply(decided.writes);
            this.#numbers.set(Buffer.from(hash).toString('hex'), number);
            for (const [txId, place] of places) this.#transactions.set(txId, place);
            this.#height = number + 1;
            this.#lastHash = hash;
            this.#commitHash = link;
        } catch (error) {
            this.#database.outOfStep();
            throw error;
        } finally {
            release();
        }
        const committed: CommittedBlock = { block, codes: decided.codes, number };
        for (const listener of this.#listeners) tell(listener, committed);
        return committed;
    }

    async #deployGroups(
        chaincode: string,
        groups: ReadonlyMap<string, ReadonlyMap<string, string>>,
    ): Promise<DeployedIndex[]> {
        const outcomes: DeployedIndex[] = [];
        for (const [collection, files] of groups) {
            if (collection !== '' && !this.collection(chaincode, collection)) {
                const refusal = `cannot create an index for an undefined collection=[${collection}]`;
                for (const file of files.keys()) outcomes.push({ collection, file, refusal });
                continue;
            }
            const namespace =
                collection === '' ? chaincode : privateNamespace(chaincode, collection);
            const note = deploymentNote(this.#state, namespace, files);
            if (note) {
                await this.#storage.write([note]);
                this.#apply([note]);
            }
            for (const outcome of await this.#database.deployIndexes(namespace, files)) {
                outcomes.push({ collection, ...outcome });
            }
        }
        for (const { file, refusal } of outcomes) {
            if (refusal === undefined) continue;
            this.#log(
                `error creating index from file [${file}] for chaincode [${chaincode}] on channel ` +
                    `[${this.channel}]: ${refusal}`,
            );
        }
        return outcomes;
    }

    async #restore(snapshot: LedgerSnapshot): Promise<void> {
        if (!this.#isOurs(snapshot) || !this.#hasHead(snapshot)) {
            throw new DevnetError(
                'DEVNET_SNAPSHOT_STALE',
                `The snapshot of height ${snapshot.height} is not of this ledger's chain ` +
                    `(height ${this.#height}): it was taken from another ledger, or the ledger has ` +
                    'since gone back behind it. Take a new snapshot.',
            );
        }
        const release = await this.#lock.write();
        try {
            const numbers = [...this.#numbers].filter(([, number]) => number >= snapshot.height);
            const places = [...this.#transactions.values()].filter(
                ({ blockNumber }) => blockNumber >= snapshot.height,
            );
            const writes = this.#state.changesTo(snapshot.state);
            await this.#storage.rewind({
                height: snapshot.height,
                hashes: numbers.map(([hash]) => hash),
                txIds: places.map(({ txId }) => txId),
                writes,
            });
            await this.#database.rewound(writes, this.#savepointAt(snapshot.height));
            for (const [hash] of numbers) this.#numbers.delete(hash);
            for (const { txId } of places) this.#transactions.delete(txId);
            this.#state = snapshot.state.clone();
            this.#lastRead = undefined;
            this.#height = snapshot.height;
            this.#lastHash = snapshot.lastHash;
            this.#commitHash = snapshot.commitHash;
        } finally {
            release();
        }
    }

    #savepointAt(height: number): Savepoint | undefined {
        const last = this.blockByNumber(height - 1)
            ?.getData()
            ?.getDataList();
        return last && { blockNum: height - 1, txNum: last.length - 1 };
    }

    /** Whether the last block of the snapshot is still in the chain. */
    #hasHead({ height, lastHash }: Snapshot): boolean {
        const hash = Buffer.from(lastHash).toString('hex');
        return height === 0 || this.#numbers.get(hash) === height - 1;
    }

    #isOurs(snapshot: LedgerSnapshot): snapshot is Snapshot {
        return this.#snapshots.has(snapshot);
    }

    /** Runs one change of the ledger after another. */
    #inTurn<T>(change: () => Promise<T>): Promise<T> {
        const result = this.#turn.then(() => {
            this.#checkOpen();
            return change();
        });
        this.#turn = result.catch(() => undefined);
        return result;
    }

    #apply(writes: readonly StateWrite[]): void {
        for (const { namespace, key, value } of writes) this.#state.set(namespace, key, value);
    }

    /** A committed transaction. The block read last is kept: a history often stays within one. */
    #envelope(blockNumber: number, index: number): Uint8Array {
        if (this.#lastRead?.number !== blockNumber) {
            const block = this.blockByNumber(blockNumber);
            const envelopes = block?.getData()?.getDataList_asU8() ?? [];
            this.#lastRead = { number: blockNumber, envelopes };
        }
        return this.#lastRead.envelopes[index] ?? new Uint8Array();
    }

    #checkOpen(): void {
        if (this.#closed) throw this.#closedError();
    }

    #closedError(): DevnetError {
        return new DevnetError(
            'DEVNET_LEDGER_CLOSED',
            `The ledger of channel ${this.channel} is closed. Open it again to use it.`,
        );
    }
}

/** A listener's own error must neither fail the commit nor go unseen. */
function tell(listener: (committed: CommittedBlock) => void, committed: CommittedBlock): void {
    try {
        listener(committed);
    } catch (error) {
        process.nextTick(() => {
            throw error;
        });
    }
}
