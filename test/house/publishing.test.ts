import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { packages, repositoryRoot } from './packages.js';

const run = promisify(execFile);

/** A tool's entry file, run with this very Node: no shell, no PATH. */
function tool(name: string, binary = name): string {
    const folder = join(repositoryRoot, 'node_modules', name);
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
        bin: string | Record<string, string>;
    };
    const file = typeof manifest.bin === 'string' ? manifest.bin : manifest.bin[binary];
    return join(folder, file ?? '');
}

/** Runs a checker; what it says is the message when it is not satisfied. */
async function check(args: readonly string[], cwd: string): Promise<void> {
    try {
        await run(process.execPath, args, { cwd, maxBuffer: 32 << 20 });
    } catch (error) {
        const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
        throw new Error(`${stdout}\n${stderr}`, { cause: error });
    }
}

describe('publishing', function () {
    this.timeout(300_000);
    const published = packages.filter(({ isPrivate }) => !isPrivate);
    let folder: string;

    before(() => {
        folder = mkdtempSync(join(tmpdir(), 'publishing-'));
    });
    after(() => {
        rmSync(folder, { recursive: true });
    });

    for (const each of published) {
        it(`${each.name} is what publint and are-the-types-wrong call clean, and ships no tests`, async () => {
            const source = join(repositoryRoot, each.folder);
            const target = join(folder, each.folder.replace('/', '-'));
            const options = { cwd: source, maxBuffer: 32 << 20 };
            await run('mkdir', ['-p', target]);
            const { stdout } = await run(
                'npm',
                ['pack', '--json', '--ignore-scripts', '--pack-destination', target],
                options,
            );
            const [packed] = JSON.parse(stdout) as [{ files: { path: string }[] }];
            const paths = packed.files.map(({ path }) => path);
            // A new project comes with a test of its own.
            const ours = paths.filter((path) => !path.startsWith('templates/'));
            expect(
                ours.filter((path) => /\.test\.|\/bench\/|test-support|tsbuildinfo/.test(path)),
            ).to.deep.equal([]);
            expect(paths).to.include('README.md');

            const [tarball] = readdirSync(target);
            const file = join(target, tarball ?? '');
            await check([tool('publint'), file, '--strict'], source);
            // Subpaths do not exist for the resolution of Node 10, which nothing of ours runs on.
            const attw = tool('@arethetypeswrong/cli', 'attw');
            await check([attw, file, '--profile', 'node16'], source);
        });
    }

    for (const each of packages) {
        it(`${each.name} has a README that begins with a program`, () => {
            const file = join(repositoryRoot, each.folder, 'README.md');
            expect(existsSync(file), 'README.md').to.equal(true);
            const text = readFileSync(file, 'utf8');
            const before = text.slice(0, Math.max(0, text.indexOf('```')));
            expect(text).to.contain('```');
            expect(before.split('\n').length, 'lines before the first program').to.be.lessThan(16);
        });
    }
});
