import { BenchError } from '../errors.js';
import { figures, readable, type Figure } from './figures.js';
import { ratioToBaseline, type RunReport, type SystemReport } from './report.js';

/** The load stands above the table. */
const columns: readonly Figure[] = Object.values(figures).filter(
    (each) => each !== figures.offered,
);
const header = ['workload', ...columns.map(({ title }) => title)];

function row(values: readonly string[]): string {
    return `| ${values.map((value) => value.replaceAll('|', '\\|')).join(' | ')} |`;
}

function cells(report: RunReport, each: SystemReport, first: boolean): string[] {
    const cell = (column: Figure): string => {
        const text = column.cell(each, report);
        const stressed = column === figures.ratio && each !== report.systems[0];
        return stressed ? `**${text}**` : text.replace(/^FAILED/, '**FAILED**');
    };
    return [first ? report.workload : '', ...columns.map(cell)];
}

/** What got worse: said beside the tables, because nobody reads it off them. */
function losses(reports: readonly RunReport[]): string[] {
    return reports.flatMap((report) => {
        const [baseline, ...others] = report.systems;
        if (baseline === undefined) return [];
        return others.flatMap((each) => {
            const ratio = ratioToBaseline(report, each);
            const [ours, theirs] = [each.recording.latency.p95Ms, baseline.recording.latency.p95Ms];
            const slower = theirs > 0 && ours > theirs * 1.1;
            const said = [
                ...(ratio < 0.97 ? [`${readable(ratio)}x the goodput`] : []),
                ...(slower ? [`a p95 of ${readable(ours)} ms against ${readable(theirs)} ms`] : []),
            ];
            return said.length === 0
                ? []
                : [`- ${report.workload}, ${each.system}: ${said.join(', ')}`];
        });
    });
}

/** Runs as Markdown tables, with where and how they were made, and what got worse. */
export function reportsMarkdown(reports: readonly RunReport[]): string {
    const [first] = reports;
    const seeds = [...new Set(reports.map(({ seed }) => seed))].join(', ');
    const rows = reports.flatMap((report) =>
        report.systems.map((each, index) => row(cells(report, each, index === 0))),
    );
    const loads = [...new Set(reports.map(({ load }) => load))].join('; ');
    const hashes = reports.flatMap((report) =>
        report.systems.map((each) =>
            row([report.workload, each.system, `\`${each.stateHash.slice(0, 16)}\``]),
        ),
    );
    const worse = losses(reports);
    return [
        `Load: ${loads}. Seed: ${seeds}. ${first?.machine ?? ''}, on ${first?.network ?? ''}, ${first?.startedAt.slice(0, 10) ?? ''}.`,
        [row(header), row(header.map((_, index) => (index < 2 ? '---' : '--:'))), ...rows].join(
            '\n',
        ),
        ...(worse.length === 0
            ? []
            : [`What got worse against the first system:\n\n${worse.join('\n')}`]),
        `<details><summary>Final states, SHA-256</summary>\n\n${[row(['workload', 'system', 'state']), row(['---', '---', '---']), ...hashes].join('\n')}\n\n</details>`,
    ].join('\n\n');
}

/** The marks between which a page holds what {@link intoPage} writes. */
export const PAGE_MARKS = ['<!-- bench all -->', '<!-- /bench all -->'] as const;

/** A page with the text between its marks replaced. Throws `BENCH_REPORT_UNREADABLE` when it has none. */
export function intoPage(page: string, text: string): string {
    const [opening, closing] = PAGE_MARKS;
    const [from, to] = [page.indexOf(opening), page.indexOf(closing)];
    if (from < 0 || to < from) {
        throw new BenchError(
            'BENCH_REPORT_UNREADABLE',
            `The page has no place for the tables: put ${opening} and ${closing} where they are to stand.`,
        );
    }
    return `${page.slice(0, from + opening.length)}\n\n${text}\n\n${page.slice(to)}`;
}
