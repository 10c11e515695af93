import { readFileSync } from 'node:fs';
import { verifyAuditProof, type AuditProof, type TreeHead } from '@goodput/contracts';
import { decodeBlock, VALIDATION_CODES, type Block } from '@goodput/rwset';
import { CommandError } from '../errors.js';
import { wholeNumber } from '../options.js';
import type { Register } from '../program.js';

interface VerifyOptions {
    readonly block?: string;
    readonly size?: number;
    readonly root?: string;
}

function readBytes(file: string): Buffer {
    try {
        return readFileSync(file);
    } catch (cause) {
        const message = `Cannot read ${file}: ${(cause as Error).message}.`;
        throw new CommandError('COMMAND_FILE_UNREADABLE', message, { cause });
    }
}

function parsed(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        // A block holds values of all kinds; what is not JSON is no seal.
        return undefined;
    }
}

function readProof(file: string): AuditProof {
    const value = parsed(readBytes(file).toString('utf8'));
    const format = (value as { format?: unknown } | null | undefined)?.format;
    if (format === 'goodput.audit-proof/1') return value as AuditProof;
    throw new CommandError('COMMAND_USAGE', `${file} is no proof of an audit log.`, {
        suggestion: 'The audit contract\'s transaction "prove" gives one.',
    });
}

/** The head that a valid transaction of the block wrote when it sealed; the block is what is trusted. */
function headInBlock(block: Block, proof: AuditProof): TreeHead | undefined {
    const { tenant, shard } = proof.seal;
    for (const { code, rwset } of block.transactions) {
        if (code !== VALIDATION_CODES.VALID) continue;
        const writes = rwset?.namespaces.flatMap((each) => each.writes) ?? [];
        for (const { value } of writes) {
            const seal = parsed(new TextDecoder().decode(value)) as
                | { tenant?: unknown; shard?: unknown; chainSize?: unknown; chainRoot?: unknown }
                | null
                | undefined;
            const ofShard = seal?.tenant === tenant && seal.shard === shard;
            if (!ofShard || seal.chainSize !== proof.chain.size) continue;
            if (typeof seal.chainRoot === 'string') {
                return { size: proof.chain.size, root: seal.chainRoot };
            }
        }
    }
    return undefined;
}

function trustedHead(proof: AuditProof, options: VerifyOptions): TreeHead {
    const { block, size, root } = options;
    if (block !== undefined) {
        const decoded = decodeBlock(readBytes(block));
        const head = headInBlock(decoded, proof);
        if (head !== undefined) return head;
        throw new CommandError(
            'COMMAND_CHECK_FAILED',
            `Block ${decoded.number} holds no valid seal number ${proof.chain.size} of shard ${proof.seal.shard} of ${proof.seal.tenant}.`,
        );
    }
    if (size !== undefined && root !== undefined) return { size, root };
    throw new CommandError('COMMAND_USAGE', 'Say what is trusted: --block, or --size and --root.');
}

/** `goodput verify PROOF` */
export const registerVerify: Register = (program, terminal) => {
    program
        .command('verify')
        .description('check offline that an audit record stands in the log as it was sealed')
        .argument('<proof>', 'a file with the proof, as the audit contract gives it')
        .option('--block <file>', 'the block that holds the seal')
        .option('--size <seals>', 'or: the size of a chain head that is trusted', wholeNumber)
        .option('--root <hex>', 'and its root')
        .action((file: string, options: VerifyOptions) => {
            const proof = readProof(file);
            if (!verifyAuditProof(proof, trustedHead(proof, options))) {
                throw new CommandError(
                    'COMMAND_CHECK_FAILED',
                    'The proof does not hold: record, proof or seal was changed.',
                );
            }
            terminal.out(
                `The record stands in the log: row ${proof.row} of ${proof.seal.count} of ${new Date(proof.seal.day).toISOString().slice(0, 10)}, shard ${proof.seal.shard}.`,
            );
        });
};
