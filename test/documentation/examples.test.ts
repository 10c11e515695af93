import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { repositoryRoot } from '../house/packages.js';
import { allCodeBlocks, type CodeBlock } from './code-blocks.js';
import { missingInOrder } from './promised-output.js';

const run = promisify(execFile);

// Inside the workspace, so that the programs find the packages as a user's would.
const folder = join(repositoryRoot, 'test', '.generated', 'documentation');

interface Failure {
    readonly stdout?: string;
    readonly stderr?: string;
}

function fileNameOf(block: CodeBlock): string {
    return `${block.page.replace(/[^a-z0-9]+/gi, '-')}-line-${block.line}`;
}

function writeProject(blocks: readonly CodeBlock[]): void {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(join(folder, 'src'), { recursive: true });
    const compilerOptions = {
        experimentalDecorators: true,
        emitDecoratorMetadata: true,
        erasableSyntaxOnly: false,
        noUnusedLocals: false,
        noUnusedParameters: false,
        composite: false,
        declarationMap: false,
    };
    writeFileSync(
        join(folder, 'tsconfig.json'),
        JSON.stringify({ extends: '../../../tsconfig.base.json', compilerOptions }),
    );
    for (const block of blocks) {
        // Each program is a module of its own, even one that imports nothing.
        writeFileSync(
            join(folder, 'src', `${fileNameOf(block)}.ts`),
            `${block.code}\nexport {};\n`,
        );
    }
}

async function compile(): Promise<string> {
    const compiler = join(repositoryRoot, 'node_modules', '@typescript', 'native', 'bin', 'tsc');
    try {
        await run(process.execPath, [compiler, '-p', folder], { maxBuffer: 32 << 20 });
        return '';
    } catch (error) {
        return (error as Failure).stdout ?? String(error);
    }
}

async function execute(block: CodeBlock): Promise<string> {
    const program = join(folder, 'dist', `${fileNameOf(block)}.js`);
    const options = {
        cwd: repositoryRoot,
        timeout: 270_000,
        env: { ...process.env, CORE_CHAINCODE_LOGGING_LEVEL: 'ERROR' },
    };
    try {
        return (await run(process.execPath, ['--enable-source-maps', program], options)).stdout;
    } catch (error) {
        const { stdout = '', stderr = '' } = error as Failure;
        throw new Error(`${block.page}:${block.line} failed\n${stdout}\n${stderr}`, {
            cause: error,
        });
    }
}

describe('the examples in the documentation', function () {
    this.timeout(300_000);
    const blocks = allCodeBlocks();
    let compilerOutput = '';

    before(async () => {
        writeProject(blocks);
        compilerOutput = await compile();
    });

    for (const block of blocks) {
        it(`${block.page}:${block.line} compiles${block.runs ? ' and runs' : ''}`, async () => {
            const complaints = compilerOutput
                .split('\n')
                .filter((line) => line.includes(`${fileNameOf(block)}.ts(`));
            expect(complaints, 'what the compiler says').to.deep.equal([]);
            if (!block.runs) return;
            const printed = (await execute(block)).split('\n').map((line) => line.trimEnd());
            const missing = missingInOrder(printed, block.prints);
            expect(missing, `not printed; printed was:\n${printed.join('\n')}`).to.equal(undefined);
        });
    }

    it('all compile as one project', () => {
        expect(compilerOutput).to.equal('');
    });
});
