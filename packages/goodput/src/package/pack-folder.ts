import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { create } from 'tar';

// Some instant, always the same: packages must not differ by when they were made.
const ALWAYS = new Date(0);

/** Packs the files of a folder, sorted and without anything of this machine; returns their paths. */
export async function packFolder(folder: string, file: string): Promise<string[]> {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const paths = entries
        .filter((entry) => entry.isFile())
        .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
        .sort((a, b) => (a < b ? -1 : 1));
    const gzip = { level: 9 };
    await create(
        { cwd: folder, file, gzip, portable: true, mtime: ALWAYS, noDirRecurse: true },
        paths,
    );
    return paths;
}
