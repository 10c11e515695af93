import type { Progress } from './options.js';

const WIDTH = 24;

/** Where a run is, on one line for people. */
export function progressLine(progress: Progress): string {
    const { system, phase, elapsedMs, totalMs, offered, committed, ended } = progress;
    if (phase === 'set-up') return `${system}: writing the initial state`;
    if (phase === 'warm-up') return `${system}: warming up`;
    if (phase === 'verify') return `${system}: verifying the ledger`;
    const filled = Math.min(WIDTH, Math.round((elapsedMs / Math.max(1, totalMs)) * WIDTH));
    const bar = '█'.repeat(filled) + '░'.repeat(WIDTH - filled);
    const waiting = phase === 'drain' ? `, waiting for ${offered - ended}` : '';
    return `${system}: ${bar} ${offered} offered, ${committed} valid, ${ended - committed} not${waiting}`;
}
