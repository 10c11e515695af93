import { ratioToBaseline, verdictText, type RunReport, type SystemReport } from './report.js';

/** A number as people read it: three or four digits that matter. */
export function readable(value: number): string {
    if (!Number.isFinite(value)) return value > 0 ? '∞' : '-';
    if (value >= 1000) return Math.round(value).toLocaleString('en-US');
    if (value >= 100) return value.toFixed(0);
    return value.toFixed(value >= 10 ? 1 : 2);
}

/** A count as people read it. */
export function counted(value: number): string {
    return value.toLocaleString('en-US');
}

/** What a table says of a system, wherever it is printed. */
export interface Figure {
    readonly title: string;
    readonly cell: (system: SystemReport, report: RunReport) => string;
}

function figure(title: string, cell: Figure['cell']): Figure {
    return { title, cell };
}

/** Every figure of a system, in the order of the tables. */
export const figures = {
    system: figure('system', ({ system }) => system),
    offered: figure('offered', ({ recording }) => counted(recording.offered)),
    goodput: figure('valid ops/s', ({ goodputPerSecond }) => readable(goodputPerSecond)),
    /** How many times the first system's goodput it is. */
    ratio: figure('ratio', (system, report) => {
        const ratio = ratioToBaseline(report, system);
        return Number.isNaN(ratio) ? '-' : `${readable(ratio)}x`;
    }),
    success: figure('success', ({ success }) => `${(success * 100).toFixed(1)}%`),
    p50: figure('p50 ms', ({ recording }) => readable(recording.latency.p50Ms)),
    p95: figure('p95 ms', ({ recording }) => readable(recording.latency.p95Ms)),
    p99: figure('p99 ms', ({ recording }) => readable(recording.latency.p99Ms)),
    transactions: figure('transactions', ({ transactions: { valid, invalid } }) =>
        counted(valid + invalid),
    ),
    invalid: figure('invalid', ({ transactions }) => counted(transactions.invalid)),
    ledger: figure('ledger', ({ verdict }) => verdictText(verdict)),
} as const;
