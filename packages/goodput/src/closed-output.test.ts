import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { CommandProcess } from './command-process.test.fixture.js';

const run = promisify(execFile);
const program = join(__dirname, '..', 'bin', 'goodput.js');
const blocks = join(__dirname, '..', '..', 'rwset', 'fixtures', 'blocks');

/** What a shell says the command came to, its output going where it says. */
async function shell(where: string): Promise<{ readonly code: string; readonly said: string }> {
    const command = `"$0" "$1" blocks list "$2" ${where}`;
    const { stdout, stderr } = await run(
        'bash',
        ['-c', command, process.execPath, program, blocks],
        {
            // It once never ended, and took all memory there was.
            timeout: 150_000,
            maxBuffer: 1_000_000,
        },
    );
    return { code: stdout.trim(), said: stderr };
}

describe('a command whose output goes nowhere', function () {
    this.timeout(180_000);

    it('ends quietly when its reader has read enough', async () => {
        const { code, said } = await shell('| true; echo "${PIPESTATUS[0]}"');
        expect(said).to.equal('');
        expect(code).to.equal('0');
    });

    it('says in a line that the disk is full, and exits with 3', async function () {
        if (!existsSync('/dev/full')) this.skip();
        const { code, said } = await shell('> /dev/full; echo "$?"');
        expect(said).to.match(/^goodput: Cannot write the results: ENOSPC.*\n$/);
        expect(code).to.equal('3');
    });
});

describe('a command that somebody’s own module keeps from its end', function () {
    this.timeout(60_000);
    let folder: string;

    before(() => {
        folder = mkdtempSync(join(tmpdir(), 'goodput-module-'));
    });
    after(() => {
        rmSync(folder, { recursive: true });
    });

    const modules: [string, string, number, RegExp][] = [
        ['waits for ever', 'await new Promise(() => {});', 3, /not done[\s\S]*never happens/],
        ['throws nothing', 'throw null;', 2, /it throws null\. Give the JavaScript file/],
        ['throws', 'throw new Error("mine");', 2, /cannot be loaded as a workload: mine\./],
        ['is not JavaScript', 'export default {{', 2, /cannot be loaded as a workload: Unexpected/],
    ];
    for (const [what, source, code, message] of modules) {
        it(`says so when it ${what}, and exits with ${code}`, async () => {
            writeFileSync(join(folder, 'mine.mjs'), source);
            const process = new CommandProcess(folder, ['bench', 'run', './mine.mjs']);
            expect(await process.ended()).to.equal(code);
            expect(process.said).to.match(message);
            expect(process.said).to.not.match(/^\s+at /m);
        });
    }
});
