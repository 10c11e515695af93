import { createHash } from 'node:crypto';
import { auditKeys, type AuditProof, type TreeHead } from '@goodput/contracts';
import { decodeBlock, VALIDATION_CODES, type Block } from '@goodput/rwset';
import { common } from '@hyperledger/fabric-protos';
import { CommandError } from '../errors.js';

function parsed(value: Uint8Array): unknown {
    try {
        return JSON.parse(new TextDecoder().decode(value));
    } catch {
        // A block holds values of all kinds; what is not JSON is no seal.
        return undefined;
    }
}

/** The head a write leaves behind, if it is the seal the proof goes back to. */
function headWritten(
    write: { readonly key: string; readonly value: Uint8Array },
    { seal, chain }: AuditProof,
): TreeHead | undefined {
    const where = auditKeys.seal.tryParse(write.key);
    if (where?.tenant !== seal.tenant || where.shard !== seal.shard) return undefined;
    const stored = parsed(write.value) as
        { readonly chainSize?: unknown; readonly chainRoot?: unknown } | null | undefined;
    const root = stored?.chainRoot;
    if (stored?.chainSize !== chain.size || typeof root !== 'string') return undefined;
    return { size: chain.size, root };
}

/** Refuses a block whose transactions are not those its header was made over. */
function checkDataHash(bytes: Uint8Array, { number, dataHash }: Block): void {
    const hash = createHash('sha256');
    const data = common.Block.deserializeBinary(bytes).getData();
    for (const envelope of data?.getDataList_asU8() ?? []) hash.update(envelope);
    if (Buffer.compare(hash.digest(), dataHash) === 0) return;
    throw new CommandError(
        'COMMAND_CHECK_FAILED',
        `Block ${number} was changed: its transactions have another hash than its header says.`,
        { suggestion: 'Fetch it again, from a peer you trust.' },
    );
}

/** A block as it was read, or a refusal that says so. */
function decoded(bytes: Uint8Array, file: string): Block {
    try {
        const block = decodeBlock(bytes);
        checkDataHash(bytes, block);
        return block;
    } catch (cause) {
        if (cause instanceof CommandError) throw cause;
        throw new CommandError('COMMAND_CHECK_FAILED', `${file} is no block, or was changed.`, {
            cause,
        });
    }
}

/**
 * The head of the chain of seals that a valid transaction of the block wrote, in the chaincode that keeps
 * the log. Only there: anybody may write what looks like a seal under a chaincode of their own.
 */
export function sealInBlock(
    bytes: Uint8Array,
    file: string,
    of: { readonly proof: AuditProof; readonly chaincode: string },
): TreeHead & { readonly block: number } {
    const block = decoded(bytes, file);
    const { proof, chaincode } = of;
    const heads = block.transactions
        .filter(({ code }) => code === VALIDATION_CODES.VALID)
        .flatMap(({ rwset }) => rwset?.namespaces ?? [])
        .filter(({ namespace }) => namespace === chaincode)
        .flatMap(({ writes }) => writes.flatMap((write) => headWritten(write, proof) ?? []));
    const [head] = heads;
    if (head !== undefined) return { ...head, block: block.number };
    const { tenant, shard } = proof.seal;
    throw new CommandError(
        'COMMAND_CHECK_FAILED',
        `Block ${block.number} holds no valid seal number ${proof.chain.size} of shard ${shard} of ${tenant} by the chaincode ${chaincode}.`,
    );
}
