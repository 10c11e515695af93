import { probability, type Comparison } from './compare.js';
import { readable } from './figures.js';
import { ratioToBaseline, type RunReport } from './report.js';
import { columns } from './table.js';

const header = ['system', 'valid ops/s', 'after', 'change', 'p', 'p95 ms', 'after', 'verdict'];

function number(value: number): string {
    return Number.isNaN(value) ? '-' : readable(value);
}

function change(before: number, after: number): string {
    if (!(before > 0) || Number.isNaN(after)) return '-';
    const percent = (after / before - 1) * 100;
    return `${percent >= 0 ? '+' : ''}${percent.toFixed(1)}%`;
}

function cells(each: Comparison): string[] {
    const said = [...each.regressions, ...each.notes];
    return [
        each.system,
        number(each.goodputBefore),
        number(each.goodputAfter),
        change(each.goodputBefore, each.goodputAfter),
        Number.isNaN(each.p) ? '-' : probability(each.p),
        number(each.p95Before),
        number(each.p95After),
        said.length === 0 ? 'ok' : said.join('; '),
    ];
}

/** Comparisons by the run they belong to, in order. */
function byRun(comparisons: readonly Comparison[]): Map<string, Comparison[]> {
    const runs = new Map<string, Comparison[]>();
    for (const each of comparisons) {
        const name = `${each.workload}, ${each.load}`;
        runs.set(name, [...(runs.get(name) ?? []), each]);
    }
    return runs;
}

/** The comparison for the terminal. */
export function comparisonTable(comparisons: readonly Comparison[]): string {
    return [...byRun(comparisons)]
        .map(([run, each]) => `${run}\n${columns(header, each.map(cells))}`)
        .join('\n\n');
}

/** What is the same, or not, about where the reports were made. */
function where(before: readonly RunReport[], after: readonly RunReport[]): string {
    const [old, young] = [before[0], after[0]];
    const best = Math.max(
        0,
        ...after
            .flatMap((report) => report.systems.map((each) => ratioToBaseline(report, each)))
            .filter((ratio) => !Number.isNaN(ratio)),
    );
    const machines =
        old?.machine === young?.machine
            ? `Both on ${young?.machine ?? '?'}.`
            : `**Not on the same machine**: before ${old?.machine ?? '?'}, after ${young?.machine ?? '?'}.`;
    return `${machines} Best ratio to ${young?.systems[0]?.system ?? 'the baseline'}: ${readable(best)}x. p: how often chance alone would make such a difference in goodput (rank-sum test over the seconds).`;
}

/** The comparison as Markdown, for a pull request. */
export function comparisonMarkdown(
    before: readonly RunReport[],
    after: readonly RunReport[],
    comparisons: readonly Comparison[],
): string {
    const row = (values: readonly string[]): string =>
        `| ${values.map((value) => value.replaceAll('|', '\\|')).join(' | ')} |`;
    const rules = header.map((_, index) => (index === 0 || index === 7 ? '---' : '--:'));
    const sections = [...byRun(comparisons)].map(([run, each]) => {
        const worse = each.filter(({ regressions }) => regressions.length > 0).length;
        const verdict = worse === 0 ? 'no regression' : `${worse} of ${each.length} regressed`;
        const rows = each.map((one) => row(cells(one)));
        return [`### ${run}: ${verdict}`, '', row(header), row(rules), ...rows].join('\n');
    });
    return [...sections, where(before, after)].join('\n\n');
}
