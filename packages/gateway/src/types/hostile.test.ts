import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import fc from 'fast-check';
import { typesOf } from './write-types.js';

/** Texts that end a comment, a string, a type or a line, and what they would run then. */
const hostile = [
    '*/ export const pwned = 1; /*',
    '/*',
    '//',
    '"; export const pwned = 1; "',
    "'; export const pwned = 1; '",
    '`${pwned}`',
    '} export const pwned = 1; {',
    '\u2028export const pwned = 1;',
    '\u2029*/',
    '\n*/\nexport const pwned = 1;\n/*',
    '\r',
    '\\',
    '\\u002a/',
    '\ud800',
    '__proto__',
    'constructor',
    'any',
    'string',
    'default',
    'new',
    'class',
    'readonly',
    'infer',
    'keyof',
    'this',
    'void',
    'Readonly',
    'Record',
    '',
    '0',
    '-',
    'é',
    'a-b',
    'aB',
    'A B',
];

/** Compiles as strictly as can be, in a folder of its own. */
function compile(texts: readonly string[]): void {
    const folder = mkdtempSync(join(tmpdir(), 'goodput-types-'));
    try {
        const files = texts.map((text, at) => {
            const file = join(folder, `contract${at}.d.ts`);
            writeFileSync(file, text);
            return file;
        });
        const compiler = join(
            dirname(require.resolve('@typescript/native/package.json')),
            'bin',
            'tsc',
        );
        const options = ['--ignoreConfig', '--noEmit', '--strict', '--lib', 'es2022'];
        execFileSync(process.execPath, [compiler, ...options, ...files], { encoding: 'utf8' });
    } catch (error) {
        const { stdout } = error as { stdout?: string };
        throw new Error(`It does not compile: ${stdout ?? ''}`.slice(0, 2_000), { cause: error });
    } finally {
        rmSync(folder, { recursive: true, force: true });
    }
}

/** Everything outside of strings and comments. */
function code(text: string): string {
    return text.replace(/"(?:[^"\\\n]|\\.)*"|\/\*[\s\S]*?\*\/|\/\/.*/gu, '""');
}

function metadataOf(texts: readonly string[]): object {
    const schema = (text: string): object => ({
        type: 'object',
        description: text,
        properties: { [text]: { enum: [text, { [text]: [text] }, null, 1] } },
        required: [text],
        additionalProperties: { $ref: `#/components/schemas/${text}` },
    });
    const transactions = texts.map((name, at) => ({
        name,
        tag: [name],
        parameters: (at === 0 ? texts : [name]).map((own) => ({
            name: own,
            description: own,
            schema: schema(own),
        })),
        returns: { type: name },
    }));
    const contracts = texts.map((name) => [name, { name, info: { title: name }, transactions }]);
    return {
        contracts: Object.fromEntries(contracts) as object,
        components: {
            schemas: Object.fromEntries(texts.map((name) => [name, schema(name)])) as object,
        },
    };
}

describe('the types of a contract that means harm', function () {
    this.timeout(120_000);

    it('are TypeScript that declares types and nothing else, whatever names and texts it has', () => {
        const text = typesOf(metadataOf(hostile));
        expect(code(text)).to.not.contain('pwned');
        expect(code(text)).to.not.match(/export (?!type |interface )/u);
        compile([text]);
    });

    it('are so for any text', () => {
        const piece = fc.oneof(
            fc.constantFrom(
                '*/',
                '/*',
                '"',
                "'",
                '`',
                '\\',
                '\n',
                '\u2028',
                '}',
                ';',
                '//',
                '-',
                'a',
            ),
            fc.string({ unit: 'binary', maxLength: 3 }),
        );
        const texts = fc.array(
            fc.array(piece, { maxLength: 5 }).map((all) => all.join('')),
            {
                minLength: 1,
                maxLength: 4,
            },
        );
        const written = fc
            .sample(texts, { numRuns: 150, seed: 3 })
            .map((each) => typesOf(metadataOf(each)));
        compile(written);
    });

    it('name each thing once, and what is not described is not known', () => {
        const text = typesOf({
            contracts: {
                'a-b': { name: 'a-b', transactions: [] },
                aB: {
                    name: 'aB',
                    transactions: [
                        {
                            name: 'get',
                            parameters: [
                                { name: 'x', schema: { $ref: '#/components/schemas/AB' } },
                                { name: 'y', schema: { $ref: '#/components/schemas/Nowhere' } },
                            ],
                        },
                    ],
                },
            },
            components: {
                schemas: {
                    AB: { type: 'string' },
                    Self: { $ref: '#/components/schemas/Self' },
                    Ping: { anyOf: [{ $ref: '#/components/schemas/Pong' }, { type: 'null' }] },
                    Pong: { allOf: [{ $ref: '#/components/schemas/Ping' }] },
                    Tree: { properties: { left: { $ref: '#/components/schemas/Tree' } } },
                },
            },
        });
        expect(text).to.contain('export type AB = string;');
        expect(text).to.contain('export interface AB2 {').and.to.contain('export interface AB3 {');
        expect(text).to.contain('args: [x: AB, y: unknown]');
        expect(text).to.contain('export type Tree = { readonly left?: Tree };');
        compile([text]);
    });

    it('are refused when they are not of the form that metadata has', () => {
        const one = (transaction: unknown): object => ({
            contracts: { c: { name: 'c', transactions: [transaction] } },
        });
        for (const wrong of [
            { contracts: [null] },
            { contracts: { c: null } },
            { contracts: { c: { name: 'c' } } },
            { contracts: { c: { name: 'c', transactions: {} } } },
            { contracts: {}, components: { schemas: 'x' } },
            one(null),
            one({}),
            one({ name: ['a', 'b'] }),
            one({ name: { a: 1 } }),
            one({ name: 'a', parameters: 'x' }),
            one({ name: 'a', parameters: [null] }),
            one({ name: 'a', parameters: [{ name: 5 }] }),
        ]) {
            expect(() => typesOf(wrong), JSON.stringify(wrong))
                .to.throw()
                .with.property('code', 'GATEWAY_RESPONSE_MALFORMED');
        }
    });

    it('take a schema that is none for one that says nothing', () => {
        for (const schema of [
            null,
            'x',
            [],
            { enum: 5 },
            { $ref: 7 },
            { anyOf: 'x' },
            { type: {} },
        ]) {
            const text = typesOf({
                contracts: {
                    c: {
                        name: 'c',
                        transactions: [{ name: 'f', parameters: [{ name: 'a', schema }] }],
                    },
                },
            });
            expect(text, JSON.stringify(schema)).to.contain('args: [a: unknown]');
        }
    });
});
