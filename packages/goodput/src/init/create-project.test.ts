import { execFile } from 'node:child_process';
import {
    existsSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { createProject } from './create-project.js';

const run = promisify(execFile);
const root = join(__dirname, '..', '..', '..', '..');

describe('goodput init', function () {
    this.timeout(300_000);
    let folder: string;

    before(() => {
        // Inside the workspace, so that the project finds the packages as if they had been installed.
        mkdirSync(join(root, 'test', '.generated'), { recursive: true });
        folder = mkdtempSync(join(root, 'test', '.generated', 'init-'));
    });
    after(() => {
        rmSync(folder, { recursive: true });
    });

    it('writes a project that passes its own tests at once', async () => {
        const project = join(folder, 'ward-beds');
        createProject(project);
        expect(existsSync(join(project, '.gitignore'))).to.equal(true);
        const manifest = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as {
            name: string;
        };
        expect(manifest.name).to.equal('ward-beds');
        const compiler = join(root, 'node_modules', '@typescript', 'native', 'bin', 'tsc');
        await run(process.execPath, [compiler], { cwd: project });
        const mocha = join(root, 'node_modules', 'mocha', 'bin', 'mocha.js');
        const { stdout } = await run(process.execPath, [mocha], {
            cwd: project,
            env: { ...process.env, CORE_CHAINCODE_LOGGING_LEVEL: 'ERROR' },
        });
        expect(stdout).to.match(/3 passing/);
    });

    it('leaves a folder alone that has something in it', () => {
        const project = join(folder, 'taken');
        mkdirSync(project);
        writeFileSync(join(project, 'mine'), 'mine');
        expect(() => createProject(project))
            .to.throw('is not empty')
            .with.property('code', 'COMMAND_USAGE');
    });

    it('leaves a file alone that has the name', () => {
        const project = join(folder, 'file');
        writeFileSync(project, 'mine');
        expect(() => createProject(project))
            .to.throw('is a file')
            .with.property('code', 'COMMAND_USAGE');
        expect(readFileSync(project, 'utf8')).to.equal('mine');
    });

    const hostile = [
        ...['Ward', '1ward', 'ward beds', '-ward', '--help', 'ward-', 'a--b', '.ward', ''],
        ...['ward;rm -rf x', '$(touch x)', '`touch x`', "ward'", 'ward"', 'ward\nbeds', 'wärd'],
        ...['..', 'node_modules', '{{name}}', 'w'.repeat(61)],
    ];
    for (const name of hostile) {
        it(`refuses the name ${JSON.stringify(name)}, and writes nothing`, () => {
            const before = readdirSync(folder).sort();
            expect(() => createProject(name === '' ? '/' : join(folder, name)))
                .to.throw('is made of at most 60 lower-case letters')
                .with.property('code', 'COMMAND_USAGE');
            expect(readdirSync(folder).sort()).to.deep.equal(before);
        });
    }
});
