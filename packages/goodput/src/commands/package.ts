import { Option } from 'commander';
import { packageChaincode } from '../package/package-chaincode.js';
import { checkOutput } from '../write-output.js';
import type { Register } from '../program.js';

interface PackageCommandOptions {
    readonly type: 'ccaas' | 'node';
    readonly label?: string;
    readonly address?: string;
    readonly output?: string;
    readonly json?: boolean;
}

const example = `
Example:
  goodput package chaincode/clinical --address clinical:9999 --output c.tgz
  peer lifecycle chaincode install c.tgz`;

/** `goodput package FOLDER` */
export const registerPackage: Register = (program, terminal) => {
    program
        .command('package')
        .description(
            'make the package that "peer lifecycle chaincode install" takes, indexes included',
        )
        .argument('<folder>', 'chaincode project, built')
        .addOption(
            new Option(
                '--type <type>',
                'a service that is started elsewhere, or a project peers build',
            )
                .choices(['ccaas', 'node'])
                .default('ccaas'),
        )
        .option('--label <label>', "the package's label; name_version unless given")
        .option('--address <host:port>', 'where peers reach the service; only for ccaas')
        .option('--output <file>', "the file to write; the folder's name with .tgz unless given")
        .option('--json', 'print what was made as JSON')
        .addHelpText('after', example)
        .action(async (folder: string, options: PackageCommandOptions) => {
            checkOutput(options.output);
            const made = await packageChaincode({ ...options, folder });
            if (options.json === true) terminal.out(JSON.stringify(made, null, 2));
            else {
                terminal.out(`written ${made.file}`);
                terminal.out(`package id ${made.packageId}`);
                for (const path of made.indexes) terminal.out(`  ${path}`);
            }
        });
};
