import { readIndexFiles } from '../definition/index-folder.js';
import type { IndexFiles } from '../engine/index-files.js';
import type { CouchdbVersion } from '../mango/version.js';
import { indexUse, type IndexUse } from './index-use.js';
import {
    indexesOfCollection,
    lintIndexes,
    readIndexDefinitions,
    type LintIndexesInput,
} from './lint-indexes.js';
import { lintQueries, type QueryToCheck } from './lint-queries.js';
import { finding, type Finding } from './rules.js';
import { readSources, scanSources, type SourceQuery } from './source-queries.js';

/** How a chaincode is checked; everything is optional. */
export interface LintChaincodeOptions extends Omit<LintIndexesInput, 'files' | 'queries'> {
    /** @default '3.4' */
    readonly version?: CouchdbVersion;
    /** Queries known otherwise, such as from a recorded log. */
    readonly queries?: readonly QueryToCheck[];
}

/** What checking a chaincode's folder found. */
export interface ChaincodeReport {
    readonly files: IndexFiles;
    readonly queries: readonly SourceQuery[];
    readonly findings: readonly Finding[];
    readonly use: IndexUse;
}

/**
 * Checks the index files and the sources of a chaincode together: what `goodput indexes check` reports.
 *
 * @param folder the chaincode's folder: `META-INF` and the sources are below it
 * @throws CouchdbError `COUCHDB_FOLDER_UNREADABLE`
 * @example
 * ```ts
 * const report = await lintChaincode('chaincode/asset');
 * for (const one of report.findings) console.log(formatFinding(one));
 * ```
 */
export async function lintChaincode(
    folder: string,
    options: LintChaincodeOptions = {},
): Promise<ChaincodeReport> {
    const files = readIndexFiles(folder);
    const scan = await scanSources(readSources(folder));
    const queries: QueryToCheck[] = [...scan.queries, ...(options.queries ?? [])];
    const { indexes } = readIndexDefinitions(files);
    const { version, ...input } = options;
    const findings = [
        ...scan.unreadable.map((error) => finding('Q27', error.message, {})),
        ...lintIndexes({ ...input, files, queries }),
        ...lintQueries(queries, {
            indexesOf: (collection) => indexesOfCollection(indexes, collection),
            ...(version === undefined ? {} : { version }),
        }),
    ];
    return { files, queries: scan.queries, findings, use: indexUse(files, queries, version) };
}
