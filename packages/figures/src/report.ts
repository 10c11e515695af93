import { writeFileSync } from 'node:fs';
import { figureRow, type FigureInput, type FigureRow } from './row.js';

/** What a benchmark's command line asks for. */
export interface FiguresOptions {
    /** Keep the whole run under 30 seconds. */
    readonly quick: boolean;
    /** Where to write the rows as JSON, if anywhere. */
    readonly json?: string;
    /** Arguments that are the benchmark's own. */
    readonly rest: readonly string[];
}

/** Reads `--quick` and `--json FILE`, leaving everything else to the benchmark. */
export function parseFiguresArguments(args: readonly string[]): FiguresOptions {
    const rest: string[] = [];
    let quick = false;
    let json: string | undefined;
    for (let index = 0; index < args.length; index++) {
        const arg = args[index] ?? '';
        if (arg === '--quick') quick = true;
        else if (arg === '--json') {
            json = args[++index];
            if (json === undefined) throw new Error('--json needs a file name after it');
        } else rest.push(arg);
    }
    return { quick, rest, ...(json === undefined ? undefined : { json }) };
}

function cell(value: unknown): string {
    return typeof value === 'number' ? String(value) : typeof value === 'string' ? value : '';
}

function formatTable(rows: readonly FigureRow[]): string {
    const header = ['id', 'value', 'unit', 'baseline', 'baseline value', 'times better', 'note'];
    const lines = rows.map((row) => [
        row.id,
        cell(row.value),
        row.unit,
        cell(row.baseline),
        cell(row.baselineValue),
        cell(row.ratio),
        row.invalid === undefined ? '' : `INVALID: ${row.invalid}`,
    ]);
    const widths = header.map((title, column) =>
        Math.max(title.length, ...lines.map((line) => line[column]?.length ?? 0)),
    );
    const format = (line: readonly string[]): string =>
        line
            .map((text, column) => text.padEnd(widths[column] ?? 0))
            .join('  ')
            .trimEnd();
    return [header, widths.map((width) => '-'.repeat(width)), ...lines].map(format).join('\n');
}

/**
 * Collects the rows of one benchmark run.
 *
 * @example
 * ```ts
 * const report = new FiguresReport(parseFiguresArguments(process.argv.slice(2)));
 * report.add({ id: 'keys.encode-4part', unit: 'ns', better: 'lower', ours: [210, 212, 209] });
 * process.exitCode = report.finish();
 * ```
 */
export class FiguresReport {
    readonly #rows: FigureRow[] = [];

    readonly options: FiguresOptions;

    constructor(options: FiguresOptions) {
        this.options = options;
    }

    /** The rows so far. */
    get rows(): readonly FigureRow[] {
        return this.#rows;
    }

    /** Summarises samples and keeps the row. */
    add(input: FigureInput): FigureRow {
        const row = figureRow(input);
        this.#rows.push(row);
        return row;
    }

    /** Prints the table, writes the JSON, and returns the exit code: 1 when any row is invalid. */
    finish(print: (text: string) => void = console.log): 0 | 1 {
        print(formatTable(this.#rows));
        if (this.options.json !== undefined) {
            writeFileSync(this.options.json, `${JSON.stringify(this.#rows, null, 2)}\n`);
        }
        return this.#rows.some((row) => row.invalid !== undefined) ? 1 : 0;
    }
}
