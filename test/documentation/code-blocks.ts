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

function markdownBelow(folder: string): string[] {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) return skippedFolders.has(entry.name) ? [] : markdownBelow(path);
        return entry.name.endsWith('.md') ? [path] : [];
    });
}

/** All `ts` blocks of one page. */
export function codeBlocksOf(file: string): CodeBlock[] {
    const text = readFileSync(file, 'utf8');
    return [...text.matchAll(/^```ts([^\n]*)\n([\s\S]*?)^```$/gm)].map((match) => {
        const code = match[2] ?? '';
        return {
            page: relative(repositoryRoot, file),
            line: text.slice(0, match.index).split('\n').length,
            code,
            runs: !(match[1] ?? '').includes('no-run'),
            prints: promisedOutput(code),
        };
    });
}

/** Every `ts` block of every page of the repository. */
export function allCodeBlocks(): CodeBlock[] {
    return markdownBelow(repositoryRoot).sort().flatMap(codeBlocksOf);
}
