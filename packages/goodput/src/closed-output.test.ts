import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';

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
            timeout: 30_000,
            maxBuffer: 1_000_000,
        },
    );
    return { code: stdout.trim(), said: stderr };
}

describe('a command whose output goes nowhere', function () {
    this.timeout(60_000);

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
