import { BATCH_FUNCTION, decodeReceipts, type BatchRequest } from '@goodput/chaincode/wire';
import { decodeBlock, type BlockTransaction } from '@goodput/rwset';
import type { Gateway } from '@hyperledger/fabric-gateway';
import { wholeBlocks } from '../transport/block-streams.js';

/** What the ledger itself says of a run. */
export interface Applied {
    /** How often each operation is on the ledger. */
    readonly times: ReadonlyMap<string, number>;
    readonly transactions: number;
    readonly invalid: number;
}

/** Ids of the operations a transaction carries, and which of them its contract accepted. */
function carriedBy(transaction: BlockTransaction): { readonly id: string; readonly ok: boolean }[] {
    const name = transaction.functionName.replace(/^.*:/u, '');
    const text = Buffer.from(transaction.args[0] ?? new Uint8Array()).toString();
    if (name !== BATCH_FUNCTION) return [{ id: text, ok: true }];
    const { ops } = JSON.parse(text) as BatchRequest;
    const receipts = decodeReceipts(transaction.response?.payload ?? new Uint8Array());
    return ops.map(([, id = ''], index) => ({ id, ok: receipts[index]?.ok === true }));
}

/** Reads the blocks from one height to another and counts each operation of the run in them. */
export async function readApplied(
    gateway: Gateway,
    channel: string,
    { from, to, run }: { readonly from: bigint; readonly to: bigint; readonly run: string },
): Promise<Applied> {
    const times = new Map<string, number>();
    let transactions = 0;
    let invalid = 0;
    if (from >= to) return { times, transactions, invalid };
    const stream = await wholeBlocks(gateway, channel, from);
    try {
        for await (const { number, bytes } of stream) {
            for (const transaction of decodeBlock(bytes ?? new Uint8Array()).transactions) {
                if (transaction.kind !== 'invoke') continue;
                // Stragglers of the system before may still be coming in.
                const own = carriedBy(transaction).filter(({ id }) => id.startsWith(`${run}/`));
                if (own.length === 0) continue;
                transactions += 1;
                if (transaction.code !== 0) invalid += 1;
                else for (const { id, ok } of own) if (ok) times.set(id, (times.get(id) ?? 0) + 1);
            }
            if (number + 1n >= to) break;
        }
    } finally {
        stream.close();
    }
    return { times, transactions, invalid };
}
