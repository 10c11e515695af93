import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';

const folder = __dirname;
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.js') && !file.endsWith('.test.js') && !file.startsWith('bench'),
);

/** Runs compiled modules with nothing of Node's around them. */
function loadBare(): Record<string, unknown> {
    const loaded = new Map<string, Record<string, unknown>>();
    const globals = { TextEncoder, TextDecoder };
    const load = (file: string): Record<string, unknown> => {
        const known = loaded.get(file);
        if (known !== undefined) return known;
        const exports: Record<string, unknown> = {};
        loaded.set(file, exports);
        const source = readFileSync(file, 'utf8');
        const wrapped = runInNewContext(`(function (exports, require) {${source}\n})`, globals) as (
            exports: object,
            require: (path: string) => unknown,
        ) => void;
        wrapped(exports, (path) => {
            if (!path.startsWith('.')) throw new Error(`${file} requires ${path}`);
            return load(join(file, '..', path));
        });
        return exports;
    };
    return load(join(folder, 'index.js'));
}

describe('the package in a browser', () => {
    it('has no import but its own files', () => {
        for (const file of files) {
            const source = readFileSync(join(folder, file), 'utf8');
            for (const [, target] of source.matchAll(/require\("([^"]+)"\)/g)) {
                expect(target, file).to.match(/^\.\.?\//);
            }
        }
    });

    it('loads without anything of Node', () => {
        expect(loadBare()).to.have.property('defineKey').that.is.a('function');
    });
});
