import { mkdir } from 'node:fs/promises';

import { encodeMetadata } from '@goodput/rwset';
import type { VersionedValue } from '@goodput/rwset';
import { ledger } from '@hyperledger/fabric-protos';
import { ClassicLevel } from 'classic-level';

import { DevnetError } from '../errors.js';
import { onFiles } from '../files/file-failure.js';
import { ordered } from './bookkeeping.js';
import type {
    LedgerRecord,
    LedgerStorage,
    Rewind,
    StateWrite,
    StoredLedger,
    TransactionPlace,
} from './storage.js';

type Database = ClassicLevel<string, Uint8Array>;

const FORMAT = 1;
const ABOUT = 'about';

/** What a folder says of itself. */
interface About {
    readonly format: number;
    readonly channel: string;
    readonly stateDatabase: string;
    readonly height: number;
}

/** Whose ledger a folder holds. */
export interface LevelStorageOptions {
    readonly directory: string;
    readonly channel: string;
    readonly stateDatabase: string;
}

/**
 * A ledger in a folder. Everything a block changes goes to disk in one atomic, synchronous batch: a
 * process killed at any moment finds, when it opens the folder again, either all of a block or nothing
 * of it.
 */
export class LevelStorage implements LedgerStorage {
    readonly #options: LevelStorageOptions;
    readonly #database: Database;

    private constructor(options: LevelStorageOptions, database: Database) {
        this.#options = options;
        this.#database = database;
    }

    static async open(options: LevelStorageOptions): Promise<LevelStorage> {
        await onFiles('Making the folder of a ledger', () =>
            mkdir(options.directory, { recursive: true }),
        );
        const database: Database = new ClassicLevel(options.directory, {
            keyEncoding: 'utf8',
            valueEncoding: 'view',
        });
        try {
            await database.open();
        } catch (error) {
            throw levelFailure(options.directory, error);
        }
        return new LevelStorage(options, database);
    }

    async load(): Promise<StoredLedger> {
        const { channel, stateDatabase, directory } = this.#options;
        const about = this.#about();
        const problem =
            about.format !== FORMAT
                ? `is in format ${about.format}; this version reads ${FORMAT}`
                : about.channel !== channel
                  ? `belongs to channel ${about.channel}, not ${channel}`
                  : about.stateDatabase !== stateDatabase
                    ? `was written with state database ${about.stateDatabase}, not ${stateDatabase}`
                    : undefined;
        if (problem !== undefined) {
            throw new DevnetError(
                'DEVNET_LEDGER_UNREADABLE',
                `The ledger in ${directory} ${problem}. Open it as what it is, or use another folder.`,
            );
        }
        const transactions: TransactionPlace[] = [];
        for await (const [key, value] of this.#entries('t')) {
            transactions.push({ txId: key, ...(parse(value) as Omit<TransactionPlace, 'txId'>) });
        }
        const hashes: [string, number][] = [];
        for await (const [hash, value] of this.#entries('h')) {
            hashes.push([hash, parse(value) as number]);
        }
        return { height: about.height, transactions, hashes, writes: this.#state() };
    }

    async append(record: LedgerRecord): Promise<void> {
        const batch = this.#database.batch();
        batch.put(`b${ordered(record.number)}`, record.block);
        batch.put(`h${record.hash}`, json(record.number));
        for (const { txId, code, blockNumber, index } of record.transactions) {
            batch.put(`t${txId}`, json({ code, blockNumber, index }));
        }
        for (const write of record.writes) putOrDelete(batch, write);
        batch.put(ABOUT, json({ ...this.#about(), height: record.number + 1 }));
        await batch.write({ sync: true });
    }

    async write(writes: readonly StateWrite[]): Promise<void> {
        const batch = this.#database.batch();
        for (const write of writes) putOrDelete(batch, write);
        await batch.write({ sync: true });
    }

    block(number: number): Uint8Array | undefined {
        if (this.#database.status !== 'open') return undefined;
        return this.#database.getSync(`b${ordered(number)}`);
    }

    async rewind(to: Rewind): Promise<void> {
        const about = this.#about();
        const batch = this.#database.batch();
        for (let number = to.height; number < about.height; number++) {
            batch.del(`b${ordered(number)}`);
        }
        for (const hash of to.hashes) batch.del(`h${hash}`);
        for (const txId of to.txIds) batch.del(`t${txId}`);
        for (const write of to.writes) putOrDelete(batch, write);
        batch.put(ABOUT, json({ ...about, height: to.height }));
        await batch.write({ sync: true });
    }

    async close(): Promise<void> {
        await this.#database.close();
    }

    #about(): About {
        const stored = this.#database.getSync(ABOUT);
        if (stored) return parse(stored) as About;
        const { channel, stateDatabase } = this.#options;
        return { format: FORMAT, channel, stateDatabase, height: 0 };
    }

    async *#state(): AsyncGenerator<StateWrite> {
        for await (const [place, value] of this.#entries('s')) {
            const colon = place.indexOf(':');
            const keyAt = colon + 1 + Number(place.slice(0, colon));
            yield {
                namespace: place.slice(colon + 1, keyAt),
                key: place.slice(keyAt),
                value: decodeEntry(value),
            };
        }
    }

    /** Entries of one kind, without the letter of their kind. */
    async *#entries(kind: string): AsyncGenerator<[string, Uint8Array]> {
        const range = { gte: kind, lt: String.fromCharCode(kind.charCodeAt(0) + 1) };
        for await (const [key, value] of this.#database.iterator(range)) {
            yield [key.slice(1), value];
        }
    }
}

function putOrDelete(
    batch: ReturnType<Database['batch']>,
    { namespace, key, value }: StateWrite,
): void {
    // the length keeps namespace and key apart, whatever characters they have
    const place = `s${namespace.length}:${namespace}${key}`;
    if (value) batch.put(place, encodeEntry(value));
    else batch.del(place);
}

/** Block, transaction, length of the metadata, metadata, value. */
function encodeEntry({ value, version, metadata }: VersionedValue): Uint8Array {
    const entries = metadata ? encodeMetadata(metadata) : new Uint8Array();
    const head = Buffer.alloc(16);
    head.writeDoubleBE(version.blockNum, 0);
    head.writeUInt32BE(version.txNum, 8);
    head.writeUInt32BE(entries.length, 12);
    return Buffer.concat([head, entries, value]);
}

function decodeEntry(bytes: Uint8Array): VersionedValue {
    const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const valueAt = 16 + view.readUInt32BE(12);
    const stored = ledger.rwset.kvrwset.KVMetadataWrite.deserializeBinary(
        view.subarray(16, valueAt),
    ).getEntriesList();
    return {
        value: view.subarray(valueAt),
        version: { blockNum: view.readDoubleBE(0), txNum: view.readUInt32BE(8) },
        metadata:
            stored.length === 0
                ? undefined
                : stored.map((entry) => ({ name: entry.getName(), value: entry.getValue_asU8() })),
    };
}

function json(value: unknown): Uint8Array {
    return Buffer.from(JSON.stringify(value));
}

function parse(value: Uint8Array): unknown {
    return JSON.parse(Buffer.from(value).toString());
}

/** What LevelDB could not do with a ledger's folder; any other error as it is. */
export function levelFailure(directory: string, error: unknown): unknown {
    const reasons = [error, error instanceof Error ? error.cause : undefined];
    const reason = reasons.findLast((each) => codeOf(each).startsWith('LEVEL_'));
    if (!(reason instanceof Error)) return error;
    const code = codeOf(reason);
    if (code === 'LEVEL_LOCKED') {
        return new DevnetError(
            'DEVNET_LEDGER_LOCKED',
            `The ledger in ${directory} is open in another process. Stop that network first, or ` +
                'use another folder.',
            { cause: error },
        );
    }
    if (NO_PLACE.test(reason.message)) {
        return new DevnetError(
            'DEVNET_FILE_FAILED',
            `The ledger in ${directory} cannot be opened: ${reason.message}. ` +
                'Make room or see to the permissions there, or name another place.',
            { cause: error },
        );
    }
    return new DevnetError(
        'DEVNET_LEDGER_UNREADABLE',
        `The ledger in ${directory} cannot be opened: ${reason.message}. ` +
            'Use another folder, or remove this one to begin anew.',
        { cause: error },
    );
}

/** Said of a ledger that is whole: there is nothing wrong with what is in the folder. */
const NO_PLACE = /no space left|read-only file system|permission denied|too many open files/i;

function codeOf(error: unknown): string {
    return error instanceof Error && 'code' in error ? String(error.code) : '';
}
