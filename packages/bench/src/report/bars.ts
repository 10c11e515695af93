import { outcomeClasses, type OutcomeClass } from '../measure/outcome.js';
import { escapeMarkup } from './chart.js';
import { figures, readable } from './figures.js';
import type { RunReport } from './report.js';

function figure(title: string, note: string, body: string): string {
    return `<figure><figcaption><h3>${escapeMarkup(title)}</h3><p>${escapeMarkup(note)}</p></figcaption>${body}</figure>`;
}

/** The systems side by side, by what they committed. */
export function goodputBars(report: RunReport): string {
    const most = Math.max(1e-9, ...report.systems.map(({ goodputPerSecond }) => goodputPerSecond));
    const rows = report.systems.map((each, index) => {
        const share = (each.goodputPerSecond / most).toFixed(4);
        const value = `${readable(each.goodputPerSecond)}/s, ${figures.ratio.cell(each, report)}`;
        return `<span>${escapeMarkup(each.system)}</span><div class="track s${index % 8}"><div class="bar" style="--share:${share}"></div><span class="value">${value}</span></div>`;
    });
    return figure(
        'Side by side',
        'Valid operations a second, and how many times the first system that is.',
        `<div class="bars">${rows.join('')}</div>`,
    );
}

/** Outcomes by colour: good ones are blue and green, conflicts orange, the rest the rest. */
const colours: Readonly<Record<OutcomeClass, string>> = {
    committed: 's2',
    rejected: 's3',
    'mvcc-conflict': 's1',
    'phantom-conflict': 's5',
    invalid: 's7',
    'endorsement-failed': 's4',
    overload: 's6',
    timeout: 's0',
    failed: 's0',
};

/** What became of the operations offered, as one bar a system. */
export function outcomeBars(report: RunReport): string {
    const seen = outcomeClasses.filter((each) =>
        report.systems.some(({ recording }) => recording.counts[each] > 0),
    );
    const rows = report.systems.map(({ system, recording }) => {
        const total = Math.max(1, recording.offered);
        const parts = seen
            .filter((each) => recording.counts[each] > 0)
            .map((each) => {
                const share = ((recording.counts[each] / total) * 100).toFixed(2);
                return `<span class="${colours[each]}" style="width:${share}%" title="${each}: ${recording.counts[each]} of ${total} (${share}%)"></span>`;
            });
        return `<span>${escapeMarkup(system)}</span><div class="stack">${parts.join('')}</div>`;
    });
    const legend = seen.map(
        (each) => `<li><i class="swatch ${colours[each]}"></i>${each.replaceAll('-', ' ')}</li>`,
    );
    return figure(
        'What became of the operations',
        'Of all that were offered; “rejected” is the contract’s own refusal, such as an empty shelf.',
        `<div class="bars">${rows.join('')}</div><ul class="legend">${legend.join('')}</ul>`,
    );
}
