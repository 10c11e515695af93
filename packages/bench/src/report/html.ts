import { outcomeClasses } from '../measure/outcome.js';
import { escapeMarkup, lineChart, type Series } from './chart.js';
import { ratioToBaseline, type RunReport } from './report.js';
import { readable } from './table.js';

const style = `
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1d21;background:#fff}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}th,td{padding:.35rem .6rem;text-align:right;border-bottom:1px solid #ddd}
th:first-child,td:first-child{text-align:left}.bad{color:#b3261e;font-weight:600}figure{margin:2rem 0}figcaption{font-weight:600}
svg{width:100%;height:auto;font-size:12px;fill:#555}.grid{stroke:#e3e3e3}.legend span{margin-right:1.2rem}.legend i{display:inline-block;width:.8rem;height:.8rem;margin-right:.35rem;border-radius:2px}
@media(prefers-color-scheme:dark){body{background:#14161a;color:#e6e6e6}th,td{border-color:#333}.grid{stroke:#2a2d33}svg{fill:#aaa}}`;

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
    const head = header.map((each) => `<th scope="col">${escapeMarkup(each)}</th>`).join('');
    const body = rows
        .map((row) => `<tr>${row.map((each) => `<td>${escapeMarkup(each)}</td>`).join('')}</tr>`)
        .join('');
    return `<table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>`;
}

function summary(report: RunReport): string {
    const rows = report.systems.map((each) => [
        each.system,
        readable(each.goodputPerSecond),
        `${readable(ratioToBaseline(report, each))}x`,
        `${(each.success * 100).toFixed(1)}%`,
        readable(each.recording.latency.p50Ms),
        readable(each.recording.latency.p95Ms),
        readable(each.recording.latency.p99Ms),
        String(each.transactions.valid + each.transactions.invalid),
        String(each.transactions.invalid),
        each.verdict.ok ? 'verified' : each.verdict.problems.join('; '),
    ]);
    const header = 'system,valid ops/s,ratio,success,p50 ms,p95 ms,p99 ms,tx,invalid tx,ledger';
    return table(header.split(','), rows);
}

function outcomes(report: RunReport): string {
    const seen = outcomeClasses.filter((each) =>
        report.systems.some(({ recording }) => recording.counts[each] > 0),
    );
    return table(
        ['system', ...seen],
        report.systems.map(({ system, recording }) => [
            system,
            ...seen.map((each) => String(recording.counts[each])),
        ]),
    );
}

function codes(report: RunReport): string {
    const seen = [
        ...new Set(report.systems.flatMap((each) => Object.keys(each.transactions.byCode))),
    ].sort();
    return table(
        ['system', ...seen],
        report.systems.map(({ system, transactions }) => [
            system,
            ...seen.map((code) => String(transactions.byCode[code] ?? 0)),
        ]),
    );
}

function goodputOverTime(report: RunReport): string {
    const series = report.systems.map(({ system, recording }): Series => ({
        name: system,
        points: recording.seconds.map(({ second, committed }) => [second, committed] as const),
    }));
    const title = 'Goodput over time';
    return lineChart({ title, xLabel: 'second', yLabel: 'valid operations a second', series });
}

function latencyPercentiles(report: RunReport): string {
    const series = report.systems.map(({ system, recording: { latency } }): Series => ({
        name: system,
        points: [
            [0, 0],
            [50, latency.p50Ms],
            [90, latency.p90Ms],
            [95, latency.p95Ms],
            [99, latency.p99Ms],
            [100, latency.maxMs],
        ],
    }));
    const title = 'Latency of committed operations by percentile';
    return lineChart({ title, xLabel: 'percentile', yLabel: 'ms', series, logarithmic: true });
}

/** How goodput follows the offered load, over several runs of one workload. */
export function saturationCurve(reports: readonly RunReport[]): string {
    const names = [
        ...new Set(reports.flatMap(({ systems }) => systems.map(({ system }) => system))),
    ];
    const series = names.map((name): Series => ({
        name,
        points: reports
            .flatMap(({ systems }) => systems.filter(({ system }) => system === name))
            .map((each): readonly [number, number] => [
                (each.recording.offered / Math.max(1, each.load.elapsedMs)) * 1000,
                each.goodputPerSecond,
            ])
            .sort(([a], [b]) => a - b),
    }));
    const title = 'Saturation';
    const yLabel = 'valid operations a second';
    return lineChart({ title, xLabel: 'operations offered a second', yLabel, series });
}

/** Reports as one page that needs nothing else: no script, no font, no network. */
export function reportHtml(reports: readonly RunReport[]): string {
    const sections = reports.map(
        (report) => `<section><h2>${escapeMarkup(report.workload)}</h2>
<p>${escapeMarkup(report.load)}, seed ${escapeMarkup(report.seed)}, on ${escapeMarkup(report.network)}, ${escapeMarkup(report.machine)}, ${escapeMarkup(report.startedAt)}${report.interrupted === true ? ', <b class="bad">ended early</b>' : ''}.
Operations are logical operations; transactions are counted apart, from the blocks.</p>
${summary(report)}${goodputOverTime(report)}${latencyPercentiles(report)}<h3>Outcomes of operations</h3>${outcomes(report)}<h3>Transactions by validation code</h3>${codes(report)}</section>`,
    );
    const curve = reports.length > 1 ? saturationCurve(reports) : '';
    return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Goodput report</title><style>${style}</style></head><body><h1>Goodput report</h1>${sections.join('')}${curve}</body></html>\n`;
}
