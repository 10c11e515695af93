import { retryPolicy, type RetryPolicy } from '../failure/retry-policy.js';
import {
    assertAtLeast,
    assertCount,
    assertDuration,
    assertKnown,
    assertMethods,
    assertName,
    assertStrategy,
    assertSwitch,
    invalid,
    shown,
} from './checks.js';
import type { ClientOptions, StrategyChoice } from './options.js';

/** {@link ClientOptions} with every number filled in. */
export interface Settings {
    readonly strategy: StrategyChoice;
    readonly latencyMs: number;
    readonly queue: { readonly operations: number; readonly bytes: number };
    readonly batch: {
        readonly operations: number;
        readonly bytes: number;
        readonly keys: number;
        readonly lanes: number;
        readonly endorseMs: number;
    };
    readonly concurrency: { readonly calls: number; readonly transactions: number };
    readonly timeouts: {
        readonly endorseMs: number;
        readonly submitMs: number;
        readonly commitMs: number;
        readonly outcomeMs: number;
        readonly unavailableMs: number;
        readonly evaluateMs: number;
        readonly stallMs: number;
    };
    readonly cache: { readonly entries: number; readonly bytes: number };
    /** How long the outbox keeps receipts. */
    readonly keepMs: number;
    readonly retry: RetryPolicy;
}

const defaults: Settings = {
    strategy: 'auto',
    latencyMs: 2_000,
    queue: { operations: 100_000, bytes: 256 * 1024 * 1024 },
    batch: { operations: 20_000, bytes: 1_500_000, keys: 200, lanes: 4, endorseMs: 1_500 },
    concurrency: { calls: 400, transactions: 2_000 },
    timeouts: {
        endorseMs: 35_000,
        submitMs: 30_000,
        commitMs: 15_000,
        outcomeMs: 120_000,
        unavailableMs: 60_000,
        evaluateMs: 30_000,
        stallMs: 3_000,
    },
    cache: { entries: 10_000, bytes: 64 * 1024 * 1024 },
    keepMs: 24 * 60 * 60 * 1000,
    retry: retryPolicy(),
};

function merged<T extends object>(base: T, given: object | undefined, where: string): T {
    if (given === undefined) return base;
    assertKnown(given, Object.keys(base), where);
    const own = Object.entries(given).filter(([, value]) => value !== undefined);
    for (const [name, value] of own) {
        if (name.endsWith('Ms')) assertDuration(1, value, `${where}.${name}`);
        else assertCount(value, `${where}.${name}`);
    }
    return { ...base, ...Object.fromEntries(own) };
}

/** Where the compiler keeps this list complete. */
const optionNames: Readonly<Record<keyof ClientOptions, true>> = {
    identity: true,
    signer: true,
    strategy: true,
    latencyMs: true,
    queue: true,
    retry: true,
    batch: true,
    concurrency: true,
    timeouts: true,
    outbox: true,
    cache: true,
    wholeBlocks: true,
    logger: true,
    tracing: true,
};

function assertOutbox(outbox: NonNullable<ClientOptions['outbox']>): void {
    assertKnown(outbox, ['path', 'sync', 'keepMs', 'onRecovered'], 'outbox');
    const { path, sync, keepMs, onRecovered } = outbox;
    if (typeof path !== 'string' || path === '') {
        throw invalid(`outbox.path must name a folder, got ${shown(path)}.`);
    }
    assertSwitch(sync, 'outbox.sync');
    if (keepMs !== undefined) assertAtLeast(0, keepMs, 'outbox.keepMs');
    if (onRecovered !== undefined && typeof onRecovered !== 'function') {
        throw invalid(`outbox.onRecovered must be a function, got ${shown(onRecovered)}.`);
    }
}

/** Who signs; what is in the certificate is looked at when it is used. */
function assertSigner(signer: NonNullable<ClientOptions['signer']>): void {
    assertMethods(signer, ['signer'], 'signer');
    assertName(signer.mspId, 'signer.mspId');
    if (signer.hash !== undefined) assertMethods(signer, ['hash'], 'signer');
}

/** More would take hundreds of megabytes before anything is read. */
const mostEntries = 10_000_000;

function cacheOf(options: ClientOptions['cache']): Settings['cache'] {
    if (options !== undefined) {
        assertKnown(options, [...Object.keys(defaults.cache), 'secondLevel'], 'cache');
    }
    const { secondLevel, ...bounds } = options ?? {};
    if (secondLevel !== undefined) {
        assertMethods(secondLevel, ['get', 'set', 'delete'], 'cache.secondLevel');
    }
    const cache = merged(defaults.cache, bounds, 'cache');
    for (const [name, most] of [
        ['entries', mostEntries],
        ['bytes', Number.MAX_SAFE_INTEGER],
    ] as const) {
        if (cache[name] > most) {
            throw invalid(`cache.${name} must be at most ${most}, got ${cache[name]}.`);
        }
    }
    return cache;
}

/** Fills in and checks the options, once. */
export function settingsOf(options: ClientOptions): Settings {
    assertKnown(options, Object.keys(optionNames), 'The options of connect');
    const strategy = options.strategy ?? defaults.strategy;
    assertStrategy(strategy, 'strategy');
    const latencyMs = options.latencyMs ?? defaults.latencyMs;
    assertDuration(1, latencyMs, 'latencyMs');
    if (options.outbox !== undefined) assertOutbox(options.outbox);
    if (options.signer !== undefined) assertSigner(options.signer);
    if (options.identity !== undefined) assertName(options.identity, 'identity');
    if (options.logger !== undefined) {
        assertMethods(options.logger, ['debug', 'info', 'warn', 'error'], 'logger');
    }
    assertSwitch(options.wholeBlocks, 'wholeBlocks');
    assertSwitch(options.tracing, 'tracing');
    if (options.cache !== undefined && options.wholeBlocks === false) {
        throw invalid('cache needs whole blocks: leave out wholeBlocks, or set it to true.');
    }
    return {
        strategy,
        latencyMs,
        queue: merged(defaults.queue, options.queue, 'queue'),
        batch: merged(defaults.batch, options.batch, 'batch'),
        concurrency: merged(defaults.concurrency, options.concurrency, 'concurrency'),
        timeouts: merged(defaults.timeouts, options.timeouts, 'timeouts'),
        cache: cacheOf(options.cache),
        keepMs: options.outbox?.keepMs ?? defaults.keepMs,
        retry: retryPolicy(options.retry),
    };
}
