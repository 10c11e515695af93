import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CommandError } from './errors.js';

async function importFile(file: string): Promise<Record<string, unknown>> {
    try {
        return (await import(pathToFileURL(resolve(file)).href)) as Record<string, unknown>;
    } catch (cause) {
        const message = cause instanceof Error ? cause.message : `it throws ${String(cause)}`;
        const why = statSync(file).isDirectory() ? 'it is a folder' : message;
        throw new CommandError('COMMAND_FILE_UNREADABLE', `Cannot load ${file}: ${why}.`, {
            suggestion: 'Give a compiled JavaScript module.',
            cause,
        });
    }
}

/** Everything a compiled module exports, lists taken apart, a CommonJS module's exports included. */
export async function loadExports(file: string): Promise<unknown[]> {
    if (!existsSync(file)) {
        throw new CommandError('COMMAND_FILE_UNREADABLE', `There is no file ${file}.`, {
            suggestion: 'Give the compiled JavaScript file; TypeScript sources cannot be loaded.',
        });
    }
    const loaded = await importFile(file);
    const inner = loaded['default'];
    const all = typeof inner === 'object' && inner !== null ? { ...inner, ...loaded } : loaded;
    return [...new Set(Object.values(all).flat())];
}
