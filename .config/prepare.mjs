// Brings a fresh clone to a built workspace, and costs next to nothing when there is nothing to do.
// Plain JavaScript with Node's own modules only: it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const lockfile = join(root, 'package-lock.json');
const installedStamp = join(root, 'node_modules', '.goodput-installed');
const minimumNode = [20, 19];

function say(text) {
    process.stderr.write(`goodput: ${text}\n`);
}

function run(what, command, args) {
    const started = process.hrtime.bigint();
    const result = spawnSync(command, args, {
        cwd: root,
        stdio: ['ignore', 2, 2],
        shell: process.platform === 'win32',
    });
    if (result.error) {
        say(`${what} could not start: ${result.error.message}`);
        process.exit(1);
    }
    if (result.status !== 0) {
        say(`${what} failed (exit code ${result.status ?? result.signal}); its output is above.`);
        process.exit(1);
    }
    return Number((process.hrtime.bigint() - started) / 1_000_000n) / 1000;
}

function requireNode() {
    const [major, minor] = process.versions.node.split('.').map(Number);
    if (major > minimumNode[0] || (major === minimumNode[0] && minor >= minimumNode[1])) return;
    say(`Node.js ${minimumNode.join('.')} or newer is needed; this is ${process.versions.node}.`);
    process.exit(1);
}

function installWhenLockfileChanged() {
    const wanted = createHash('sha256').update(readFileSync(lockfile)).digest('hex');
    const installed = existsSync(installedStamp) ? readFileSync(installedStamp, 'utf8') : '';
    if (installed === wanted) return;
    say('installing dependencies (npm ci) ...');
    const seconds = run('npm ci', 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
    writeFileSync(installedStamp, wanted);
    say(`dependencies installed in ${seconds.toFixed(1)} s.`);
}

/** Compiled files whose source was renamed or removed: the compiler leaves them, and mocha would run them. */
function removeOrphans(dist, source) {
    if (!existsSync(dist)) return;
    for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
        const file = join(entry.parentPath, entry.name);
        const compiled = /^(.*?)(?:\.d\.ts|\.js)(?:\.map)?$/.exec(file.slice(dist.length));
        if (!entry.isFile() || compiled === null) continue;
        if (!existsSync(`${join(source, compiled[1])}.ts`)) rmSync(file);
    }
}

function removeAllOrphans() {
    removeOrphans(join(root, 'test', 'dist'), join(root, 'test'));
    for (const group of ['packages', 'chaincode', 'examples']) {
        const folder = join(root, group);
        for (const name of existsSync(folder) ? readdirSync(folder) : []) {
            removeOrphans(join(folder, name, 'dist'), join(folder, name, 'src'));
        }
    }
}

function build() {
    const compiler = join(root, 'node_modules', '@typescript', 'native', 'bin', 'tsc');
    const seconds = run('the build (tsc -b)', process.execPath, [compiler, '-b']);
    if (seconds > 1) say(`built in ${seconds.toFixed(1)} s.`);
}

requireNode();
installWhenLockfileChanged();
removeAllOrphans();
build();
