import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { packages, repositoryRoot } from './packages.js';

// Run with UPDATE_SNAPSHOTS=1 after a deliberate change of what a package exports.
const snapshotFolder = join(repositoryRoot, 'test', 'house', 'exports');
const updating = process.env['UPDATE_SNAPSHOTS'] === '1';

type Exports = Record<string, string[]>;

/** Every entry point: the package itself and each subpath that is code. */
function entryPoints(folder: string, name: string): string[] {
    const manifest = JSON.parse(
        readFileSync(join(repositoryRoot, folder, 'package.json'), 'utf8'),
    ) as { exports?: Record<string, unknown> };
    return Object.entries(manifest.exports ?? {})
        .filter(([, target]) => !(typeof target === 'string' && target.endsWith('.json')))
        .map(([subpath]) => name + subpath.slice(1));
}

async function exportsOf(folder: string, name: string): Promise<Exports> {
    const exports: Exports = {};
    for (const entry of entryPoints(folder, name)) {
        const loaded = (await import(entry)) as Record<string, unknown>;
        exports[entry] = Object.keys(loaded)
            .filter((each) => !['default', 'module.exports', '__esModule'].includes(each))
            .sort();
    }
    return exports;
}

describe('what packages export', () => {
    for (const { folder, name } of packages) {
        it(`${name} exports what its snapshot says`, async () => {
            const file = join(snapshotFolder, `${folder.split('/').pop() ?? ''}.json`);
            const current = await exportsOf(folder, name);
            if (updating) writeFileSync(file, `${JSON.stringify(current, null, 2)}\n`);
            expect(current).to.deep.equal(JSON.parse(readFileSync(file, 'utf8')));
        });
    }
});
