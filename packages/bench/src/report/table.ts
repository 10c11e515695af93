import { figures, type Figure } from './figures.js';
import type { RunReport } from './report.js';

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

const everything: readonly Figure[] = Object.values(figures);

/** What is left in a narrow window. */
const needed: readonly Figure[] = [
    figures.system,
    figures.goodput,
    figures.ratio,
    figures.success,
    figures.p95,
    figures.invalid,
    figures.ledger,
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
    const shown = (which: readonly Figure[], show: typeof columns): string =>
        show(
            which.map(({ title }) => title),
            report.systems.map((system) => which.map(({ cell }) => cell(system, report))),
        );
    const fits = (text: string): boolean => text.split('\n').every((line) => line.length <= width);
    const tables = [shown(everything, columns), shown(needed, columns)];
    return tables.find(fits) ?? shown(everything, stacked);
}
