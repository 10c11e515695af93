import { renderIndexFiles, writeIndexFiles } from '@goodput/couchdb';
import { folders, indexes } from './indexes.js';

for (const folder of folders) {
    const files = renderIndexFiles(indexes);
    const { written, deleted } = writeIndexFiles(folder, files, { prune: true });
    for (const path of written) console.log(`written ${path}`);
    for (const path of deleted) console.log(`deleted ${path}`);
}
