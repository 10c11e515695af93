import { readIndexFiles, type IndexFiles } from '@goodput/couchdb';
import type { Deployment } from './deployment.js';

/** What a peer looks for in a package beside code; a contract's own metadata is elsewhere in it. */
const STATE_DATABASE = 'META-INF/statedb/';

/** The index files that come with a chaincode, by their paths in its package. */
export function indexFilesOf(deployment: Deployment): IndexFiles {
    const folder = deployment.indexes ?? ('folder' in deployment ? deployment.folder : undefined);
    if (folder === undefined) return new Map();
    return new Map([...readIndexFiles(folder)].filter(([path]) => path.startsWith(STATE_DATABASE)));
}
