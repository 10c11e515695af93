import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { repositoryRoot } from '../house/packages.js';
import { promisedOutput } from './promised-output.js';

/** A TypeScript program found in a page. */
export interface CodeBlock {
    /** Relative to the root. */
    readonly page: string;
    /** Line of the opening fence, counted from 1. */
    readonly line: number;
    readonly code: string;
    /** False for a block marked `no-run`: it is compiled only. */
    readonly runs: boolean;
    /** What its `console.log(...); // => text` lines promise to print. */
    readonly prints: readonly string[];
}

const skippedFolders = new Set([
    'node_modules',
    'dist',
    'fixtures',
    '.generated',
    '.git',
    'coverage',
]);

/** Files below a folder whose name ends so, without what is generated or installed. */
function filesBelow(folder: string, ending: string): string[] {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) {
            return skippedFolders.has(entry.name) ? [] : filesBelow(path, ending);
        }
        return entry.name.endsWith(ending) ? [path] : [];
    });
}

function blocksOf(file: string, fences: RegExp, codeOf: (text: string) => string): CodeBlock[] {
    const text = readFileSync(file, 'utf8');
    return [...text.matchAll(fences)].map((match) => {
        const code = codeOf(match[2] ?? '');
        return {
            page: relative(repositoryRoot, file),
            line: text.slice(0, match.index).split('\n').length,
            code,
            runs: !(match[1] ?? '').includes('no-run'),
            prints: promisedOutput(code),
        };
    });
}

/** All `ts` blocks of one page. */
export function codeBlocksOf(file: string): CodeBlock[] {
    return blocksOf(file, /^```ts([^\n]*)\n([\s\S]*?)^```$/gm, (text) => text);
}

/** The programs in the comments of one source file; an example that imports nothing is a fragment. */
function commentBlocksOf(file: string): CodeBlock[] {
    const fences = /^ *\* ```ts([^\n]*)\n([\s\S]*?)^ *\* ```$/gm;
    const blocks = blocksOf(file, fences, (text) => text.replaceAll(/^ *\* ?/gm, ''));
    return blocks.filter(({ code }) => /^import /m.test(code));
}

/** Every `ts` block of every page, and every program in a comment of what the packages are made of. */
export function allCodeBlocks(): CodeBlock[] {
    const sources = filesBelow(join(repositoryRoot, 'packages'), '.ts');
    return [
        ...filesBelow(repositoryRoot, '.md').sort().flatMap(codeBlocksOf),
        ...sources.sort().flatMap(commentBlocksOf),
    ];
}
