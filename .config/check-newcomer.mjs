// What a newcomer meets: a clone in an empty folder, one command, the comparison, and nothing left behind.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = mkdtempSync(join(tmpdir(), 'goodput-newcomer-'));
const clone = join(folder, 'goodput');

function fail(why) {
    process.stderr.write(`check:newcomer: ${why}\n`);
    process.exitCode = 1;
}

/** Runs the first command in a process group of its own, so that whatever it leaves behind is found. */
function start() {
    return new Promise((resolve) => {
        const child = spawn('npm', ['start', '--', '--once'], {
            cwd: clone,
            detached: true,
            stdio: ['ignore', 'pipe', 'pipe'],
        });
        let [out, said] = ['', ''];
        child.stdout.on('data', (chunk) => {
            out += chunk;
            process.stdout.write(chunk);
        });
        child.stderr.on('data', (chunk) => {
            said += chunk;
            process.stderr.write(chunk);
        });
        child.on('close', (code) => resolve({ code, out, said, group: child.pid }));
    });
}

function groupIsAlive(group) {
    try {
        process.kill(-group, 0);
        return true;
    } catch (error) {
        if (error.code === 'ESRCH') return false;
        throw error;
    }
}

function isListening(port) {
    return new Promise((resolve) => {
        const socket = connect({ host: '127.0.0.1', port });
        socket.once('connect', () => {
            socket.destroy();
            resolve(true);
        });
        socket.once('error', () => resolve(false));
    });
}

/** Runs a command that has to succeed; what it says is shown when it does not. */
function must(what, command, args, cwd) {
    const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
    if (status === 0) return stdout;
    throw new Error(`${what} exited with ${status}:\n${stdout}\n${stderr}`);
}

/** The packages as npm would publish them. */
function pack() {
    const packed = join(folder, 'packed');
    mkdirSync(packed);
    const names = [
        'keys',
        'rwset',
        'network',
        'chaincode',
        'couchdb',
        'contracts',
        'gateway',
        'devnet',
    ];
    const workspaces = [...names, 'bench', 'goodput'].map((name) => `--workspace=packages/${name}`);
    const args = ['pack', '--silent', '--ignore-scripts', '--pack-destination', packed];
    must('npm pack', 'npm', [...args, ...workspaces, '--workspace=chaincode/bench'], clone);
    return readdirSync(packed).map((file) => join(packed, file));
}

const install = ['install', '--silent', '--no-audit', '--no-fund', '--prefer-offline'];

/** Installed where no workspace helps, the packages make a project that passes. */
function checkProject(tarballs) {
    const home = join(folder, 'elsewhere');
    mkdirSync(home);
    must('npm install', 'npm', [...install, ...tarballs], home);
    const goodput = join(home, 'node_modules', '.bin', 'goodput');
    for (const name of ['ward-beds', 'a1_b-2']) {
        must(`goodput init ${name}`, goodput, ['init', name], home);
        const project = join(home, name);
        must(`npm install in ${name}`, 'npm', [...install, ...tarballs], project);
        const out = must(`npm test in ${name}`, 'npm', ['test'], project);
        if (!/3 passing/.test(out)) fail(`the tests of ${name} did not pass:\n${out}`);
    }
    process.stdout.write('goodput init: two projects outside the repository pass their tests.\n');
}

/** The first block of a language after a heading. */
function blockAfter(text, heading, language) {
    const [, section] = text.split(`\n## ${heading}\n`);
    const [, block] = section?.split(`\n\`\`\`${language}\n`) ?? [];
    if (block === undefined) throw new Error(`no ${language} under "${heading}" in the README.`);
    return block.slice(0, block.indexOf('\n```') + 1);
}

/** What the README of the embedded network says to install and to run, in an empty folder. */
function checkReadme(tarballs) {
    const home = join(folder, 'conflict');
    mkdirSync(home);
    const readme = readFileSync(join(clone, 'packages', 'devnet', 'README.md'), 'utf8');
    const heading = 'A test that shows a real conflict';
    const words = blockAfter(readme, heading, 'sh').replaceAll('\\\n', ' ').trim().split(/\s+/);
    const [npm, verb, ...wanted] = words;
    if (npm !== 'npm' || verb !== 'install') throw new Error('the README installs by npm install.');
    // Ours are not published: what was packed stands for them, with the packages they depend on.
    const others = wanted.filter((name) => !name.startsWith('@goodput/'));
    const needed = ['couchdb', 'devnet', 'network', 'rwset'];
    const own = tarballs.filter((file) =>
        needed.some((name) => basename(file).startsWith(`goodput-${name}-`)),
    );
    const began = performance.now();
    must('npm install of the README', npm, [...install, ...others, ...own], home);
    writeFileSync(join(home, 'counter.test.js'), blockAfter(readme, heading, 'js'));
    const out = must('the README’s test', 'npx', ['mocha', 'counter.test.js'], home);
    const seconds = ((performance.now() - began) / 1000).toFixed(0);
    if (!/^ +1 passing/m.test(out)) fail(`the README's test did not pass:\n${out}`);
    process.stdout.write(
        `README of devnet: from npm install to a green test of a conflict in ${seconds} s.\n`,
    );
}

async function check() {
    const cloned = spawnSync('git', ['clone', '--quiet', root, clone], { stdio: ['ignore', 2, 2] });
    if (cloned.status !== 0) return fail('git clone failed.');
    const { code, out, said, group } = await start();
    if (code !== 0) fail(`npm start -- --once exited with ${code}.`);
    const expected = [
        [/^system +offered +valid ops\/s +ratio +success/m, 'the header of the table'],
        [/^plain fabric-gateway .* verified$/m, 'the verified row of the plain client'],
        [/^goodput auto .* verified$/m, 'the verified row of ours'],
        [/^The plain client lost \d+% of its operations/m, 'the first sentence'],
        [/^Goodput committed [\d.]+% of the same operations/m, 'the second sentence'],
    ];
    for (const [pattern, what] of expected) {
        if (!pattern.test(out)) fail(`${what} was not printed.`);
    }
    if (groupIsAlive(group)) fail('a process was left running.');
    const ports = [...said.matchAll(/ at \S+:(\d+)$/gm)].map((match) => Number(match[1]));
    if (ports.length === 0) fail('no address was printed.');
    for (const port of ports) {
        if (await isListening(port)) fail(`port ${port} was left open.`);
    }
    const tarballs = pack();
    checkReadme(tarballs);
    checkProject(tarballs);
    if (process.exitCode === undefined) process.stdout.write('check:newcomer: all as promised.\n');
}

try {
    await check();
} catch (error) {
    fail(error.message);
} finally {
    rmSync(folder, { recursive: true, force: true });
}
