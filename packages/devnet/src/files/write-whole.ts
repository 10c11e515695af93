import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { onFiles } from './file-failure.js';

/**
 * Writes a file that only its owner may read, whole or not at all: whoever reads it, or writes it at the
 * same time in another process, meets one content or the other.
 */
export function writeWhole(file: string, text: string): Promise<void> {
    return onFiles(`Writing ${file}`, () => write(file, text));
}

async function write(file: string, text: string): Promise<void> {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const fresh = `${file}.${randomUUID()}.new`;
    try {
        await writeFile(fresh, text, { mode: 0o600, flag: 'wx' });
        await rename(fresh, file);
    } catch (error) {
        await rm(fresh, { force: true });
        throw error;
    }
}
