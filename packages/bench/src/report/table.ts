import { ratioToBaseline, verdictText, type RunReport, type SystemReport } from './report.js';

/** A number as people read it: three or four digits that matter. */
export function readable(value: number): string {
    if (!Number.isFinite(value)) return value > 0 ? '∞' : '-';
    if (value >= 1000) return Math.round(value).toLocaleString('en-US');
    if (value >= 100) return value.toFixed(0);
    return value.toFixed(value >= 10 ? 1 : 2);
}

/** How many times the first system's goodput it is, for people. */
export function ratioText(report: RunReport, system: SystemReport): string {
    const ratio = ratioToBaseline(report, system);
    return Number.isNaN(ratio) ? '-' : `${readable(ratio)}x`;
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

/** A column of the table; those that are not needed give way in a narrow window. */
interface Column {
    readonly title: string;
    readonly needed: boolean;
    readonly cell: (system: SystemReport, report: RunReport) => string;
}

const table: readonly Column[] = [
    { title: 'system', needed: true, cell: ({ system }) => system },
    { title: 'offered', needed: false, cell: ({ recording }) => String(recording.offered) },
    {
        title: 'valid ops/s',
        needed: true,
        cell: ({ goodputPerSecond }) => readable(goodputPerSecond),
    },
    {
        title: 'ratio',
        needed: true,
        cell: (system, report) => ratioText(report, system),
    },
    {
        title: 'success',
        needed: true,
        cell: ({ success }) => `${(success * 100).toFixed(1)}%`,
    },
    {
        title: 'p50 ms',
        needed: false,
        cell: ({ recording }) => readable(recording.latency.p50Ms),
    },
    { title: 'p95 ms', needed: true, cell: ({ recording }) => readable(recording.latency.p95Ms) },
    {
        title: 'p99 ms',
        needed: false,
        cell: ({ recording }) => readable(recording.latency.p99Ms),
    },
    {
        title: 'tx sent',
        needed: false,
        cell: ({ transactions: { valid, invalid } }) => String(valid + invalid),
    },
    {
        title: 'tx invalid',
        needed: true,
        cell: ({ transactions }) => String(transactions.invalid),
    },
    { title: 'ledger', needed: true, cell: ({ verdict }) => verdictText(verdict) },
];

/** One figure a line, where even the columns that are needed do not fit. */
function stacked(header: readonly string[], rows: readonly (readonly string[])[]): string {
    const titles = header.slice(1);
    const longest = Math.max(...titles.map(({ length }) => length));
    const figures = (row: readonly string[]): string[] =>
        titles.map((title, index) => `  ${title.padEnd(longest)}  ${row[index + 1] ?? ''}`);
    return rows.map((row) => [row[0] ?? '', ...figures(row)].join('\n')).join('\n\n');
}

/**
 * The run as a table for the terminal; with fewer columns in a window narrower than it needs, and figure by
 * figure in one narrower still.
 */
export function reportTable(report: RunReport, width = Infinity): string {
    const shown = (which: readonly Column[], show: typeof columns): string =>
        show(
            which.map(({ title }) => title),
            report.systems.map((system) => which.map(({ cell }) => cell(system, report))),
        );
    const needed = table.filter((column) => column.needed);
    const fits = (text: string): boolean => text.split('\n').every((line) => line.length <= width);
    const tables = [shown(table, columns), shown(needed, columns)];
    return tables.find(fits) ?? shown(table, stacked);
}
