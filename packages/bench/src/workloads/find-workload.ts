import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BenchError } from '../errors.js';
import { unknownName } from '../unknown-name.js';
import { workloads } from './built-in.js';
import type { Workload } from './workload.js';

function isWorkload(value: unknown): value is Workload {
    if (typeof value !== 'object' || value === null) return false;
    const { name, setup, operations, replay } = value as Partial<Record<keyof Workload, unknown>>;
    const replays =
        typeof replay === 'object' &&
        replay !== null &&
        Object.values(replay).every((each) => typeof each === 'function');
    return (
        typeof name === 'string' &&
        typeof setup === 'function' &&
        typeof operations === 'function' &&
        (replay === undefined || replays)
    );
}

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
        const why = statSync(file).isDirectory() ? 'it is a folder' : (cause as Error).message;
        throw new BenchError(
            'BENCH_WORKLOAD_INVALID',
            `${file} cannot be loaded as a workload: ${why}. Give the JavaScript file that default-exports it.`,
            { cause },
        );
    }
    const value = defaultExport(loaded);
    if (isWorkload(value)) return value;
    throw new BenchError(
        'BENCH_WORKLOAD_INVALID',
        `${file} does not default-export a workload: "export default defineWorkload({ name, title, setup, operations })", "replay" an object of functions.`,
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
