import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readLedger } from '@goodput/bench';
import { loadNetwork } from '@goodput/network';
import { decodeBlock, type Block } from '@goodput/rwset';
import type { Command } from 'commander';
import { CommandError } from './errors.js';
import { wholeNumber } from './options.js';
import { readInput } from './read-input.js';

/** Where blocks are read from, beside files. */
export interface BlockSource {
    readonly network?: string;
    readonly from?: number;
}

/** Block files below the given paths; a folder stands for the *.block files in it, in order. */
function blockFiles(paths: readonly string[]): string[] {
    return paths.flatMap((path) => {
        const stats = statSync(path, { throwIfNoEntry: false });
        if (stats === undefined) {
            throw new CommandError(
                'COMMAND_FILE_UNREADABLE',
                `There is no file or folder ${path}.`,
                {
                    suggestion: '"peer channel fetch 5 5.block -c CHANNEL" writes a block file.',
                },
            );
        }
        if (!stats.isDirectory()) return [path];
        const names = readdirSync(path).filter((name) => name.endsWith('.block'));
        if (names.length === 0) {
            throw new CommandError(
                'COMMAND_FILE_UNREADABLE',
                `There is no *.block file in ${path}.`,
                { suggestion: 'Name the files themselves if theirs is another ending.' },
            );
        }
        return names.sort().map((name) => join(path, name));
    });
}

function blockOfFile(file: string): Block {
    const bytes = readInput(file);
    try {
        return decodeBlock(bytes);
    } catch (cause) {
        throw new CommandError(
            'COMMAND_FILE_UNREADABLE',
            `${file} is not a block file: ${(cause as Error).message}`,
            { cause },
        );
    }
}

/** The blocks of files, or of a live channel, in order. */
export async function readBlocks(paths: readonly string[], source: BlockSource): Promise<Block[]> {
    if (source.network !== undefined && paths.length > 0) {
        throw new CommandError('COMMAND_USAGE', 'Name block files or a --network, not both.');
    }
    if (source.network === undefined) {
        if (source.from !== undefined) {
            throw new CommandError('COMMAND_USAGE', '--from is for a channel with --network.', {
                suggestion: 'Of files, name those that are to be read.',
            });
        }
        if (paths.length === 0) {
            throw new CommandError(
                'COMMAND_USAGE',
                'Name block files, or a channel with --network.',
            );
        }
        return blockFiles(paths)
            .map(blockOfFile)
            .sort((a, b) => a.number - b.number);
    }
    const reader = readLedger(loadNetwork(source.network));
    try {
        return await reader.blocks(source.from ?? 0, await reader.height());
    } finally {
        reader.close();
    }
}

/** Adds the arguments by which a command is told its blocks. */
export function withBlocks(command: Command): Command {
    return command
        .argument('[files...]', 'block files, or folders with *.block files')
        .option('--network <profile>', 'read a live channel instead')
        .option('--from <block>', 'with --network: the first block to read', wholeNumber);
}
