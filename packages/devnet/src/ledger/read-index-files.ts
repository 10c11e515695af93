import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

import type { IndexFiles } from '@goodput/couchdb';

/** Where a chaincode project keeps what is for the state database. */
const FOLDER = join('META-INF', 'statedb', 'couchdb');

/**
 * The index files of a chaincode project, by their path as it would be in the chaincode's package;
 * none if the project has none. Made for `Ledger.deployIndexes`.
 */
export async function readIndexFiles(project: string): Promise<IndexFiles> {
    const root = join(project, FOLDER);
    const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(
        (error: unknown) => {
            if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
            throw error;
        },
    );
    const files = new Map<string, string>();
    for (const entry of entries) {
        if (!entry.isFile()) continue;
        const file = join(entry.parentPath, entry.name);
        const path = relative(project, file).split(sep).join('/');
        files.set(path, await readFile(file, 'utf8'));
    }
    return files;
}
