import { outcomeClasses } from '../measure/outcome.js';
import { outcomeBars, goodputBars } from './bars.js';
import { escapeMarkup, lineChart, type Series } from './chart.js';
import { counted, figures, readable } from './figures.js';
import {
    ratioToBaseline,
    verdictText,
    type RunReport,
    type SystemReport,
    type Verdict,
} from './report.js';
import { pageStyle } from './style.js';

interface Cell {
    readonly text: string;
    readonly kind?: 'bad' | 'good' | 'text';
}

function table(header: readonly string[], rows: readonly (readonly (string | Cell)[])[]): string {
    const head = header.map((each) => `<th scope="col">${escapeMarkup(each)}</th>`).join('');
    const cell = (each: string | Cell): string => {
        if (typeof each === 'string') return `<td>${escapeMarkup(each)}</td>`;
        const kind = each.kind === undefined ? '' : ` class="${each.kind}"`;
        return `<td${kind}>${escapeMarkup(each.text)}</td>`;
    };
    const body = rows.map((row) => `<tr>${row.map(cell).join('')}</tr>`).join('');
    return `<div class="wide"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}

function verdictCell({ verdict }: SystemReport): Cell {
    return verdict.ok
        ? { text: verdictText(verdict), kind: 'good' }
        : { text: `FAILED: ${verdict.problems.join('; ')}`, kind: 'bad' };
}

function summary(report: RunReport): string {
    const columns = Object.values(figures).filter((each) => each !== figures.ledger);
    const rows = report.systems.map((each) => [
        ...columns.map(({ cell }) => cell(each, report)),
        verdictCell(each),
    ]);
    return table(
        [...columns, figures.ledger].map(({ title }) => title),
        rows,
    );
}

/** The run in a sentence: the best system whose ledger is right, against the first. */
function headline(report: RunReport): string {
    const [baseline, ...others] = report.systems;
    const failed = report.systems.filter(({ verdict }) => !verdict.ok);
    if (failed.length > 0) {
        const names = failed.map(({ system }) => escapeMarkup(system)).join(', ');
        return `<p class="headline bad">The ledger does not hold what was reported: ${names}. Its speed counts for nothing.</p>`;
    }
    const best = [...others].sort((a, b) => b.goodputPerSecond - a.goodputPerSecond)[0];
    if (baseline === undefined || best === undefined) return '';
    return `<p class="headline"><b>${escapeMarkup(best.system)}</b> committed <b>${readable(best.goodputPerSecond)}</b> valid operations a second (${(best.success * 100).toFixed(1)}% of what was offered), <b>${readable(ratioToBaseline(report, best))} times</b> the ${readable(baseline.goodputPerSecond)} of ${escapeMarkup(baseline.system)}.</p>`;
}

/** What may be wrong with a ledger; a report of an older version lacks some of it. */
const findings = {
    lost: 'lost',
    duplicated: 'duplicated',
    unreported: 'unreported',
    altered: 'altered',
    misreported: 'misreported',
    wrongKeys: 'wrong keys',
} as const;
const findingNames = Object.keys(findings) as (keyof typeof findings)[];

function details(report: RunReport): string {
    const classes = outcomeClasses.filter((each) =>
        report.systems.some(({ recording }) => recording.counts[each] > 0),
    );
    const codes = [
        ...new Set(report.systems.flatMap((each) => Object.keys(each.transactions.byCode))),
    ].sort();
    const outcomes = table(
        ['operations', ...classes],
        report.systems.map(({ system, recording }) => [
            system,
            ...classes.map((each) => counted(recording.counts[each])),
        ]),
    );
    const transactions = table(
        ['transactions', ...codes],
        report.systems.map(({ system, transactions: { byCode } }) => [
            system,
            ...codes.map((code) => counted(byCode[code] ?? 0)),
        ]),
    );
    const ledger = table(
        ['ledger', ...Object.values(findings), 'final state, SHA-256'],
        report.systems.map(({ system, verdict, stateHash }) => [
            system,
            ...findingNames.map((each) => String((verdict as Partial<Verdict>)[each] ?? '-')),
            { text: stateHash.slice(0, 16) },
        ]),
    );
    const failures = report.systems.flatMap(({ system, recording }) =>
        recording.details.map(({ detail, count }) => [
            system,
            String(count),
            { text: detail, kind: 'text' as const },
        ]),
    );
    const seen = failures.length === 0 ? '' : table(['failures', 'times', 'detail'], failures);
    return `<h3>Figures</h3>${outcomes}${transactions}${ledger}${seen === '' ? '' : `<details><summary>What failed, in the systems' own words</summary>${seen}</details>`}`;
}

function goodputOverTime(report: RunReport): string {
    const series = report.systems.map(({ system, recording }): Series => ({
        name: system,
        points: recording.seconds.map(({ second, committed }) => [second, committed] as const),
    }));
    return lineChart({
        title: 'Goodput over time',
        note: 'Valid operations by the second in which they were committed; what comes after the load is the queue being worked off.',
        xLabel: 'second of the run',
        yLabel: 'valid operations a second',
        series,
    });
}

/** Percentiles are drawn by the nines behind them: the tail is what matters, and it is drawn as wide. */
const nines = (percent: number): number => -Math.log10(1 - percent / 100);

function latencyPercentiles(report: RunReport): string {
    const series = report.systems
        .filter(({ recording }) => recording.latency.count > 0)
        .map(({ system, recording: { latency } }): Series => ({
            name: system,
            points: [
                [nines(50), latency.p50Ms],
                [nines(90), latency.p90Ms],
                [nines(95), latency.p95Ms],
                [nines(99), latency.p99Ms],
            ],
        }));
    return lineChart({
        title: 'Latency of committed operations',
        note: 'From the instant an operation was due to its commit, so a client that stalls cannot hide it. Both axes are logarithmic.',
        xLabel: 'percentile',
        yLabel: 'milliseconds',
        xTicks: [50, 90, 95, 99].map((percent) => ({ at: nines(percent), label: `p${percent}` })),
        series,
        logarithmic: true,
    });
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
    return lineChart({
        title: `Saturation: ${reports[0]?.workload ?? ''}`,
        note: 'Where a line leaves the dotted one, the system no longer commits what it is offered.',
        xLabel: 'operations offered a second',
        yLabel: 'valid operations a second',
        series,
        diagonal: true,
    });
}

function about(report: RunReport): string {
    const [first] = report.systems;
    const people = Object.entries(first?.load.people ?? {})
        .map(([role, count]) => `${count} × ${role}`)
        .join(', ');
    const parts = [
        report.load,
        ...(people === '' ? [] : [people]),
        `seed “${report.seed}”`,
        `on ${report.network}`,
        report.machine,
        report.startedAt.slice(0, 16).replace('T', ' '),
    ];
    const early =
        report.interrupted === true
            ? ' <b class="bad">Ended early: not every system was measured in full.</b>'
            : '';
    return `<p class="about">${escapeMarkup(parts.join(' · '))}.${early}</p>`;
}

function section(report: RunReport): string {
    return [
        `<section><h2>${escapeMarkup(report.workload)}</h2>${about(report)}`,
        headline(report),
        summary(report),
        goodputBars(report),
        goodputOverTime(report),
        latencyPercentiles(report),
        outcomeBars(report),
        details(report),
        '</section>',
    ].join('');
}

/** Reports of the same workload under different loads, which make a curve together. */
function curves(reports: readonly RunReport[]): string {
    const names = [...new Set(reports.map(({ workload }) => workload))];
    return names
        .map((name) => reports.filter(({ workload }) => workload === name))
        .filter((group) => group.length > 1)
        .map(saturationCurve)
        .join('');
}

/** Nothing may be fetched, whatever stands in a report. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/** Reports as one page that needs nothing else: no script, no font, no network. */
export function reportHtml(reports: readonly RunReport[]): string {
    const names = [...new Set(reports.map(({ workload }) => workload))].join(', ');
    return [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        `<title>Goodput: ${escapeMarkup(names)}</title><style>${pageStyle}</style></head>`,
        `<body><h1>Goodput report: ${escapeMarkup(names)}</h1>`,
        '<p class="about">Operations are logical operations, one call each; transactions are counted apart, from the blocks. After each system the ledger was read back and held against what was reported.</p>',
        curves(reports),
        ...reports.map(section),
        '</body></html>\n',
    ].join('');
}
