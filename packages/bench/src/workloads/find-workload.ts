import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BenchError } from '../errors.js';
import { unknownName } from '../unknown-name.js';
import { workloads } from './built-in.js';
import { shown, wrongWithWorkload } from './check-workload.js';
import type { Workload } from './workload.js';

/** The default export, also where a CommonJS module was compiled from ES syntax. */
function defaultExport(loaded: unknown): unknown {
    const outer = (loaded as { default?: unknown }).default;
    const inner = (outer as { default?: unknown } | null | undefined)?.default;
    return inner ?? outer;
}

async function loadWorkload(file: string): Promise<Workload> {
    let loaded: unknown;
    try {
        loaded = await import(pathToFileURL(resolve(file)).href);
    } catch (cause) {
        const message = cause instanceof Error ? cause.message : `it throws ${shown(cause)}`;
        const why = statSync(file).isDirectory() ? 'it is a folder' : message;
        throw new BenchError(
            'BENCH_WORKLOAD_INVALID',
            `${file} cannot be loaded as a workload: ${why}. Give the JavaScript file that default-exports it.`,
            { cause },
        );
    }
    const value = defaultExport(loaded);
    const wrong = wrongWithWorkload(value);
    if (wrong === undefined) return value as Workload;
    throw new BenchError(
        'BENCH_WORKLOAD_INVALID',
        `${file} gives no workload: ${wrong}. Write "export default defineWorkload({ name, title, setup, operations })".`,
    );
}

/** The built-in workload of that name, or the one a file default-exports. */
export async function findWorkload(nameOrFile: string): Promise<Workload> {
    const builtIn = workloads.find(({ name }) => name === nameOrFile);
    if (builtIn !== undefined) return builtIn;
    if (existsSync(nameOrFile)) return loadWorkload(nameOrFile);
    throw new BenchError(
        'BENCH_WORKLOAD_UNKNOWN',
        unknownName(
            'workload or file',
            nameOrFile,
            workloads.map(({ name }) => name),
        ),
    );
}
