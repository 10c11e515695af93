import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import ts from 'typescript';

const FOLDER = join(__dirname, '..');
const BLOCKS = join(FOLDER, 'fixtures', 'blocks');

describe('The program at the top of the README', () => {
    it('prints who invalidated whom, as the README says', () => {
        const readme = readFileSync(join(FOLDER, 'README.md'), 'utf8');
        const [, program = ''] = /```ts no-run\n([^]*?)```/.exec(readme) ?? [];
        const [, printed = ''] = /```\n(inc in[^]*?)```/.exec(readme) ?? [];
        const { outputText } = ts.transpileModule(program, {
            compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
        });
        const files = readdirSync(BLOCKS)
            .filter((name) => name.endsWith('.block'))
            .sort()
            .map((name) => join(BLOCKS, name));
        const run = spawnSync(process.execPath, ['-', ...files], {
            cwd: FOLDER,
            input: outputText,
            encoding: 'utf8',
        });
        expect(run.stderr).to.equal('');
        const lines = run.stdout.trim().split('\n');
        expect(lines).to.have.lengthOf(11);
        expect(lines).to.include.members(printed.trim().split('\n'));
    });
});
