import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { IdentityRegistry } from '@goodput/devnet';
import type { NetworkProfile } from '@goodput/network';
import { CommandError } from '../errors.js';
import { readJsonInput } from '../read-input.js';

/** Where `goodput up` writes the network profile, unless it is told otherwise. */
export const DEFAULT_PROFILE = join('.goodput', 'devnet.json');

/** Where `goodput up` leaves the keys of its authorities, for as long as it runs. */
export function authoritiesFile(profile: string): string {
    return `${profile.replace(/\.json$/, '')}.authorities.json`;
}

/** The network that a command is about: by its profile while it runs, or by its folder. */
export interface NetworkChoice {
    readonly profile: string;
    readonly data?: string;
}

/** The organisations of that network, and its profile if there is one. */
export interface OpenRegistry {
    readonly registry: IdentityRegistry;
    readonly profile: NetworkProfile | undefined;
}

function readProfile(file: string): NetworkProfile | undefined {
    if (!existsSync(file)) return undefined;
    return readJsonInput(file) as NetworkProfile;
}

/** Opens the keys of the network chosen, or says how to choose one. */
export async function openRegistry({ profile, data }: NetworkChoice): Promise<OpenRegistry> {
    const authorities = authoritiesFile(profile);
    if (data === undefined && !existsSync(authorities)) {
        throw new CommandError(
            'COMMAND_USAGE',
            `No embedded network is running with the profile ${profile}.`,
            { suggestion: 'Start one with "goodput up", or name the --data folder of one.' },
        );
    }
    const registry =
        data === undefined
            ? await IdentityRegistry.inFile(authorities)
            : await IdentityRegistry.inFolder(data);
    const found = readProfile(profile);
    // A profile that an earlier network left behind says nothing of this one.
    const own = found !== undefined && registry.describes(found) ? found : undefined;
    return { registry, profile: own };
}
