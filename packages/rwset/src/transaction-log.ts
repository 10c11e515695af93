import { RwsetError } from './errors.js';
import { parseBlockLine, parseTransactionLine, transactionLine } from './log-lines.js';
import type { Block, BlockTransaction } from './model.js';

/** The first line of every log. */
const HEADER = { format: 'goodput-transaction-log', version: 1 };

/**
 * Writes blocks as newline-delimited JSON: a line that says what this is, then for every block a line
 * of its own followed by one for each transaction. Bytes are base64. Identities and the full
 * transaction stay in: call {@link redactBlocks} first if the log is to leave the house.
 *
 * @example
 * ```ts
 * import { exportLog, importLog } from '@goodput/rwset';
 *
 * const none = new Uint8Array(0);
 * const block = { number: 0, previousHash: none, dataHash: none, transactions: [] };
 * const lines = [...exportLog([block])];
 * console.log(importLog(lines)[0]?.number); // => 0
 * ```
 */
export function* exportLog(blocks: Iterable<Block>): Generator<string, void> {
    yield JSON.stringify(HEADER);
    for (const block of blocks) {
        yield JSON.stringify({
            block: block.number,
            previousHash: base64(block.previousHash),
            dataHash: base64(block.dataHash),
            transactions: block.transactions.length,
        });
        for (const tx of block.transactions) yield JSON.stringify(transactionLine(tx));
    }
}

/**
 * Reads back what {@link exportLog} wrote, from its lines. Blank lines are passed over.
 *
 * @throws RwsetError `RWSET_LOG_MALFORMED`, with the line's number, when a line is not what it should
 * be or the log ends too early.
 */
export function importLog(lines: Iterable<string>): Block[] {
    const blocks: Block[] = [];
    let current: { block: Omit<Block, 'transactions'>; missing: number } | undefined;
    let transactions: BlockTransaction[] = [];
    let lineNumber = 0;
    let hasHeader = false;
    const close = (): void => {
        if (current === undefined) return;
        if (current.missing > 0) {
            throw malformed(
                lineNumber,
                `block ${current.block.number} lacks ${current.missing} transactions`,
            );
        }
        blocks.push({ ...current.block, transactions });
        transactions = [];
        current = undefined;
    };
    for (const line of lines) {
        lineNumber++;
        if (line.trim() === '') continue;
        const value = parse(line, lineNumber);
        const fail = (why: string): RwsetError => malformed(lineNumber, why);
        if (!hasHeader) {
            if (value['format'] !== HEADER.format || value['version'] !== HEADER.version) {
                throw fail(`the first line is not ${JSON.stringify(HEADER)}`);
            }
            hasHeader = true;
        } else if ('block' in value) {
            close();
            const { missing, ...block } = parseBlockLine(value, fail);
            current = { block, missing };
        } else {
            if (current === undefined) throw fail('a transaction comes before its block');
            if (current.missing-- === 0) {
                throw fail(`block ${current.block.number} has more transactions than it says`);
            }
            transactions.push(parseTransactionLine(value, transactions.length, fail));
        }
    }
    close();
    if (!hasHeader) throw malformed(lineNumber, 'the log is empty');
    return blocks;
}

function parse(line: string, lineNumber: number): Record<string, unknown> {
    try {
        const value: unknown = JSON.parse(line);
        if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
            return value as Record<string, unknown>;
        }
    } catch (cause) {
        throw malformed(lineNumber, 'not JSON', cause);
    }
    throw malformed(lineNumber, 'not a JSON object');
}

function malformed(lineNumber: number, why: string, cause?: unknown): RwsetError {
    return new RwsetError(
        'RWSET_LOG_MALFORMED',
        `Line ${lineNumber} of the transaction log: ${why}. Pass the lines as exportLog wrote them.`,
        { cause },
    );
}

function base64(bytes: Uint8Array): string {
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
