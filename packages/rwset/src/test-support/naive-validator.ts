import { summarizeRange } from '../merkle.js';
import type { RangeQuery, TxReadWriteSet, Version } from '../model.js';
import { VALIDATION_CODES } from '../validation-code.js';

interface Row {
    readonly version: Version;
}

/**
 * Fabric's rules again, written for plainness and nothing else: the state is a plain map that is
 * sorted whenever a range is asked for, and a valid transaction is applied to it at once. It knows
 * reads, ranges, writes, deletes, metadata and private data.
 */
export class NaiveValidator {
    readonly #rows = new Map<string, Row>();
    #touched = new Set<string>();

    validate(
        number: number,
        transactions: readonly { readonly rwset: TxReadWriteSet }[],
    ): number[] {
        this.#touched = new Set();
        return transactions.map(({ rwset }, txNum) => {
            const code = this.#judge(rwset);
            if (code === VALIDATION_CODES.VALID) this.#apply(rwset, { blockNum: number, txNum });
            return code;
        });
    }

    /** Every key with its version, for comparing. */
    dump(): string[] {
        return [...this.#rows]
            .map(([name, { version }]) => `${name} ${version.blockNum}:${version.txNum}`)
            .sort();
    }

    #judge(rwset: TxReadWriteSet): number {
        const fails = (name: string, version: Version | undefined): boolean =>
            this.#touched.has(name) || text(this.#rows.get(name)?.version) !== text(version);
        for (const set of rwset.namespaces) {
            const name = (key: string): string => JSON.stringify([set.namespace, key]);
            if (set.reads.some(({ key, version }) => fails(name(key), version))) {
                return VALIDATION_CODES.MVCC_READ_CONFLICT;
            }
            if (set.rangeQueries.some((query) => !this.#rangeHolds(set.namespace, query))) {
                return VALIDATION_CODES.PHANTOM_READ_CONFLICT;
            }
            for (const { collection, reads } of set.collections) {
                const hashed = (hash: string): string =>
                    JSON.stringify([set.namespace, collection, hash]);
                if (reads.some(({ keyHash, version }) => fails(hashed(keyHash), version))) {
                    return VALIDATION_CODES.MVCC_READ_CONFLICT;
                }
            }
        }
        return VALIDATION_CODES.VALID;
    }

    #rangeHolds(namespace: string, query: RangeQuery): boolean {
        const bytes = (key: string): Buffer => Buffer.from(key);
        const now = [...this.#rows]
            .map(([name, row]) => ({ parts: JSON.parse(name) as string[], row }))
            .filter(({ parts }) => parts.length === 2 && parts[0] === namespace)
            .map(({ parts, row }) => ({ key: parts[1] ?? '', version: row.version }))
            .filter(({ key }) => bytes(key).compare(bytes(query.startKey)) >= 0)
            .filter(({ key }) => {
                const order = bytes(key).compare(bytes(query.endKey));
                return query.endKey === '' || order < 0 || (order === 0 && !query.itrExhausted);
            })
            .sort((a, b) => bytes(a.key).compare(bytes(b.key)));
        if (query.merkle !== undefined) {
            const { merkle } = summarizeRange(now, query.merkle.maxDegree);
            const hex = (hashes: readonly Uint8Array[] | undefined): string =>
                (hashes ?? []).map((hash) => Buffer.from(hash).toString('hex')).join();
            return (
                merkle?.maxLevel === query.merkle.maxLevel &&
                hex(merkle.maxLevelHashes) === hex(query.merkle.maxLevelHashes)
            );
        }
        const then = query.rawReads ?? [];
        const line = ({ key, version }: { key: string; version: Version | undefined }): string =>
            `${key} ${text(version)}`;
        return now.map(line).join('\n') === then.map(line).join('\n');
    }

    #apply(rwset: TxReadWriteSet, version: Version): void {
        for (const set of rwset.namespaces) {
            const name = (key: string): string => JSON.stringify([set.namespace, key]);
            for (const { key, isDelete, value } of set.writes) {
                this.#write(name(key), isDelete || value.length === 0, version);
            }
            for (const { key } of set.metadataWrites) this.#touch(name(key), version);
            for (const { collection, writes, metadataWrites } of set.collections) {
                const hashed = (hash: string): string =>
                    JSON.stringify([set.namespace, collection, hash]);
                for (const { keyHash, isDelete, valueHash } of writes) {
                    this.#write(hashed(keyHash), isDelete || valueHash.length === 0, version);
                }
                for (const { keyHash } of metadataWrites) this.#touch(hashed(keyHash), version);
            }
        }
    }

    #write(name: string, isDelete: boolean, version: Version): void {
        this.#touched.add(name);
        if (isDelete) this.#rows.delete(name);
        else this.#rows.set(name, { version });
    }

    #touch(name: string, version: Version): void {
        if (this.#rows.has(name)) this.#write(name, false, version);
    }
}

/** The verdicts on blocks that follow each other, from an empty state. */
export function naiveCodes(
    blocks: readonly {
        readonly number: number;
        readonly transactions: readonly { readonly rwset: TxReadWriteSet }[];
    }[],
): number[][] {
    const validator = new NaiveValidator();
    return blocks.map(({ number, transactions }) => validator.validate(number, transactions));
}

function text(version: Version | undefined): string {
    return version === undefined ? 'absent' : `${version.blockNum}:${version.txNum}`;
}
