import type { BatchRequest } from '@goodput/chaincode/wire';
import { Metadata, status as Grpc } from '@grpc/grpc-js';
import type {
    Call,
    CommitWatch,
    Endorsed,
    TransactionStatus,
    Transport,
} from '../transport/transport.js';

interface Prepared {
    readonly transactionId: string;
    readonly reads: ReadonlyMap<string, number>;
    readonly writes: ReadonlyMap<string, number>;
    readonly functions: readonly string[];
}

/** What a test may do at each step; throwing makes the call fail with what is thrown. */
export interface Faults {
    endorse?(call: Call): void;
    /** Before the orderer has it. */
    submit?(transactionId: string): void;
    /** After the orderer has it. */
    acknowledge?(transactionId: string): void;
    evaluate?(call: Call): void;
}

/** A gRPC failure as the official client throws it. */
export function grpcError(code: number, message: string, details: readonly string[] = []): Error {
    return Object.assign(new Error(`${code} ${Grpc[code] ?? ''}: ${message}`), {
        code,
        details: details.map((text) => ({ address: 'peer:7051', mspId: 'Org1MSP', message: text })),
        metadata: new Metadata(),
    });
}

/**
 * A ledger of counters behind the transport seam: snapshots, blocks and read-version checks, no
 * network. `add key n`, `move from to n`, `refuse why`, and `executeBatch` over these.
 */
export class FakeNetwork implements Transport {
    readonly state = new Map<string, { value: number; version: number }>();
    readonly faults: Faults = {};
    /** Transactions in the order of the chain, with their verdicts. */
    readonly chain: (Prepared & { readonly code: number; readonly block: bigint })[] = [];
    endorsements = 0;
    submissions = 0;
    height = 1n;
    readonly #pending: Prepared[] = [];
    readonly #prepared = new Map<string, Prepared>();
    readonly #verdicts = new Map<string, TransactionStatus>();
    readonly #watchers = new Map<string, ((status: TransactionStatus) => void)[]>();
    readonly #blockMs: number;
    readonly #perBlock: number;
    #timer: NodeJS.Timeout | undefined;
    #sequence = 0;

    /**
     * @param blockMs - time after the first transaction until its block is cut
     * @param perBlock - transactions that fit into a block; the others wait for the next
     */
    constructor(blockMs = 2, perBlock = Infinity) {
        this.#perBlock = perBlock;
        this.#blockMs = blockMs;
    }

    async endorse(call: Call): Promise<Endorsed> {
        await Promise.resolve();
        this.faults.endorse?.(call);
        this.endorsements += 1;
        const transactionId = `tx${++this.#sequence}`;
        const reads = new Map<string, number>();
        const writes = new Map<string, number>();
        const result = this.#run(call, reads, writes);
        const functions = call.transaction === 'executeBatch' ? batchFunctions(call) : [text(call)];
        this.#prepared.set(transactionId, { transactionId, reads, writes, functions });
        const bytes = Buffer.from(transactionId);
        return { transactionId, bytes, result: Buffer.from(result) };
    }

    /** What an endorsed transaction has read, by key and version. */
    readsOf(transactionId: string): ReadonlyMap<string, number> {
        return this.#prepared.get(transactionId)?.reads ?? new Map();
    }

    /** What an endorsed transaction writes, by key and value. */
    writesOf(transactionId: string): ReadonlyMap<string, number> {
        return this.#prepared.get(transactionId)?.writes ?? new Map();
    }

    async submit({ bytes }: Pick<Endorsed, 'bytes'>): Promise<void> {
        await Promise.resolve();
        const transactionId = Buffer.from(bytes).toString();
        this.faults.submit?.(transactionId);
        this.submissions += 1;
        const prepared = this.#prepared.get(transactionId);
        if (prepared === undefined) throw grpcError(Grpc.INVALID_ARGUMENT, 'unknown envelope');
        this.#pending.push(prepared);
        this.#await();
        this.faults.acknowledge?.(transactionId);
    }

    async evaluate(call: Call): Promise<Uint8Array> {
        await Promise.resolve();
        this.faults.evaluate?.(call);
        return Buffer.from(this.#run(call, new Map(), new Map()));
    }

    watch(transactionId: string): CommitWatch {
        const known = this.#verdicts.get(transactionId);
        if (known !== undefined) {
            return { status: Promise.resolve(known), cancel: () => undefined };
        }
        const status = new Promise<TransactionStatus>((resolve) => {
            const watchers = this.#watchers.get(transactionId) ?? [];
            this.#watchers.set(transactionId, [...watchers, resolve]);
        });
        return { status, cancel: () => undefined };
    }

    async lookup(transactionId: string): Promise<TransactionStatus | undefined> {
        await Promise.resolve();
        return this.#verdicts.get(transactionId);
    }

    /** Cuts a block of what is pending. */
    cut(): void {
        clearTimeout(this.#timer);
        this.#timer = undefined;
        const block = this.height;
        this.height += 1n;
        const told: TransactionStatus[] = [];
        this.#pending.splice(0, this.#perBlock).forEach((prepared, index) => {
            if (this.#verdicts.has(prepared.transactionId)) return;
            const code = this.#commit(prepared);
            this.chain.push({ ...prepared, code, block });
            const { transactionId } = prepared;
            const verdict = { transactionId, code, blockNumber: block, index };
            this.#verdicts.set(transactionId, verdict);
            told.push(verdict);
        });
        for (const verdict of told) {
            for (const tell of this.#watchers.get(verdict.transactionId) ?? []) tell(verdict);
            this.#watchers.delete(verdict.transactionId);
        }
        if (this.#pending.length > 0) this.#await();
    }

    #await(): void {
        this.#timer ??= setTimeout(() => {
            this.cut();
        }, this.#blockMs);
    }

    value(key: string): number {
        return this.state.get(key)?.value ?? 0;
    }

    #commit({ reads, writes }: Prepared): number {
        for (const [key, version] of reads) {
            if ((this.state.get(key)?.version ?? 0) !== version) return 11;
        }
        for (const [key, value] of writes) {
            const version = (this.state.get(key)?.version ?? 0) + 1;
            this.state.set(key, { value, version });
        }
        return 0;
    }

    #run(call: Call, reads: Map<string, number>, writes: Map<string, number>): string {
        const args = call.args.map(String);
        if (call.transaction !== 'executeBatch') {
            return this.#function(call.transaction, args, reads, writes);
        }
        const { fns, ops } = JSON.parse(args[0] ?? '') as BatchRequest;
        const results = ops.map(([index, ...opArgs]) => {
            const own = new Map(writes);
            try {
                const result = this.#function(fns[index] ?? '', opArgs, reads, own);
                for (const [key, value] of own) writes.set(key, value);
                return result;
            } catch (error) {
                return ['REFUSED', (error as { reason?: string }).reason ?? String(error)];
            }
        });
        return JSON.stringify({ v: 1, r: results });
    }

    #function(
        name: string,
        args: readonly string[],
        reads: Map<string, number>,
        writes: Map<string, number>,
    ): string {
        const read = (key: string): number => {
            const stored = this.state.get(key);
            if (!writes.has(key)) reads.set(key, stored?.version ?? 0);
            return writes.get(key) ?? stored?.value ?? 0;
        };
        const [first = '', second = '', third = '1'] = args;
        if (name === 'add') {
            const value = read(first) + Number(second || '1');
            writes.set(first, value);
            return String(value);
        }
        if (name === 'move') {
            const left = read(first) - Number(third);
            const right = read(second) + Number(third);
            writes.set(first, left);
            writes.set(second, right);
            return `${left} ${right}`;
        }
        if (name === 'get') return String(read(first));
        throw refusal(name === 'refuse' ? first : `function ${name} does not exist`);
    }
}

function refusal(reason: string): Error {
    const error = grpcError(Grpc.ABORTED, 'failed to endorse transaction, see attached details', [
        `chaincode response 500, ${reason}`,
    ]);
    return Object.assign(error, { reason });
}

function text({ transaction, args }: Call): string {
    return [transaction, ...args.map(String)].join(' ');
}

function batchFunctions({ args }: Call): string[] {
    const { fns, ops } = JSON.parse(String(args[0])) as BatchRequest;
    return ops.map(([index, ...opArgs]) => [fns[index], ...opArgs].join(' '));
}
