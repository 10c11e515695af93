import { spawnSync } from 'node:child_process';
import {
    cpSync,
    existsSync,
    mkdirSync,
    mkdtempSync,
    readFileSync,
    rmSync,
    writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { expect } from 'chai';
import { repositoryRoot } from './packages.js';

/** Stands in for npm: takes everything away first, as `npm ci` does, and may be interrupted then. */
const npm = `#!/usr/bin/env node
const fs = require('node:fs');
fs.appendFileSync('npm.log', process.argv.slice(2, 3).join() + '\\n');
fs.rmSync('node_modules', { recursive: true, force: true });
fs.mkdirSync('node_modules/@typescript/native/bin', { recursive: true });
if (fs.existsSync('interrupt')) process.exit(130);
fs.writeFileSync('node_modules/@typescript/native/bin/tsc', "require('node:fs').appendFileSync('tsc.log', 'built\\\\n')");
`;

// What stands in for npm is found by its first line, which Windows does not read.
(process.platform === 'win32' ? describe.skip : describe)('preparing the workspace', function () {
    this.timeout(180_000);
    let folder: string;

    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), 'prepare-'));
        cpSync(join(repositoryRoot, '.config'), join(folder, '.config'), { recursive: true });
        write('package-lock.json', '{}');
        write('bin/npm', npm, 0o755);
    });
    afterEach(() => {
        rmSync(folder, { recursive: true });
    });

    function write(file: string, text: string, mode = 0o644): void {
        mkdirSync(dirname(join(folder, file)), { recursive: true });
        writeFileSync(join(folder, file), text, { mode });
    }

    function prepare(): { status: number | null; said: string } {
        const PATH = [join(folder, 'bin'), dirname(process.execPath), process.env['PATH']];
        const env = { ...process.env, PATH: PATH.join(delimiter) };
        const script = join(folder, '.config', 'prepare.mjs');
        const { status, stderr } = spawnSync(process.execPath, [script], { env });
        return { status, said: stderr.toString() };
    }

    const lines = (file: string): number =>
        existsSync(join(folder, file))
            ? readFileSync(join(folder, file), 'utf8').split('\n').length - 1
            : 0;

    it('installs and builds at first, and installs nothing when nothing changed', () => {
        const first = prepare();
        expect(first.status, first.said).to.equal(0);
        expect(first.said).to.contain('installing dependencies');
        expect([lines('npm.log'), lines('tsc.log')]).to.deep.equal([1, 1]);
        const again = prepare();
        expect(again.status, again.said).to.equal(0);
        // How long a build took is told when it was long, which a busy machine decides.
        expect(again.said.replace(/^goodput: built in .*\n/, '')).to.equal('');
        expect([lines('npm.log'), lines('tsc.log')]).to.deep.equal([1, 2]);
    });

    it('installs again when the lockfile changed', () => {
        prepare();
        write('package-lock.json', '{"changed":true}');
        expect(prepare().status).to.equal(0);
        expect(lines('npm.log')).to.equal(2);
    });

    it('takes an interrupted install for none, and says so', () => {
        prepare();
        write('package-lock.json', '{"changed":true}');
        write('interrupt', '');
        const interrupted = prepare();
        expect(interrupted.status).to.equal(1);
        expect(interrupted.said).to.contain('npm ci failed (exit code 130)');
        expect(lines('tsc.log')).to.equal(1);
        rmSync(join(folder, 'interrupt'));
        // Even when the lockfile is again what was installed once.
        write('package-lock.json', '{}');
        expect(prepare().status).to.equal(0);
        expect(lines('npm.log')).to.equal(3);
    });

    it('removes what was compiled from a source that is gone, and nothing else', () => {
        const kept = ['a.js', 'a.js.map', 'a.d.ts', 'a.d.ts.map', 'deep/b.test.js', '.tsbuildinfo'];
        const gone = ['c.js', 'c.d.ts.map', 'deep/c.test.js', 'old/d.js'];
        for (const file of [...kept, ...gone]) write(`packages/x/dist/${file}`, '');
        for (const file of ['a.ts', 'deep/b.test.ts']) write(`packages/x/src/${file}`, '');
        write('test/house/e.test.ts', '');
        write('test/dist/house/e.test.js', '');
        write('test/dist/house/f.test.js', '');
        expect(prepare().status).to.equal(0);
        const there = (file: string) => existsSync(join(folder, 'packages/x/dist', file));
        expect(kept.filter((file) => !there(file))).to.deep.equal([]);
        expect(gone.filter(there)).to.deep.equal([]);
        expect(existsSync(join(folder, 'test/dist/house/e.test.js'))).to.equal(true);
        expect(existsSync(join(folder, 'test/dist/house/f.test.js'))).to.equal(false);
    });
});
