import { compareCodePoints } from '../collation.js';
import type { IndexFiles } from '../engine/index-files.js';
import { diffIndexFiles, type IndexChange } from './compare-index-files.js';
import type { IndexDefinition } from './define-index.js';
import { renderIndexFiles } from './render-index-files.js';

/** Something that makes the files unfit for release. */
export interface IndexProblem {
    /**
     * `missing`, `stale` and `extra`: files and code differ. `orphan`: an upgrade would leave an index
     * behind that nothing uses and every write pays for.
     */
    readonly kind: 'missing' | 'stale' | 'extra' | 'orphan';
    readonly path: string;
    readonly message: string;
}

/** What the files are checked against besides the code. */
export interface IndexCheck {
    readonly definitions: readonly IndexDefinition[];
    /** The index files as they are. */
    readonly files: IndexFiles;
    /** The index files of the release this one will upgrade. */
    readonly released?: IndexFiles;
    /**
     * Design document and name, as `ddoc/name`, of indexes known to stay behind until an administrator
     * deletes them.
     */
    readonly retired?: readonly string[];
}

function sameText(content: Uint8Array | string | undefined, text: string): boolean {
    return content !== undefined && Buffer.from(content).equals(Buffer.from(text));
}

function orphans(changes: readonly IndexChange[], retired: ReadonlySet<string>): IndexProblem[] {
    return changes
        .filter(({ kind }) => kind === 'renamed' || kind === 'removed')
        .filter(({ before }) => {
            const ddoc = (before?.ddoc ?? '').replace(/^_design\//, '');
            return !retired.has(`${ddoc}/${before?.name ?? ''}`);
        })
        .map(({ kind, path, before, effect }) => ({
            kind: 'orphan' as const,
            path,
            message:
                `the index "${before?.name ?? ''}" of the last release is ${kind} here. ${effect} ` +
                'Keep its design document and name, or list it as retired once its deletion is planned.',
        }));
}

/**
 * Compares the index files of a chaincode with their definitions in code, and with the release before.
 * No problem means: the files say what the code says, and an upgrade leaves nothing behind.
 *
 * @example
 * ```ts
 * const problems = checkIndexes({ definitions, files: readIndexFiles('chaincode/asset') });
 * if (problems.length > 0) process.exitCode = 1;
 * ```
 */
export function checkIndexes(check: IndexCheck): IndexProblem[] {
    const expected = renderIndexFiles(check.definitions);
    const problems: IndexProblem[] = [];
    for (const [path, text] of expected) {
        if (!check.files.has(path)) {
            problems.push({
                kind: 'missing',
                path,
                message: 'the file is missing; write the indexes.',
            });
        } else if (!sameText(check.files.get(path), text)) {
            const message = 'the file differs from its definition; write the indexes.';
            problems.push({ kind: 'stale', path, message });
        }
    }
    for (const path of [...check.files.keys()].sort(compareCodePoints)) {
        if (expected.has(path)) continue;
        const message = 'no definition makes this file; define the index or delete the file.';
        problems.push({ kind: 'extra', path, message });
    }
    const changes = check.released === undefined ? [] : diffIndexFiles(check.released, expected);
    return [...problems, ...orphans(changes, new Set(check.retired ?? []))];
}
