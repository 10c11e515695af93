import { spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { FolderProcess } from './folder-process.js';

/** Says its process id, holds on for a moment when it is asked to end. */
const SLOW_TO_END = `
console.log('pid ' + process.pid);
process.on('SIGTERM', () => setTimeout(() => process.exit(), 400));
setInterval(() => undefined, 1000);
`;

function isRunning(pid: number): boolean {
    try {
        return process.kill(pid, 0);
    } catch {
        return false;
    }
}

async function until(condition: () => boolean): Promise<void> {
    while (!condition()) await pause(20);
}

describe('a chaincode process that is watched', function () {
    this.timeout(180_000);

    it('is one process however often its files change, and none once stopped', async () => {
        const folder = mkdtempSync(join(tmpdir(), 'watched-'));
        const pids: number[] = [];
        const running = await FolderProcess.start(
            {
                folder,
                command: [process.execPath, '-e', SLOW_TO_END],
                watch: true,
                onOutput: (text) => {
                    for (const [, pid] of text.matchAll(/pid (\d+)/g)) pids.push(Number(pid));
                },
            },
            'watched',
        );
        await until(() => pids.length === 1);
        for (const round of [1, 2, 3, 4]) {
            writeFileSync(join(folder, 'index.js'), `// ${round}`);
            await pause(160);
        }
        await until(() => pids.length >= 2 && pids.filter(isRunning).length === 1);
        writeFileSync(join(folder, 'index.js'), '// last');
        const before = pids.length;
        await until(() => pids.length > before && pids.filter(isRunning).length === 1);
        await running.stop();
        expect(pids.filter(isRunning)).to.deep.equal([]);
        rmSync(folder, { recursive: true });
    });

    it('is started anew each time an editor puts another file in its place', async () => {
        const folder = mkdtempSync(join(tmpdir(), 'watched by '));
        mkdirSync(join(folder, 'src'));
        const file = join(folder, 'src', 'index.js');
        writeFileSync(file, '// 0');
        let starts = 0;
        const running = await FolderProcess.start(
            {
                folder,
                command: [process.execPath, '-e', SLOW_TO_END],
                watch: true,
                onOutput: (text) => {
                    starts += [...text.matchAll(/pid \d+/g)].length;
                },
            },
            'watched',
        );
        try {
            await until(() => starts === 1);
            for (const round of [1, 2, 3]) {
                writeFileSync(join(tmpdir(), `saved-${process.pid}`), `// ${round}`);
                renameSync(join(tmpdir(), `saved-${process.pid}`), file);
                await until(() => starts === 1 + round);
            }
            appendFileSync(file, '// more');
            await until(() => starts === 5);
            mkdirSync(join(folder, 'node_modules'));
            writeFileSync(join(folder, 'node_modules', 'index.js'), '// not the chaincode');
            await pause(500);
            expect(starts).to.equal(5);
        } finally {
            await running.stop();
            rmSync(folder, { recursive: true });
        }
    });

    it('stays down longer each time it ends soon, until it changes', async () => {
        const folder = mkdtempSync(join(tmpdir(), 'failing-'));
        const starts: number[] = [];
        const running = await FolderProcess.start(
            {
                folder,
                command: [process.execPath, '-e', `console.log('here'); process.exit(3);`],
                watch: true,
                onOutput: (text) => {
                    if (text.includes('here')) starts.push(performance.now());
                },
            },
            'failing',
        );
        try {
            await until(() => starts.length === 4);
            // Not sooner than it should; a busy machine is slower.
            expect((starts[3] ?? 0) - (starts[2] ?? 0)).to.be.greaterThan(1_500);
            writeFileSync(join(folder, 'index.js'), '// mended');
            await until(() => starts.length === 5);
        } finally {
            await running.stop();
            rmSync(folder, { recursive: true });
        }
    });

    it('ends with the process that runs it, even one that is killed', async () => {
        const guard = join(__dirname, 'end-with-parent.js');
        const chaincode = `console.log('pid ' + process.pid); setInterval(() => undefined, 1000);`;
        const program = `
            const { FolderProcess } = require(${JSON.stringify(join(__dirname, 'folder-process.js'))});
            void FolderProcess.start({
                folder: ${JSON.stringify(tmpdir())},
                command: [process.execPath, '--require', ${JSON.stringify(guard)}, '-e', ${JSON.stringify(chaincode)}],
                onOutput: (text) => process.stdout.write(text),
            }, 'orphan');
        `;
        const parent = spawn(process.execPath, ['-e', program], {
            stdio: ['ignore', 'pipe', 'inherit'],
        });
        const pid = await new Promise<number>((resolve) => {
            parent.stdout.on('data', (data: Buffer) => {
                const found = /pid (\d+)/.exec(data.toString());
                if (found !== null) resolve(Number(found[1]));
            });
        });
        expect(isRunning(pid)).to.equal(true);
        parent.kill('SIGKILL');
        await until(() => !isRunning(pid));
    });
});
