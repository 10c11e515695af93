import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The repository's root, seen from the compiled tests. */
export const repositoryRoot = join(__dirname, '..', '..', '..');

/** What the house rules need to know of a package. */
export interface PackageManifest {
    readonly name: string;
    /** Relative to the root, e.g. `packages/keys`. */
    readonly folder: string;
    readonly floor: number;
    readonly isPrivate: boolean;
    readonly dependencies: readonly string[];
    readonly peerDependencies: readonly string[];
    readonly optionalDependencies: readonly string[];
}

type Json = Record<string, unknown>;

function names(manifest: Json, member: string): string[] {
    return Object.keys(manifest[member] ?? {});
}

function readManifest(folder: string): PackageManifest {
    const file = join(repositoryRoot, folder, 'package.json');
    const manifest = JSON.parse(readFileSync(file, 'utf8')) as Json;
    const floor = (manifest['goodput'] as Json | undefined)?.['floor'];
    if (typeof floor !== 'number') throw new Error(`${file} does not say its "goodput": {"floor"}`);
    return {
        name: manifest['name'] as string,
        folder,
        floor,
        isPrivate: manifest['private'] === true,
        dependencies: names(manifest, 'dependencies'),
        peerDependencies: names(manifest, 'peerDependencies'),
        optionalDependencies: names(manifest, 'optionalDependencies'),
    };
}

/** Every package below `packages/`. */
export const packages: readonly PackageManifest[] = readdirSync(join(repositoryRoot, 'packages'))
    .sort()
    .map((name) => readManifest(`packages/${name}`));
