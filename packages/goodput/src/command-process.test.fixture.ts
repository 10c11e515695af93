import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const program = join(__dirname, '..', 'bin', 'goodput.js');

/** The command, as a process. */
export class CommandProcess {
    readonly process: ChildProcess;
    out = '';
    said = '';
    #heard: (() => void)[] = [];

    constructor(cwd: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
        this.process = spawn(process.execPath, [program, ...args], {
            cwd,
            env: { ...process.env, NO_COLOR: '', FORCE_COLOR: '', ...env },
            stdio: ['ignore', 'pipe', 'pipe'],
        });
        this.process.stdout?.on('data', (data: Buffer) => {
            this.out += data.toString();
            this.#tell();
        });
        this.process.stderr?.on('data', (data: Buffer) => {
            this.said += data.toString();
            this.#tell();
        });
        this.process.once('exit', () => {
            this.#tell();
        });
    }

    /** Resolves to the match once the output has it; rejects if the process ends without. */
    async until(text: RegExp): Promise<RegExpExecArray> {
        for (;;) {
            const match = text.exec(this.out) ?? text.exec(this.said);
            if (match !== null) return match;
            if (this.process.exitCode !== null || this.process.signalCode !== null) {
                throw new Error(`it ended without ${String(text)}:\n${this.out}\n${this.said}`);
            }
            await new Promise<void>((resolve) => this.#heard.push(resolve));
        }
    }

    /** Resolves to its exit code once it has ended by itself. */
    async ended(): Promise<number | null> {
        const [code] = (await once(this.process, 'close')) as [number | null];
        return code;
    }

    async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<number | null> {
        const { exitCode, signalCode } = this.process;
        if (exitCode !== null || signalCode !== null) return exitCode;
        this.process.kill(signal);
        return this.ended();
    }

    #tell(): void {
        const heard = this.#heard;
        this.#heard = [];
        for (const each of heard) each();
    }
}
