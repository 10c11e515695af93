import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
import { compareCodePoints } from '../collation.js';
import { CouchdbError } from '../errors.js';
import { indexFilePlace, type IndexFiles } from '../engine/index-files.js';

const METADATA = 'META-INF';

function guarded<T>(what: string, action: () => T): T {
    try {
        return action();
    } catch (cause) {
        const detail = cause instanceof Error ? cause.message : String(cause);
        const message = `Cannot ${what}: ${detail}. Check the path and its permissions.`;
        throw new CouchdbError('COUCHDB_FOLDER_UNREADABLE', message, { cause });
    }
}

/**
 * Reads every file under a chaincode's `META-INF`, by its path from the chaincode's folder. Files whose
 * name begins with a dot are left out, as packaging leaves them out.
 *
 * @throws CouchdbError `COUCHDB_FOLDER_UNREADABLE`
 */
export function readIndexFiles(chaincodeFolder: string): Map<string, string> {
    const root = join(chaincodeFolder, METADATA);
    if (!existsSync(root)) {
        guarded(`read ${chaincodeFolder}`, () => readdirSync(chaincodeFolder));
        return new Map();
    }
    return guarded(`read ${root}`, () => {
        const entries = readdirSync(root, { recursive: true, withFileTypes: true });
        const files = entries
            .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
            .map((entry) => join(entry.parentPath, entry.name))
            .map((file) => [relative(chaincodeFolder, file).split(sep).join('/'), file] as const)
            .sort(([a], [b]) => compareCodePoints(a, b));
        return new Map(files.map(([path, file]) => [path, readFileSync(file, 'utf8')]));
    });
}

/** What writing index files did. */
export interface WrittenIndexFiles {
    /** Paths whose content was not there before. */
    readonly written: readonly string[];
    /** Paths that no definition makes and that were deleted. */
    readonly deleted: readonly string[];
    readonly unchanged: readonly string[];
}

/** How index files are written. */
export interface WriteIndexFilesOptions {
    /** Delete index files that are not among those given. @default false */
    readonly prune?: boolean;
}

/**
 * Writes index files into a chaincode's folder, touching only those that change.
 *
 * @throws CouchdbError `COUCHDB_FOLDER_UNREADABLE`, `COUCHDB_INDEX_FILE_INVALID`
 * @example
 * ```ts
 * writeIndexFiles('chaincode/asset', renderIndexFiles(definitions), { prune: true });
 * ```
 */
export function writeIndexFiles(
    chaincodeFolder: string,
    files: IndexFiles,
    options: WriteIndexFilesOptions = {},
): WrittenIndexFiles {
    for (const path of files.keys()) indexFilePlace(path);
    // A backslash parts folders where Windows reads the path.
    const outside = [...files.keys()].find(
        (path) => posix.normalize(path) !== path || path.includes('\\'),
    );
    if (outside !== undefined) {
        const message = `${outside} leads out of its folder. Give the plain path of the file.`;
        throw new CouchdbError('COUCHDB_INDEX_FILE_INVALID', message);
    }
    const before = readIndexFiles(chaincodeFolder);
    const text = (path: string): string => Buffer.from(files.get(path) ?? '').toString('utf8');
    const written = [...files.keys()].filter((path) => before.get(path) !== text(path));
    const strangers = [...before.keys()].filter(
        (path) => !files.has(path) && path.startsWith(`${METADATA}/statedb/couchdb/`),
    );
    const deleted = options.prune === true ? strangers : [];
    guarded(`write under ${chaincodeFolder}`, () => {
        for (const path of written) {
            const file = join(chaincodeFolder, path);
            mkdirSync(dirname(file), { recursive: true });
            writeFileSync(file, text(path));
        }
        for (const path of deleted) rmSync(join(chaincodeFolder, path));
    });
    const unchanged = [...files.keys()].filter((path) => !written.includes(path));
    return { written, deleted, unchanged };
}
