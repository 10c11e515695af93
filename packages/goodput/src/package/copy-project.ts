import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { promisify } from 'node:util';
import { extract } from 'tar';
import { CommandError } from '../errors.js';

const run = promisify(execFile);

interface Manifest {
    readonly name?: string;
    readonly dependencies?: Readonly<Record<string, string>>;
    readonly [member: string]: unknown;
}

async function manifestOf(folder: string): Promise<Manifest> {
    return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest;
}

/** The folder of a dependency that npm only linked; undefined when it comes from a registry. */
async function linkedFolder(from: string, name: string): Promise<string | undefined> {
    for (let folder = from; ; folder = dirname(folder)) {
        const candidate = join(folder, 'node_modules', name);
        if (existsSync(join(candidate, 'package.json'))) {
            const real = await realpath(candidate);
            return real.includes(`${sep}node_modules${sep}`) ? undefined : real;
        }
        if (folder === dirname(folder)) return undefined;
    }
}

/** All linked packages a project needs, directly or through each other. */
async function linkedPackages(project: string): Promise<ReadonlyMap<string, string>> {
    const found = new Map<string, string>();
    const open = [project];
    for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
        const { dependencies = {} } = await manifestOf(folder);
        for (const name of Object.keys(dependencies)) {
            if (found.has(name)) continue;
            const linked = await linkedFolder(folder, name);
            if (linked === undefined) continue;
            found.set(name, linked);
            open.push(linked);
        }
    }
    return found;
}

/** Lets npm pack a folder, so that what travels is what would be published. */
async function npmPack(folder: string, into: string): Promise<string> {
    const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', into];
    try {
        const { stdout } = await run('npm', args, { cwd: folder, maxBuffer: 64 * 1024 * 1024 });
        const packed: unknown = JSON.parse(stdout);
        // A list of packages in some versions of npm, packages by name in others.
        const [first] = Object.values(packed as Record<string, { filename: string }>);
        if (first === undefined) throw new Error('npm named no file');
        return join(into, first.filename.replace(/^@/, '').replace('/', '-'));
    } catch (cause) {
        throw new CommandError('COMMAND_CHECK_FAILED', `npm could not pack ${folder}.`, { cause });
    }
}

/**
 * Copies a project so that it installs and starts alone: what npm would publish of it, with the packages that
 * are only linked here packed into its folder `vendor`.
 */
export async function copyProject(project: string, to: string): Promise<void> {
    const vendor = join(to, 'vendor');
    await mkdir(vendor, { recursive: true });
    const packed = await npmPack(project, to);
    await extract({ file: packed, cwd: to, strip: 1 });
    await rm(packed);
    const vendored: Record<string, string> = {};
    // Node too looks for packages from where a project really is, not from a link to it.
    for (const [name, folder] of await linkedPackages(await realpath(project))) {
        const archive = await npmPack(folder, vendor);
        vendored[name] = `file:vendor/${archive.slice(vendor.length + 1)}`;
    }
    const manifest = await manifestOf(to);
    // At the top level all of them: their dependencies on each other are met there.
    const dependencies = { ...manifest.dependencies, ...vendored };
    const text = JSON.stringify({ ...manifest, dependencies, devDependencies: undefined }, null, 2);
    await writeFile(join(to, 'package.json'), `${text}\n`);
}
