import { rmSync } from 'node:fs';
import { startNetwork } from '@goodput/devnet';
import { decodeBlock } from '@goodput/rwset';
import { InvalidArgumentError, Option } from 'commander';
import { authoritiesFile, DEFAULT_PROFILE } from '../identities/open-registry.js';
import { aborted, interruptible } from '../interruptible.js';
import { list } from '../options.js';
import type { Register } from '../program.js';
import { checkOutput } from '../write-output.js';
import type { Terminal } from '../terminal.js';
import { blockLine } from '../up/block-line.js';
import { upConfig, type UpArguments } from '../up/up-config.js';

type UpOptions = Omit<UpArguments, 'folders'> & { readonly profile: string };

const example = `
Examples:
  goodput up                             one organisation, nothing deployed
  goodput up chaincode/clinical --watch  a project, restarted when it changes
  goodput up --config network.json       as the file says:
      { "network": { "organizations": ["Org1MSP", "Org2MSP"],
                     "stateDatabase": "couchdb" },
        "chaincodes": [{ "name": "mine", "folder": "./mine",
                         "endorsementPolicy": "..." }] }`;

function milliseconds(text: string): number {
    const value = Number(text);
    if (Number.isInteger(value) && value > 0) return value;
    throw new InvalidArgumentError('It must be a whole number of milliseconds above 0.');
}

async function up(folders: string[], options: UpOptions, terminal: Terminal): Promise<void> {
    checkOutput(options.profile);
    const config = upConfig({ ...options, folders });
    await interruptible(async (signal) => {
        await using network = await startNetwork({
            ...config.network,
            log: (line) => {
                terminal.say(line);
            },
        });
        for (const deployment of config.chaincodes) {
            terminal.say(`Deploying ${deployment.name} ...`);
            const { name } = deployment;
            const onOutput = (text: string): void => {
                for (const line of text.trimEnd().split('\n')) terminal.say(`${name}: ${line}`);
            };
            await network.deploy('folder' in deployment ? { ...deployment, onOutput } : deployment);
        }
        await network.writeProfile(options.profile);
        await network.writeAuthorities(authoritiesFile(options.profile));
        const { peers, orderers = [], channel } = network.profile;
        const channels = config.network.channels ?? [channel];
        terminal.out(
            channels.length === 1
                ? `Channel ${channel} is up; Ctrl-C stops it.`
                : `Channels ${channels.join(', ')} are up; Ctrl-C stops them.`,
        );
        for (const { name, endpoint } of [...peers, ...orderers]) {
            terminal.out(`  ${name} at ${endpoint}`);
        }
        terminal.out(`  network profile: ${options.profile}`);
        const listening = channels.map((id) =>
            network.onBlock(({ block, codes }) => {
                const line = blockLine(
                    decodeBlock(block.serializeBinary()),
                    codes,
                    terminal.colour,
                );
                terminal.out(channels.length === 1 ? line : `${id}  ${line}`);
            }, id),
        );
        await aborted(signal);
        for (const stopListening of listening) stopListening();
        terminal.say('Stopping ...');
        // Keys of authorities lie about for no longer than somebody can enrol with them.
        rmSync(authoritiesFile(options.profile), { force: true });
    });
}

/** `goodput up` */
export const registerUp: Register = (program, terminal) => {
    program
        .command('up')
        .description('start an embedded Fabric network: one process, no Docker')
        .argument('[folders...]', 'chaincode projects to run on it')
        .option('--config <file>', 'organisations, channels, chaincodes, block settings as JSON')
        .option('--profile <file>', 'where to write the network profile', DEFAULT_PROFILE)
        .option('--watch', 'restart chaincode projects when their files change')
        .option('--block-timeout <ms>', 'longest wait before a block is cut', milliseconds)
        .addOption(
            new Option('--state <database>', 'whose rules hold').choices(['leveldb', 'couchdb']),
        )
        .option('--organizations <ids>', 'MSP ids, separated by commas', list)
        .option('--channels <names>', 'channels, separated by commas', list)
        .option('--data <folder>', 'keep the ledger in a folder instead of in memory')
        .addHelpText('after', example)
        .action((folders: string[], options: UpOptions) => up(folders, options, terminal));
};
