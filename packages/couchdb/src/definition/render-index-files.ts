import { compareCodePoints } from '../collation.js';
import { CouchdbError } from '../errors.js';
import { indexRequest, type IndexDefinition } from './define-index.js';

/** Path of a definition's file inside the chaincode package. */
export function indexFilePath({ collection, name }: IndexDefinition): string {
    const folder = collection === undefined ? '' : `collections/${collection}/`;
    return `META-INF/statedb/couchdb/${folder}indexes/${name}.json`;
}

function refuseTwice(definitions: readonly IndexDefinition[]): void {
    const seen = new Map<string, IndexDefinition>();
    for (const definition of definitions) {
        const { collection = '', ddoc, name } = definition;
        for (const key of [`${collection}/${name}`, `${collection}//${ddoc}`]) {
            const other = seen.get(key);
            if (other !== undefined) {
                throw new CouchdbError(
                    'COUCHDB_INDEX_INVALID',
                    `Indexes "${other.name}" and "${name}" share a name or a design document; the ` +
                        'later would replace or rebuild the earlier. Give each its own.',
                );
            }
            seen.set(key, definition);
        }
    }
}

/**
 * Writes definitions as the files of a chaincode package. The same definitions give the same bytes.
 *
 * @returns text of each file by its path, in the order of the paths
 * @throws CouchdbError `COUCHDB_INDEX_INVALID` when two definitions get in each other's way
 * @example
 * ```ts
 * const files = renderIndexFiles([defineIndex({ name: 'byOwner', fields: ['owner'] })]);
 * [...files.keys()]; // ['META-INF/statedb/couchdb/indexes/byOwner.json']
 * ```
 */
export function renderIndexFiles(definitions: readonly IndexDefinition[]): Map<string, string> {
    refuseTwice(definitions);
    const files = definitions.map(
        (definition) =>
            [
                indexFilePath(definition),
                `${JSON.stringify(indexRequest(definition), null, 2)}\n`,
            ] as const,
    );
    return new Map(files.sort(([a], [b]) => compareCodePoints(a, b)));
}
