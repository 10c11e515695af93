import { malformedTransaction, readEnvelope } from './decode-transaction.js';
import { RwsetError } from './errors.js';
import type { Block, BlockTransaction, Transaction } from './model.js';
import { VALIDATION_CODES } from './validation-code.js';
import { WireReader } from './wire-reader.js';

/** Where in a block's metadata the verdicts stand, one byte each. */
const TRANSACTIONS_FILTER = 2;

/**
 * Reads a block: the bytes of a `common.Block`, as a peer delivers it and as `peer channel fetch`
 * saves it. A transaction whose bytes are broken (a peer commits those too, as invalid) becomes one
 * of kind `malformed` that says why; the others are read all the same.
 *
 * @throws RwsetError when the bytes are not a block.
 *
 * @example
 * ```ts no-run
 * import { readFileSync } from 'node:fs';
 * import { decodeBlock, validationCodeName } from '@goodput/rwset';
 *
 * for (const tx of decodeBlock(readFileSync('mychannel_7.block')).transactions) {
 *     console.log(tx.txId, tx.functionName, validationCodeName(tx.code));
 * }
 * ```
 */
export function decodeBlock(bytes: Uint8Array): Block {
    const r = new WireReader(bytes, 'block');
    let number = 0;
    let previousHash: Uint8Array = new Uint8Array(0);
    let dataHash = previousHash;
    let hasHeader = false;
    let codes: Uint8Array | undefined;
    const transactions: Transaction[] = [];
    while (r.pos < r.end) {
        const tag = r.tag();
        if (tag === 10) {
            const end = r.messageEnd();
            hasHeader = true;
            while (r.pos < end) {
                const field = r.tag();
                if (field === 8) number = r.exact();
                else if (field === 18) previousHash = r.view();
                else if (field === 26) dataHash = r.view();
                else r.skip(field);
            }
            r.close(end);
        } else if (tag === 18) {
            const end = r.messageEnd();
            while (r.pos < end) {
                const field = r.tag();
                if (field === 10) transactions.push(readTransaction(r, r.messageEnd()));
                else r.skip(field);
            }
            r.close(end);
        } else if (tag === 26) codes = readCodes(r, r.messageEnd());
        else r.skip(tag);
    }
    if (!hasHeader) throw r.malformed('a block without a header');
    return {
        number,
        previousHash,
        dataHash,
        transactions: transactions.map((transaction, txNum): BlockTransaction => {
            const code = codes?.[txNum] ?? VALIDATION_CODES.NOT_VALIDATED;
            return { ...transaction, txNum, code };
        }),
    };
}

function readTransaction(r: WireReader, end: number): Transaction {
    const bytes = end - r.pos;
    try {
        return readEnvelope(r, end);
    } catch (error) {
        if (!(error instanceof RwsetError)) throw error;
        r.pos = end;
        return malformedTransaction(bytes, error);
    }
}

function readCodes(r: WireReader, end: number): Uint8Array | undefined {
    let codes: Uint8Array | undefined;
    let index = 0;
    while (r.pos < end) {
        const tag = r.tag();
        if (tag !== 10) r.skip(tag);
        else if (index++ === TRANSACTIONS_FILTER) codes = r.view();
        else r.skip(tag);
    }
    r.close(end);
    return codes;
}
