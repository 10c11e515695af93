import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { repositoryRoot } from '../house/packages.js';
import { missingInOrder, promisedOutput } from './promised-output.js';

const run = promisify(execFile);
const folder = join(repositoryRoot, 'examples');
const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();

/** Longest a file of an example may be: a newcomer copies from it. */
const MAX_LINES = 100;

describe('the example', function () {
    this.timeout(180_000);

    for (const name of names) {
        const sources = join(folder, name, 'src');

        it(`${name} is short enough to copy from`, () => {
            for (const file of readdirSync(sources)) {
                const lines = readFileSync(join(sources, file), 'utf8').split('\n').length;
                expect(lines, file).to.be.at.most(MAX_LINES);
            }
        });

        it(`${name} is started by npm as it is meant to be`, () => {
            const manifest = readFileSync(join(folder, name, 'package.json'), 'utf8');
            const { scripts } = JSON.parse(manifest) as { scripts: unknown };
            expect(scripts).to.deep.equal(
                existsSync(join(sources, 'main.ts'))
                    ? { start: 'node dist/main.js' }
                    : { test: 'mocha --no-config --timeout 20000 "dist/**/*.test.js"' },
            );
        });

        if (!existsSync(join(sources, 'main.ts'))) continue;

        it(`${name} prints what it promises`, async () => {
            const promised = promisedOutput(readFileSync(join(sources, 'main.ts'), 'utf8'));
            expect(promised).to.not.deep.equal([]);
            const program = join(folder, name, 'dist', 'main.js');
            const env = { ...process.env, CORE_CHAINCODE_LOGGING_LEVEL: 'ERROR' };
            const { stdout } = await run(process.execPath, [program], { env });
            expect(missingInOrder(stdout.split('\n'), promised), stdout).to.equal(undefined);
        });
    }
});
