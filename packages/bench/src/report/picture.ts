import { escapeMarkup } from './chart.js';
import { ratioToBaseline, type RunReport, type SystemReport } from './report.js';
import { readable } from './figures.js';

const width = 760;
const margin = 20;
const rowHeight = 96;
const top = 64;
/** The bars of a second; what is left of a row is its text. */
const barHeight = 58;

const style = `text{font:14px system-ui,-apple-system,"Segoe UI",sans-serif;fill:#1b1d21}.title{font-size:17px;font-weight:600}.soft{fill:#5b616b;font-size:12.5px}
.paper{fill:#fff}.rule{stroke:#dfe2e7}.s0{fill:#6b7280}.s1{fill:#0072b2}.s2{fill:#00805c}.s3{fill:#b35c00}
@media(prefers-color-scheme:dark){text{fill:#e8eaed}.soft{fill:#a3a9b4}.paper{fill:#14161a}.rule{stroke:#343943}.s0{fill:#a3a9b4}.s1{fill:#5ab4f0}.s2{fill:#3fd0a0}.s3{fill:#f5a04a}}`;

function told(report: RunReport, system: SystemReport): string {
    const parts = [
        `${readable(system.goodputPerSecond)} valid operations a second`,
        `${(system.success * 100).toFixed(1)}% of all`,
        `p95 ${readable(system.recording.latency.p95Ms)} ms`,
    ];
    const ratio = ratioToBaseline(report, system);
    return (ratio === 1 || Number.isNaN(ratio) ? parts : [`${readable(ratio)}x`, ...parts]).join(
        ' · ',
    );
}

/** A run as one picture: what each system committed, second by second, on one scale. It follows light and dark. */
export function goodputPicture(report: RunReport): string {
    const { systems } = report;
    const seconds = Math.max(1, ...systems.map(({ recording }) => recording.seconds.length));
    const most = Math.max(
        1,
        ...systems.flatMap(({ recording }) => recording.seconds.map(({ committed }) => committed)),
    );
    const height = top + systems.length * rowHeight + 34;
    const step = (width - 2 * margin) / seconds;
    const rows = systems.map((system, index) => {
        const base = top + (index + 1) * rowHeight - 8;
        const bars = system.recording.seconds.map(({ second, committed }) => {
            const tall = (committed / most) * barHeight;
            return `<rect x="${(margin + second * step).toFixed(1)}" y="${(base - tall).toFixed(1)}" width="${(step * 0.86).toFixed(1)}" height="${tall.toFixed(1)}"><title>second ${second}: ${committed} valid</title></rect>`;
        });
        return [
            `<text x="${margin}" y="${base - barHeight - 12}" font-weight="600">${escapeMarkup(system.system)}</text>`,
            `<text x="${width - margin}" y="${base - barHeight - 12}" text-anchor="end" class="soft">${escapeMarkup(told(report, system))}</text>`,
            `<g class="s${index % 4}">${bars.join('')}</g>`,
            `<line x1="${margin}" x2="${width - margin}" y1="${base}" y2="${base}" class="rule"/>`,
        ].join('');
    });
    const title = `Valid operations, second by second: ${report.workload}, ${report.load}`;
    return [
        `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escapeMarkup(title)}">`,
        `<style>${style}</style><rect class="paper" width="${width}" height="${height}" rx="8"/>`,
        `<text x="${margin}" y="36" class="title">${escapeMarkup(title)}</text>`,
        ...rows,
        `<text x="${margin}" y="${height - 14}" class="soft">${escapeMarkup(`${report.machine}, on ${report.network}; every ledger ${systems.every(({ verdict }) => verdict.ok) ? 'verified' : 'checked, and NOT in order'}.`)}</text>`,
        '</svg>\n',
    ].join('\n');
}
