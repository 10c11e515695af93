import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import type { FSWatcher } from 'chokidar';
import { DevnetError } from '../errors.js';
import { freePort } from '../grpc/ports.js';

/** A chaincode project that the network runs itself. */
export interface FolderOptions {
    /** The project's folder: an npm project with `fabric-shim`, unless there is a command. */
    readonly folder: string;
    /**
     * What starts the chaincode as a service, in the folder. It finds where to listen and its id in
     * `CHAINCODE_SERVER_ADDRESS` and `CHAINCODE_ID`; its standard input ends with the network's process.
     * @defaultValue the project's own `fabric-chaincode-node server`
     */
    readonly command?: readonly string[];
    /**
     * Whether it is started anew when a file of the folder changes.
     * @defaultValue false
     */
    readonly watch?: boolean;
    /** Is given what the chaincode prints, line by line or in larger pieces. */
    readonly onOutput?: (text: string) => void;
}

/** How long changes are collected before the chaincode is started anew. */
const SETTLE_MS = 100;
/** How long a chaincode that ended by itself stays down: twice as long each time that it ends soon again. */
const RESPAWN_MS = { first: 500, longest: 8_000 };
/** What ran for longer has not ended soon. */
const SOON_MS = 10_000;
/** How long a chaincode has to end when it is asked to. */
const END_MS = 3000;
/** What changes in a folder without the chaincode having changed. */
const UNWATCHED = /(^|[\\/])(node_modules|\.git)([\\/]|$)/;

async function checkFolder(folder: string): Promise<void> {
    try {
        if ((await stat(folder)).isDirectory()) return;
    } catch (cause) {
        throw new DevnetError(
            'DEVNET_DEPLOY_FAILED',
            `There is no chaincode's folder at ${folder}: ${(cause as Error).message}.`,
            { cause },
        );
    }
    throw new DevnetError('DEVNET_DEPLOY_FAILED', `${folder} is not a folder of a chaincode.`);
}

/** Throws unless the system has started the process; what it does then is its own affair. */
async function checkStarted(child: ChildProcess, program: string): Promise<void> {
    if (child.pid !== undefined) return;
    const [cause] = (await once(child, 'error')) as [Error];
    throw new DevnetError(
        'DEVNET_DEPLOY_FAILED',
        `The chaincode's command ${JSON.stringify(program)} cannot be started: ${cause.message}.`,
        { cause },
    );
}

/** The command that runs an npm project with the shim it has installed itself. */
async function shimCommand(folder: string, address: string, id: string): Promise<string[]> {
    const require = createRequire(join(folder, 'package.json'));
    let manifest: string;
    try {
        manifest = require.resolve('fabric-shim/package.json');
    } catch (cause) {
        throw new DevnetError(
            'DEVNET_DEPLOY_FAILED',
            `The folder ${folder} has no fabric-shim installed. Run npm install there, or say by "command" how its chaincode is started.`,
            { cause },
        );
    }
    const { bin } = JSON.parse(await readFile(manifest, 'utf8')) as {
        bin: Readonly<Record<string, string>>;
    };
    const script = resolve(dirname(manifest), bin['fabric-chaincode-node'] ?? 'cli.js');
    return [
        process.execPath,
        '--require',
        join(__dirname, 'end-with-parent.js'),
        script,
        'server',
        '--chaincode-address',
        address,
        '--chaincode-id',
        id,
    ];
}

/** Runs a chaincode project as a process of its own, and starts it anew when it changes. */
export class FolderProcess {
    /** `host:port` it listens on. */
    readonly address: string;
    readonly #command: readonly string[];
    readonly #options: FolderOptions;
    readonly #id: string;
    #child: ChildProcess | undefined;
    #watcher: FSWatcher | undefined;
    #timer: NodeJS.Timeout | undefined;
    #stopped = false;
    #respawnMs = RESPAWN_MS.first;
    #ending: Promise<void> = Promise.resolve();

    private constructor(
        options: FolderOptions,
        id: string,
        address: string,
        command: readonly string[],
    ) {
        this.#options = options;
        this.#id = id;
        this.address = address;
        this.#command = command;
    }

    static async start(options: FolderOptions, id: string): Promise<FolderProcess> {
        const folder = resolve(options.folder);
        await checkFolder(folder);
        const address = `127.0.0.1:${await freePort()}`;
        const command = options.command ?? (await shimCommand(folder, address, id));
        const made = new FolderProcess({ ...options, folder }, id, address, command);
        const child = made.#spawn();
        if (child !== undefined) await checkStarted(child, command[0] ?? '');
        if (options.watch === true) await made.#watch();
        return made;
    }

    async stop(): Promise<void> {
        this.#stopped = true;
        clearTimeout(this.#timer);
        await this.#watcher?.close();
        await this.#ending;
        await this.#end();
    }

    #spawn(): ChildProcess | undefined {
        if (this.#stopped) return undefined;
        const startedAt = performance.now();
        const [program = '', ...args] = this.#command;
        const child = spawn(program, args, {
            cwd: this.#options.folder,
            env: {
                ...process.env,
                CHAINCODE_SERVER_ADDRESS: this.address,
                CHAINCODE_ID: this.#id,
            },
            // Its input ends when this process does, however that ends.
            stdio: ['pipe', 'pipe', 'pipe'],
        });
        for (const output of [child.stdout, child.stderr]) {
            output.on('data', (data: Buffer) => this.#options.onOutput?.(data.toString()));
        }
        child.once('error', (error) => this.#options.onOutput?.(`${error.message}\n`));
        child.once('exit', (code, signal) => {
            if (this.#child !== child) return;
            this.#options.onOutput?.(`${this.#id} ended (${String(code ?? signal)}).\n`);
            if (performance.now() - startedAt > SOON_MS) this.#respawnMs = RESPAWN_MS.first;
            clearTimeout(this.#timer);
            this.#timer = setTimeout(() => {
                if (this.#child === child) this.#spawn();
            }, this.#respawnMs);
            this.#respawnMs = Math.min(RESPAWN_MS.longest, 2 * this.#respawnMs);
        });
        this.#child = child;
        return child;
    }

    /** Node's own recursive watch loses a file on Linux once an editor has put another in its place. */
    async #watch(): Promise<void> {
        const { watch } = await import('chokidar');
        const { folder } = this.#options;
        const watcher = watch(folder, {
            ignoreInitial: true,
            ignored: (path) => UNWATCHED.test(relative(folder, path)),
        });
        this.#watcher = watcher;
        const ready = once(watcher, 'ready');
        watcher.on('all', () => {
            clearTimeout(this.#timer);
            this.#timer = setTimeout(() => {
                void this.#restart();
            }, SETTLE_MS);
        });
        watcher.on('error', (error) => {
            this.#options.onOutput?.(`${this.#id} is not watched well: ${String(error)}\n`);
        });
        await ready;
    }

    /** One restart at a time: a change during one has the next follow it, never run beside it. */
    #restart(): Promise<void> {
        this.#ending = this.#ending.then(async () => {
            if (this.#stopped) return;
            this.#options.onOutput?.(`${this.#id} has changed; it is started anew.\n`);
            await this.#end();
            this.#respawnMs = RESPAWN_MS.first;
            this.#spawn();
        });
        return this.#ending;
    }

    async #end(): Promise<void> {
        const child = this.#child;
        this.#child = undefined;
        if (child?.exitCode !== null || child.signalCode !== null) return;
        await new Promise<void>((resolveEnd) => {
            const timer = setTimeout(() => child.kill('SIGKILL'), END_MS);
            child.once('exit', () => {
                clearTimeout(timer);
                resolveEnd();
            });
            child.kill('SIGTERM');
        });
    }
}
