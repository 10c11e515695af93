import { expect } from 'chai';
import { importsIn } from './imports.js';

describe('reading imports', () => {
    const spellings: readonly (readonly [string, string | undefined])[] = [
        ["import { a } from 'x';", 'x'],
        ['import { a } from "x";', 'x'],
        ["import 'x';", 'x'],
        ["import a, * as b from\n    'x'", 'x'],
        ["import type { A } from 'x';", 'x'],
        ["import a = require('x');", 'x'],
        ["export * from 'x';", 'x'],
        ["export { a as b } from 'x';", 'x'],
        ["export type { A } from 'x';", 'x'],
        ["let a: import('x').A;", 'x'],
        ["type A = typeof import('x');", 'x'],
        ["const a = await import('x');", 'x'],
        ["const a = await import(\n    /* why */ 'x',\n);", 'x'],
        ['const a = await import(`x`);', 'x'],
        ["const a = require('x') as unknown;", 'x'],
        ['const a = require("x");', 'x'],
        ["const a = require.resolve('x');", 'x'],
        ['const a = await import(`${b}/x`);', undefined],
        ['const a = require(b);', undefined],
        ["const a = createRequire(__filename)('x');", undefined],
    ];
    for (const [text, specifier] of spellings) {
        it(`finds ${specifier ?? 'a name made at run time'} in ${JSON.stringify(text)}`, () => {
            expect(importsIn(text)).to.deep.include({ specifier });
        });
    }

    it('is not misled by comments, strings and members of that name', () => {
        const texts = [
            "// import 'x';",
            "/* require('x') */",
            "const a = 'import \\'x\\'';",
            'a.require(b);',
            'export { a };',
        ];
        expect(texts.flatMap(importsIn)).to.deep.equal([]);
    });
});
