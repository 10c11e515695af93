import { ratioToBaseline, type RunReport } from './report.js';

/** A number as people read it: three or four digits that matter. */
export function readable(value: number): string {
    if (!Number.isFinite(value)) return value > 0 ? '∞' : '-';
    if (value >= 1000) return Math.round(value).toLocaleString('en-US');
    if (value >= 100) return value.toFixed(0);
    return value.toFixed(value >= 10 ? 1 : 2);
}

/** Lines of text in columns, numbers to the right. */
export function columns(header: readonly string[], rows: readonly (readonly string[])[]): string {
    const widths = header.map((title, index) =>
        Math.max(title.length, ...rows.map((row) => (row[index] ?? '').length)),
    );
    const line = (cells: readonly string[]): string =>
        cells
            .map((cell, index) =>
                index === 0 ? cell.padEnd(widths[index] ?? 0) : cell.padStart(widths[index] ?? 0),
            )
            .join('  ')
            .trimEnd();
    return [
        line(header),
        widths.map((width) => '─'.repeat(width)).join('  '),
        ...rows.map(line),
    ].join('\n');
}

const header = [
    'system',
    'offered',
    'valid ops/s',
    'ratio',
    'success',
    'p50 ms',
    'p95 ms',
    'p99 ms',
    'tx sent',
    'tx invalid',
    'ledger',
];

/** The run as a table for the terminal. */
export function reportTable(report: RunReport): string {
    const rows = report.systems.map((each) => {
        const { latency, offered } = each.recording;
        const { valid, invalid } = each.transactions;
        return [
            each.system,
            String(offered),
            readable(each.goodputPerSecond),
            `${readable(ratioToBaseline(report, each))}x`,
            `${(each.success * 100).toFixed(1)}%`,
            readable(latency.p50Ms),
            readable(latency.p95Ms),
            readable(latency.p99Ms),
            String(valid + invalid),
            String(invalid),
            each.verdict.ok
                ? 'verified'
                : `FAILED: ${each.verdict.problems[0] ?? 'see the report'}`,
        ];
    });
    return columns(header, rows);
}
