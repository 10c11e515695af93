/**
 * A ledger in memory for tests: the real shim's stub and contract runner over a peer of a few lines.
 * Reads see committed state only, and what is recorded decides validity, as in Fabric.
 */
import { createHash } from 'node:crypto';
import { JSONSerializer, type Contract } from 'fabric-contract-api';
import type { ChaincodeStub } from 'fabric-shim';
import { loadShim } from './load-shim.test.fixture.js';

type StubClass = new (
    handler: unknown,
    channel: string,
    txId: string,
    input: { getArgsList_asU8(): Uint8Array[] },
) => ChaincodeStub & Record<string, unknown>;

type RunnerClass = new (contracts: unknown[], serializers: unknown) => ContractRunner;

const [shim, RealStub, ChaincodeFromContract] = loadShim(
    'fabric-shim',
    'fabric-shim/lib/stub.js',
    'fabric-shim/lib/contract-spi/chaincodefromcontract.js',
) as [{ readonly newLogger: (name: string) => { silent: boolean } }, StubClass, RunnerClass];

// The shim logs every refusal, and tests are full of them.
for (const name of ['chaincodefromcontract', 'datamarshall']) {
    shim.newLogger(`contracts-spi/${name}.js`).silent = true;
}

interface ContractRunner {
    readonly metadata: ContractMetadata;
    Invoke(stub: ChaincodeStub): Promise<InvokeResponse>;
}

/** What the shim publishes about the contracts of a chaincode. */
export interface ContractMetadata {
    readonly contracts: Readonly<Record<string, { readonly transactions: readonly unknown[] }>>;
}

/** What a contract answered. */
export interface InvokeResponse {
    readonly status: number;
    readonly message?: string;
    readonly payload?: Uint8Array;
}

/** A certificate with `OU=client` and the attribute `role=clerk`. */
export const TEST_CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIICATCCAaigAwIBAgIUCIt4NjHQ95EGsuP1VzsfgfgbPZQwCgYIKoZIzj0EAwIw
STELMAkGA1UEBhMCQ0gxGTAXBgNVBAoMEG9yZzEuZXhhbXBsZS5jb20xDzANBgNV
BAsMBmNsaWVudDEOMAwGA1UEAwwFdXNlcjEwIBcNMjYxMTIwMTkxODU4WhgPMjEy
NjEwMjcxOTE4NThaMEkxCzAJBgNVBAYTAkNIMRkwFwYDVQQKDBBvcmcxLmV4YW1w
bGUuY29tMQ8wDQYDVQQLDAZjbGllbnQxDjAMBgNVBAMMBXVzZXIxMFkwEwYHKoZI
zj0CAQYIKoZIzj0DAQcDQgAE9SAfNcFvyhS6/WoIM2/V/QcqRecItPtVcfcAJMN+
Mi6AVCVbssyTN4VM1BWMv35T7m+UAlQnMz+tSZMcJUj/T6NsMGowCQYDVR0TBAIw
ADA+BggqAwQFBgcIAQQyeyJhdHRycyI6eyJoZi5BZmZpbGlhdGlvbiI6Im9yZzEi
LCJyb2xlIjoiY2xlcmsifX0wHQYDVR0OBBYEFA0tOkSSSFZuDw9ISUcw5BC7I7o+
MAoGCCqGSM49BAMCA0cAMEQCIHOWYt8ilcn71AlVg4cvl4SOCvjxkV9/mddmRuoD
xFo4AiBTdiC0H4tuHjqSFlxiDBQ21nGA4ONcRHT0uepynX9e8g==
-----END CERTIFICATE-----
`;

interface Committed {
    readonly value: Buffer;
    readonly version: number;
    readonly policy: Uint8Array | undefined;
}

interface RangeRead {
    readonly collection: string;
    readonly start: string;
    readonly end: string;
    /** What was fetched: keys with their versions. */
    readonly rows: string[];
    exhausted: boolean;
}

function bytesOrder(a: string, b: string): number {
    return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** What a simulation recorded: the ledger's read/write set of a transaction. */
export class RecordedTransaction {
    readonly reads = new Map<string, number>();
    readonly ranges: RangeRead[] = [];
    /** Every write message in the order it came; `null` is a delete. */
    readonly writeLog: (readonly [key: string, value: string | null])[] = [];
    readonly writes = new Map<string, Buffer | null>();
    readonly policies = new Map<string, Uint8Array>();
    readonly txId: string;
    event: { readonly name: string; readonly payload: Buffer } | undefined;
    response: InvokeResponse | undefined;
    noWrites = false;

    constructor(txId: string) {
        this.txId = txId;
    }
}

/** What a transaction is submitted as. */
export interface TransactionInput {
    readonly args?: readonly string[];
    readonly transient?: Readonly<Record<string, string>>;
    readonly seconds?: number;
    readonly certificate?: string;
    readonly mspId?: string;
}

const runners = new Map<string, ContractRunner>();
const numbers = new WeakMap<object, number>();
let classes = 0;

// As on a peer: a chaincode is set up once and runs many transactions.
function runnerOf(contracts: readonly (new () => Contract)[]): ContractRunner {
    const name = contracts
        .map((each) => {
            const number = numbers.get(each) ?? ++classes;
            numbers.set(each, number);
            return number;
        })
        .join();
    const runner =
        runners.get(name) ??
        new ChaincodeFromContract([...contracts], {
            transaction: 'jsonSerializer',
            serializers: { jsonSerializer: JSONSerializer },
        });
    runners.set(name, runner);
    return runner;
}

// Collections and public state share one map: no key of a test has this delimiter.
const at = (collection: string, key: string): string => `${collection}\u001f${key}`;

/** Committed state, the order of blocks, and nothing else. */
export class MemoryLedger {
    readonly #state = new Map<string, Committed>();
    readonly #chaincode: ContractRunner | undefined;
    #height = 0;
    #transactions = 0;

    constructor(contracts: readonly (new () => Contract)[] = []) {
        if (contracts.length === 0) return;
        this.#chaincode = runnerOf(contracts);
    }

    get metadata(): ContractMetadata {
        if (this.#chaincode === undefined) throw new Error('this ledger has no contract');
        return this.#chaincode.metadata;
    }

    /** Committed values by key, as text. */
    entries(collection = ''): Record<string, string> {
        const prefix = at(collection, '');
        const found = [...this.#state].filter(([key]) => key.startsWith(prefix));
        found.sort(([a], [b]) => bytesOrder(a, b));
        return Object.fromEntries(
            found.map(([key, { value }]) => [key.slice(prefix.length), value.toString()]),
        );
    }

    policyOf(key: string): Uint8Array | undefined {
        return this.#state.get(at('', key))?.policy;
    }

    /** Simulates against committed state with a plain stub; records, changes nothing. */
    async simulate(
        work: (stub: ChaincodeStub) => Promise<unknown>,
        input: TransactionInput = {},
    ): Promise<RecordedTransaction> {
        const recorded = new RecordedTransaction(this.#nextTxId());
        await work(this.#stubFor(recorded, input));
        return recorded;
    }

    /** Simulates a call of the contract through the shim's own runner. */
    async endorse(
        fcn: string,
        args: readonly string[],
        input: TransactionInput = {},
    ): Promise<RecordedTransaction> {
        const recorded = new RecordedTransaction(this.#nextTxId());
        const stub = this.#stubFor(recorded, { ...input, args: [fcn, ...args] });
        if (this.#chaincode === undefined) throw new Error('this ledger has no contract');
        recorded.response = await this.#chaincode.Invoke(stub);
        const event = stub['chaincodeEvent'] as
            { getEventName(): string; getPayload_asU8(): Uint8Array } | undefined;
        if (event !== undefined) {
            recorded.event = {
                name: event.getEventName(),
                payload: Buffer.from(event.getPayload_asU8()),
            };
        }
        return recorded;
    }

    /** Endorses and, when the contract succeeded, commits; answers as a client would see it. */
    async submit(
        fcn: string,
        args: readonly string[],
        input: TransactionInput = {},
    ): Promise<string> {
        const recorded = await this.endorse(fcn, args, input);
        const { response } = recorded;
        if (response?.status !== 200) throw new Error(response?.message ?? 'no response');
        if (!this.commit(recorded)) throw new Error('MVCC_READ_CONFLICT');
        return Buffer.from(response.payload ?? []).toString();
    }

    /** Runs `work` with a plain stub and commits it. */
    async run(
        work: (stub: ChaincodeStub) => Promise<unknown>,
        input: TransactionInput = {},
    ): Promise<void> {
        if (!this.commit(await this.simulate(work, input))) throw new Error('MVCC_READ_CONFLICT');
    }

    /** Validates as Fabric does and applies a valid transaction; tells whether it was. */
    commit(recorded: RecordedTransaction): boolean {
        for (const [key, version] of recorded.reads) {
            if ((this.#state.get(key)?.version ?? -1) !== version) return false;
        }
        for (const range of recorded.ranges) {
            const now = this.#rows(range.collection, range.start, range.end).map(
                ([key, { version }]) => `${key}@${version}`,
            );
            const seen = range.exhausted ? now : now.slice(0, range.rows.length);
            if (seen.join('\n') !== range.rows.join('\n')) return false;
        }
        this.#height++;
        for (const [key, value] of recorded.writes) {
            const policy = this.#state.get(key)?.policy;
            if (value === null) this.#state.delete(key);
            else this.#state.set(key, { value, version: this.#height, policy });
        }
        for (const [key, policy] of recorded.policies) {
            const row = this.#state.get(key);
            if (row !== undefined) this.#state.set(key, { ...row, version: this.#height, policy });
        }
        return true;
    }

    #nextTxId(): string {
        return createHash('sha256').update(String(++this.#transactions)).digest('hex');
    }

    #rows(collection: string, start: string, end: string): [string, Committed][] {
        const prefix = at(collection, '');
        return [...this.#state]
            .filter(([key]) => key.startsWith(prefix))
            .map(([key, row]): [string, Committed] => [key.slice(prefix.length), row])
            .filter(
                ([key]) => bytesOrder(key, start) >= 0 && (end === '' || bytesOrder(key, end) < 0),
            )
            .sort(([a], [b]) => bytesOrder(a, b));
    }

    #stubFor(
        recorded: RecordedTransaction,
        input: TransactionInput,
    ): ChaincodeStub & Record<string, unknown> {
        const args = (input.args ?? []).map((arg) => Buffer.from(arg));
        const stub = new RealStub(this.#peer(recorded), 'channel', recorded.txId, {
            getArgsList_asU8: () => args,
        });
        const seconds = input.seconds ?? 1_700_000_000;
        stub['creator'] = {
            mspid: input.mspId ?? 'Org1MSP',
            idBytes: Buffer.from(input.certificate ?? TEST_CERTIFICATE),
        };
        stub['txTimestamp'] = {
            getSeconds: () => seconds,
            getNanos: () => 123_000_000,
            toDate: () => new Date(seconds * 1000 + 123),
        };
        stub['transientMap'] = new Map(
            Object.entries(input.transient ?? {}).map(([key, value]) => [key, Buffer.from(value)]),
        );
        return stub;
    }

    // The side of the peer: what the shim's own handler would send over the wire arrives here.
    #peer(recorded: RecordedTransaction): Record<string, unknown> {
        const write = (
            collection: string,
            key: string,
            value: Uint8Array | null,
        ): Promise<void> => {
            if (recorded.noWrites) return Promise.reject(new Error('no writes after this query'));
            const bytes = value === null || value.length === 0 ? null : Buffer.from(value);
            recorded.writeLog.push([key, bytes === null ? null : bytes.toString()]);
            recorded.writes.set(at(collection, key), bytes);
            return Promise.resolve();
        };
        const read = (collection: string, key: string): Committed | undefined => {
            const row = this.#state.get(at(collection, key));
            recorded.reads.set(at(collection, key), row?.version ?? -1);
            return row;
        };
        const privateQuery = (collection: string): void => {
            if (collection === '') return;
            if (recorded.writes.size > 0)
                throw new Error('queries on pvt data need a read-only tx');
            recorded.noWrites = true;
        };
        return {
            handleGetState: async (collection: string, key: string) =>
                Promise.resolve(Buffer.from(read(collection, key)?.value ?? [])),
            handleGetPrivateDataHash: async (collection: string, key: string) => {
                const row = read(collection, key);
                if (row === undefined) return Promise.resolve(Buffer.alloc(0));
                return Promise.resolve(createHash('sha256').update(row.value).digest());
            },
            handlePutState: write,
            handleDeleteState: async (collection: string, key: string) =>
                write(collection, key, null),
            handlePurgeState: async (collection: string, key: string) =>
                write(collection, key, null),
            handlePutStateMetadata: async (
                collection: string,
                key: string,
                _name: string,
                policy: Uint8Array,
            ) => {
                recorded.policies.set(at(collection, key), policy);
                return Promise.resolve();
            },
            handleGetStateMetadata: async (collection: string, key: string) =>
                Promise.resolve({ VALIDATION_PARAMETER: read(collection, key)?.policy }),
            handleGetStateByRange: async (
                collection: string,
                start: string,
                end: string,
                _channel: string,
                _txId: string,
                page?: Uint8Array,
            ) => {
                privateQuery(collection);
                if (page !== undefined) recorded.noWrites = true;
                const result = this.#iterate(recorded, collection, start, end);
                return Promise.resolve(
                    page === undefined
                        ? result
                        : { ...result, metadata: { fetchedRecordsCount: 0, bookmark: '' } },
                );
            },
            handleGetQueryResult: async (collection: string) => {
                privateQuery(collection);
                return Promise.resolve(this.#iterate(undefined, collection, '', ''));
            },
            handleInvokeChaincode: async () =>
                Promise.resolve({ status: 200, payload: Buffer.from('called') }),
        };
    }

    #iterate(
        recorded: RecordedTransaction | undefined,
        collection: string,
        start: string,
        end: string,
    ): object {
        const rows = this.#rows(collection, start, end);
        const range: RangeRead = { collection, start, end, rows: [], exhausted: false };
        if (collection === '') recorded?.ranges.push(range);
        let index = 0;
        return {
            iterator: {
                next: async () => {
                    const row = rows[index++];
                    if (row === undefined) {
                        range.exhausted = true;
                        return Promise.resolve({ done: true });
                    }
                    range.rows.push(`${row[0]}@${row[1].version}`);
                    return Promise.resolve({
                        done: false,
                        value: { key: row[0], value: Buffer.from(row[1].value) },
                    });
                },
                close: async () => Promise.resolve(),
            },
        };
    }
}
