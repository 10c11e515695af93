import { connect, typesOf } from '@goodput/gateway';
import { CommandError } from '../errors.js';
import { readJsonInput } from '../read-input.js';
import { writeOutput } from '../write-output.js';
import type { Register } from '../program.js';

interface TypesOptions {
    readonly network?: string;
    readonly metadata?: string;
    readonly out?: string;
}

async function metadataOf(chaincode: string | undefined, options: TypesOptions): Promise<unknown> {
    if (options.metadata !== undefined) return readJsonInput(options.metadata);
    if (options.network === undefined || chaincode === undefined) {
        throw new CommandError(
            'COMMAND_USAGE',
            'Name a chaincode and its --network, or a file with --metadata.',
        );
    }
    const client = await connect(options.network);
    try {
        return await client.metadata(chaincode);
    } finally {
        await client.close();
    }
}

const example = `
Example:
  goodput types clinical --network profile.json --out src/clinical.d.ts`;

/** `goodput types` */
export const registerTypes: Register = (program, terminal) => {
    program
        .command('types')
        .description("write a chaincode's contracts as TypeScript declarations, for a typed client")
        .argument('[chaincode]', 'name of the chaincode on the network')
        .option('--network <profile>', 'where the chaincode runs')
        .option('--metadata <file>', "a file of the contract's metadata instead")
        .option('--out <file>', 'write here instead of printing')
        .addHelpText('after', example)
        .action(async (chaincode: string | undefined, options: TypesOptions) => {
            const text = typesOf(await metadataOf(chaincode, options));
            if (options.out === undefined) terminal.out(text.trimEnd());
            else writeOutput(options.out, text);
        });
};
