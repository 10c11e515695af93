import { verifyAuditProof, type AuditProof, type TreeHead } from '@goodput/contracts';
import { CommandError } from '../errors.js';
import { wholeNumber } from '../options.js';
import { readInput } from '../read-input.js';
import type { Register } from '../program.js';
import { sealInBlock } from '../verify/seal-in-block.js';

interface VerifyOptions {
    readonly block?: string;
    readonly chaincode?: string;
    readonly size?: number;
    readonly root?: string;
}

function readProof(file: string): AuditProof {
    const text = readInput(file).toString('utf8');
    try {
        const value = JSON.parse(text) as {
            format?: unknown;
            seal?: unknown;
            chain?: unknown;
        } | null;
        const hasParts = typeof value?.seal === 'object' && typeof value.chain === 'object';
        if (value?.format === 'goodput.audit-proof/1' && hasParts) return value as AuditProof;
    } catch {
        // Falls through: what is not JSON is no proof either.
    }
    throw new CommandError('COMMAND_USAGE', `${file} is no proof of an audit log.`, {
        suggestion: 'The audit contract\'s transaction "prove" gives one.',
    });
}

interface Trusted extends TreeHead {
    /** The block it was found in. */
    readonly block?: number;
}

function trustedHead(proof: AuditProof, options: VerifyOptions): Trusted {
    const { block, chaincode, size, root } = options;
    if (block !== undefined) {
        if (chaincode !== undefined) {
            return sealInBlock(readInput(block), block, { proof, chaincode });
        }
        throw new CommandError('COMMAND_USAGE', 'Say which chaincode keeps the log: --chaincode.', {
            suggestion:
                'Any chaincode can write what looks like a seal; only one of them is the log.',
        });
    }
    if (size !== undefined && root !== undefined) return { size, root };
    throw new CommandError('COMMAND_USAGE', 'Say what is trusted: --block, or --size and --root.');
}

const example = `
Examples:
  goodput verify proof.json --block block_1204.block
  goodput verify proof.json --size 12 --root 9f86d0...`;

/** `goodput verify PROOF` */
export const registerVerify: Register = (program, terminal) => {
    program
        .command('verify')
        .description('check offline that an audit record stands in the log as it was sealed')
        .argument('<proof>', 'a file with the proof, as the audit contract gives it')
        .option('--block <file>', 'the block that holds the seal')
        .option('--chaincode <name>', 'and the chaincode that keeps the log')
        .option('--size <seals>', 'or: the size of a chain head that is trusted', wholeNumber)
        .option('--root <hex>', 'and its root')
        .addHelpText('after', example)
        .action((file: string, options: VerifyOptions) => {
            const proof = readProof(file);
            const trusted = trustedHead(proof, options);
            if (!verifyAuditProof(proof, trusted)) {
                throw new CommandError(
                    'COMMAND_CHECK_FAILED',
                    'The proof does not hold: record, proof or seal was changed.',
                );
            }
            const { row, seal } = proof;
            const date = new Date(seal.day).toISOString().slice(0, 10);
            const by = trusted.block === undefined ? '' : `, sealed by block ${trusted.block}`;
            terminal.out(
                `The record stands in the log: row ${row} of ${seal.count} of ${date}, shard ${seal.shard}${by}.`,
            );
        });
};
