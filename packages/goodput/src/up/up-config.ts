import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Deployment, NetworkOptions } from '@goodput/devnet';
import { CommandError } from '../errors.js';

/** What `goodput up` starts: the network, and the chaincodes on it. */
export interface UpConfig {
    readonly network: NetworkOptions;
    readonly chaincodes: readonly Deployment[];
}

/** What the command line says beside, or instead of, a configuration file. */
export interface UpArguments {
    readonly folders: readonly string[];
    readonly config?: string;
    readonly watch?: boolean;
    readonly blockTimeout?: number;
    readonly state?: 'leveldb' | 'couchdb';
    readonly organizations?: readonly string[];
    readonly channels?: readonly string[];
    readonly data?: string;
}

const KNOWN = ['network', 'chaincodes'];

function readConfig(file: string): Partial<UpConfig> {
    let value: unknown;
    try {
        value = JSON.parse(readFileSync(file, 'utf8'));
    } catch (cause) {
        throw new CommandError(
            'COMMAND_FILE_UNREADABLE',
            `Cannot read the configuration ${file}: ${(cause as Error).message}.`,
            { cause },
        );
    }
    const members = typeof value === 'object' && value !== null ? Object.keys(value) : [];
    const unknown = members.find((member) => !KNOWN.includes(member));
    if (members.length > 0 && unknown === undefined) return value as Partial<UpConfig>;
    throw new CommandError(
        'COMMAND_USAGE',
        `${file} must be an object of ${KNOWN.join(' and ')}; got ${unknown ?? 'something else'}.`,
    );
}

/** A chaincode's name is its package's, without the scope; without a package, its folder's. */
function chaincodeName(folder: string): string {
    const manifest = join(folder, 'package.json');
    if (!existsSync(manifest)) {
        throw new CommandError(
            'COMMAND_USAGE',
            `${folder} is no chaincode project: it has no package.json.`,
            {
                suggestion: '"goodput init NAME" makes one.',
            },
        );
    }
    const { name = basename(folder) } = JSON.parse(readFileSync(manifest, 'utf8')) as {
        name?: string;
    };
    return basename(name);
}

function fromFolder(folder: string, watch: boolean | undefined): Deployment {
    const absolute = resolve(folder);
    const collections = join(absolute, 'collections.json');
    return {
        name: chaincodeName(absolute),
        folder: absolute,
        ...(watch !== undefined && { watch }),
        ...(existsSync(collections) && {
            collections: JSON.parse(readFileSync(collections, 'utf8')) as NonNullable<
                Deployment['collections']
            >,
        }),
    };
}

/** Folders in a configuration are relative to the file. */
function absolute(deployment: Deployment, base: string): Deployment {
    return 'folder' in deployment
        ? { ...deployment, folder: resolve(base, deployment.folder) }
        : deployment;
}

/** Puts the configuration file and the command line together; the command line wins. */
export function upConfig(given: UpArguments): UpConfig {
    const file = given.config === undefined ? {} : readConfig(given.config);
    const base = given.config === undefined ? '.' : dirname(resolve(given.config));
    const { blockTimeout, state, organizations, channels, data } = given;
    return {
        network: {
            ...file.network,
            ...(blockTimeout !== undefined && {
                block: { ...file.network?.block, timeoutMs: blockTimeout },
            }),
            ...(state !== undefined && { stateDatabase: state }),
            ...(organizations !== undefined && { organizations }),
            ...(channels !== undefined && { channels }),
            ...(data !== undefined && { dataDirectory: data }),
        },
        chaincodes: [
            ...(file.chaincodes ?? []).map((each) => absolute(each, base)),
            ...given.folders.map((folder) => fromFolder(folder, given.watch)),
        ],
    };
}
