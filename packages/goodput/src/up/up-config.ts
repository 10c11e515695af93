import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Deployment, NetworkOptions } from '@goodput/devnet';
import { CommandError } from '../errors.js';
import { readJsonInput } from '../read-input.js';

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

function isObject(value: unknown): value is Record<string, unknown> {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refuse(message: string): never {
    throw new CommandError('COMMAND_USAGE', message, {
        suggestion: '"goodput up --help" shows one.',
    });
}

/** Looks at the form only: what the members may be is said where they are used. */
function readConfig(file: string): Partial<UpConfig> {
    const value = readJsonInput(file);
    const members = isObject(value) ? Object.keys(value) : [];
    const unknown = members.find((member) => !KNOWN.includes(member));
    if (!isObject(value) || members.length === 0 || unknown !== undefined) {
        refuse(
            `${file} must be an object of ${KNOWN.join(' and ')}; got ${unknown ?? 'something else'}.`,
        );
    }
    const { network = {}, chaincodes = [] } = value;
    if (!isObject(network)) refuse(`"network" of ${file} must be an object.`);
    if (!Array.isArray(chaincodes) || !chaincodes.every(isObject)) {
        refuse(`"chaincodes" of ${file} must be a list of objects.`);
    }
    return value;
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
    const { name = basename(folder) } = readJsonInput(manifest) as { name?: string };
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
            collections: readJsonInput(collections) as NonNullable<Deployment['collections']>,
        }),
    };
}

/** A path made absolute; what is no path is refused where it is used, by the name of its option. */
function from<T>(base: string, path: T): T | string {
    return typeof path === 'string' && path !== '' ? resolve(base, path) : path;
}

/** Paths in a configuration are relative to the file. */
function absolute(deployment: Deployment, base: string, watch: boolean | undefined): Deployment {
    const { indexes } = deployment;
    const withIndexes = {
        ...deployment,
        ...(indexes !== undefined && { indexes: from(base, indexes) }),
    };
    if ('folder' in withIndexes) {
        const folder = from(base, withIndexes.folder);
        return { ...withIndexes, folder, ...(watch !== undefined && { watch }) };
    }
    if ('connection' in withIndexes) {
        return { ...withIndexes, connection: from(base, withIndexes.connection) };
    }
    return withIndexes;
}

/** Puts the configuration file and the command line together; the command line wins. */
export function upConfig(given: UpArguments): UpConfig {
    const file = given.config === undefined ? {} : readConfig(given.config);
    const base = given.config === undefined ? '.' : dirname(resolve(given.config));
    const kept = file.network?.dataDirectory;
    const { blockTimeout, state, organizations, channels, data } = given;
    return {
        network: {
            ...file.network,
            ...(kept !== undefined && { dataDirectory: from(base, kept) }),
            ...(blockTimeout !== undefined && {
                block: { ...file.network?.block, timeoutMs: blockTimeout },
            }),
            ...(state !== undefined && { stateDatabase: state }),
            ...(organizations !== undefined && { organizations }),
            ...(channels !== undefined && { channels }),
            ...(data !== undefined && { dataDirectory: data }),
        },
        chaincodes: [
            ...(file.chaincodes ?? []).map((each) => absolute(each, base, given.watch)),
            ...given.folders.map((folder) => fromFolder(folder, given.watch)),
        ],
    };
}
