import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DevnetError } from '../errors.js';
import { onFiles } from '../files/file-failure.js';
import { exclusively } from '../files/exclusively.js';
import { writeWhole } from '../files/write-whole.js';
import type { NetworkSettings } from './options.js';
import { Organization, type StoredOrganization } from './organization.js';

/** What is kept of a network beside its ledgers. */
export interface StoredNetwork {
    readonly version: 1;
    readonly organizations: readonly StoredOrganization[];
    readonly orderer: StoredOrganization;
}

const FILE = 'network.json';

/** Where the ledger of a channel is kept. */
export function ledgerDirectory(directory: string, channel: string): string {
    return join(directory, 'channels', channel);
}

/** What an earlier network left in the folder, if there was one. */
export function loadNetwork(directory: string): Promise<StoredNetwork | undefined> {
    return readStored(keysFile(directory), directory);
}

/** Where a folder keeps the keys of its network. */
export function keysFile(directory: string): string {
    return join(directory, FILE);
}

/** The network whose identities a file holds, if there is such a file. */
export async function readStored(file: string, shown = file): Promise<StoredNetwork | undefined> {
    const text = await onFiles(`Reading the network kept in ${shown}`, () => readIfThere(file));
    if (text === undefined) return undefined;
    return usable(shown, () => {
        const stored = JSON.parse(text) as (Partial<StoredNetwork> & { version?: unknown }) | null;
        if (stored?.version === 1) return stored as StoredNetwork;
        throw new Error(`it is of version ${String(stored?.version)}, and this is version 1`);
    });
}

async function readIfThere(file: string): Promise<string | undefined> {
    try {
        return await readFile(file, 'utf8');
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
    }
}

/** What the work makes of what was kept, or `DEVNET_DATA_UNUSABLE`. */
function usable<T>(shown: string, work: () => T): T {
    try {
        return work();
    } catch (cause) {
        throw new DevnetError(
            'DEVNET_DATA_UNUSABLE',
            `The network kept in ${shown} cannot be used: ${(cause as Error).message}. Start with an empty folder.`,
            { cause },
        );
    }
}

/** The organisations of a network as they were when it was kept, or `DEVNET_DATA_UNUSABLE`. */
export function restoreOrganizations(
    { organizations, orderer }: StoredNetwork,
    shown: string,
    clock: () => Date,
): { readonly organizations: readonly Organization[]; readonly orderer: Organization } {
    return usable(shown, () => ({
        organizations: organizations.map((each) => Organization.restore(each, clock)),
        orderer: Organization.restore(orderer, clock),
    }));
}

/**
 * Refuses other organisations than those of the network kept: its first block names them, and there is
 * no changing them afterwards. A network of fewer would forget the keys of the others.
 */
export function checkOrganizations(
    directory: string,
    organizations: readonly Organization[],
    settings: NetworkSettings,
): void {
    const kept = organizations.map(({ mspId }) => mspId);
    const wanted = settings.organizations.map(({ mspId }) => mspId);
    if (kept.toSorted().join() === wanted.toSorted().join()) return;
    throw new DevnetError(
        'DEVNET_DATA_UNUSABLE',
        `The network kept in ${directory} is one of ${kept.join(', ')}; asked for was one of ${wanted.join(', ')}. Name the same organisations, or another folder.`,
    );
}

/** The identities of a network, as they are kept. */
export function storedNetwork(
    organizations: readonly Organization[],
    orderer: Organization,
): StoredNetwork {
    return {
        version: 1,
        organizations: organizations.map((each) => each.store()),
        orderer: orderer.store(),
    };
}

/** Writes identities to a file, whole or not at all; only its owner may read them. */
export function writeStored(file: string, stored: object): Promise<void> {
    return writeWhole(file, JSON.stringify(stored));
}

/** Keeps the network's identities, beside those that others have enrolled in the folder meanwhile. */
export function saveNetwork(
    directory: string,
    organizations: readonly Organization[],
    orderer: Organization,
): Promise<void> {
    const file = keysFile(directory);
    return exclusively(file, async () => {
        const kept = await loadNetwork(directory);
        for (const organization of kept === undefined ? [] : organizations) {
            const own = kept?.organizations.find(
                ({ authority }) =>
                    authority.rootCertificate === organization.authority.rootCertificate,
            );
            if (own === undefined) throw madeMeanwhile(directory);
            organization.adopt(own.users);
        }
        await writeStored(file, storedNetwork(organizations, orderer));
    });
}

/** Two networks began in one folder at once; were the later one's keys kept, the other would lose its own. */
function madeMeanwhile(directory: string): DevnetError {
    return new DevnetError(
        'DEVNET_DATA_UNUSABLE',
        `Another network has been made in ${directory} meanwhile. Stop that one first, or name another folder.`,
    );
}
