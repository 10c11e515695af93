/** One line of a chart. */
export interface Series {
    readonly name: string;
    readonly points: readonly (readonly [x: number, y: number])[];
}

/** A place on an axis that is named. */
export interface Tick {
    readonly at: number;
    readonly label: string;
}

/** What {@link lineChart} draws. */
export interface ChartOptions {
    readonly title: string;
    /** What it shows and how to read it, in a sentence. */
    readonly note?: string;
    readonly xLabel: string;
    readonly yLabel: string;
    readonly series: readonly Series[];
    /** Places on the x axis; evenly chosen unless given. */
    readonly xTicks?: readonly Tick[];
    /** Draws the line y = x up to the highest x: what was offered. @default false */
    readonly diagonal?: boolean;
    /** Use a logarithmic y axis; what is below its least power of ten is drawn at the bottom. @default false */
    readonly logarithmic?: boolean;
}

const frame = { right: 16, top: 34, bottom: 44 };

/** Text safe inside markup. */
export function escapeMarkup(text: string): string {
    const names: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
    return text.replace(/[&<>"]/g, (char) => names[char] ?? char);
}

function niceStep(span: number, steps: number): number {
    const rough = span / steps || 1;
    const power = 10 ** Math.floor(Math.log10(rough));
    return ([1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999) ?? 10) * power;
}

function linearTicks(max: number, steps: number): Tick[] {
    const step = niceStep(max, steps);
    return Array.from({ length: Math.floor(max / step + 1e-9) + 1 }, (_, index) => {
        const at = index * step;
        return { at, label: Number(at.toPrecision(12)).toLocaleString('en-US') };
    });
}

/** Whole powers of ten, from the one below the least value that is at least 1. */
function logarithmicTicks(values: readonly number[]): Tick[] {
    const shown = values.filter((value) => value >= 1);
    const bottom = Math.floor(Math.log10(Math.min(...shown, 1e9)));
    const top = Math.ceil(Math.log10(Math.max(...shown, 1)));
    const from = Math.min(bottom, Math.max(0, top - 1));
    return Array.from({ length: Math.max(from + 1, top) - from + 1 }, (_, step) => ({
        at: 10 ** (from + step),
        label: (10 ** (from + step)).toLocaleString('en-US'),
    }));
}

/** A mark of its own for each line, so that it is not colour alone that tells them apart. */
function marker(series: number, x: string, y: string): string {
    const shapes = [
        `<circle cx="${x}" cy="${y}" r="3.2"/>`,
        `<path d="M${x} ${y}m-3.4 3 3.4-6.4 3.4 6.4z"/>`,
        `<path d="M${x} ${y}m-3-3h6v6h-6z"/>`,
        `<path d="M${x} ${y}m0-4.2 4.2 4.2-4.2 4.2-4.2-4.2z"/>`,
    ];
    return shapes[series % shapes.length] ?? '';
}

/** More marks than these on one line would only hide it. */
const MOST_MARKS = 40;

/** What stands beside a line's name: a piece of it, with its mark. */
export function legendSample(series: number): string {
    return `<svg class="sample s${series % 8}" viewBox="0 0 26 10" aria-hidden="true"><path class="line" d="M0 5H26"/>${marker(series, '13', '5')}</svg>`;
}

/** How large a chart is drawn; text in it has the size of the page's when it is shown as wide as that. */
interface Size {
    readonly name: 'broad' | 'narrow';
    readonly width: number;
    readonly height: number;
    readonly xTicks: number;
}

/** The style shows the one that fits the window: text in the broad one could not be read on a phone. */
const sizes: readonly Size[] = [
    { name: 'broad', width: 720, height: 300, xTicks: 10 },
    { name: 'narrow', width: 360, height: 280, xTicks: 5 },
];

function drawing(options: ChartOptions, size: Size): string {
    const { series, title, logarithmic = false } = options;
    const { width, height } = size;
    const all = series.flatMap(({ points }) => points);
    const xs = [...all.map(([x]) => x), ...(options.xTicks ?? []).map(({ at }) => at)];
    const xMax = Math.max(1e-9, ...xs);
    const yMax = Math.max(1e-9, ...all.map(([, y]) => y));
    const yTicks = logarithmic ? logarithmicTicks(all.map(([, y]) => y)) : linearTicks(yMax, 5);
    const yTop = Math.max(yMax, yTicks.at(-1)?.at ?? 1);
    const yBottom = yTicks[0]?.at ?? 1;
    const left = 18 + 7.5 * Math.max(...yTicks.map(({ label }) => label.length));
    const scaled = (y: number): number =>
        logarithmic
            ? Math.log10(Math.max(1, y / yBottom)) / Math.log10(yTop / yBottom)
            : Math.min(y, yTop) / yTop;
    const px = (x: number): string => (left + (x / xMax) * (width - left - frame.right)).toFixed(1);
    const py = (y: number): string =>
        (height - frame.bottom - scaled(y) * (height - frame.top - frame.bottom)).toFixed(1);
    const grid = yTicks.map(
        ({ at, label }) =>
            `<line x1="${left}" x2="${width - frame.right}" y1="${py(at)}" y2="${py(at)}" class="grid"/>` +
            `<text x="${left - 8}" y="${py(at)}" dy="4" text-anchor="end">${label}</text>`,
    );
    const xTicks = (options.xTicks ?? linearTicks(xMax, size.xTicks)).map(
        ({ at, label }) =>
            `<line x1="${px(at)}" x2="${px(at)}" y1="${height - frame.bottom}" y2="${height - frame.bottom + 4}" class="axis"/>` +
            `<text x="${px(at)}" y="${height - frame.bottom + 18}" text-anchor="middle">${escapeMarkup(label)}</text>`,
    );
    const lines = series.map(({ name, points }, index) => {
        const path = points
            .map(([x, y], at) => `${at === 0 ? 'M' : 'L'}${px(x)} ${py(y)}`)
            .join('');
        const marks =
            points.length > MOST_MARKS ? [] : points.map(([x, y]) => marker(index, px(x), py(y)));
        return `<g class="s${index % 8}"><title>${escapeMarkup(name)}</title><path class="line" d="${path}"/>${marks.join('')}</g>`;
    });
    const ideal = Math.min(xMax, yTop);
    const diagonal =
        options.diagonal === true
            ? `<line x1="${px(0)}" y1="${py(0)}" x2="${px(ideal)}" y2="${py(ideal)}" class="ideal"><title>all that was offered</title></line>`
            : '';
    return [
        `<svg class="chart ${size.name}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeMarkup(title)}">`,
        ...grid,
        ...xTicks,
        `<text x="0" y="${frame.top - 16}">${escapeMarkup(options.yLabel)}</text>`,
        `<text x="${width - frame.right}" y="${height - 6}" text-anchor="end">${escapeMarkup(options.xLabel)}</text>`,
        diagonal,
        ...lines,
        '</svg>',
    ].join('');
}

/** A line chart as SVG markup that needs nothing else: no script, no font, no network. */
export function lineChart(options: ChartOptions): string {
    const { series, title, diagonal = false } = options;
    const legend = series.map(
        ({ name }, index) => `<li>${legendSample(index)}${escapeMarkup(name)}</li>`,
    );
    const offered = diagonal
        ? '<li><svg class="sample" viewBox="0 0 26 10" aria-hidden="true"><path class="ideal" d="M0 5H26"/></svg>offered</li>'
        : '';
    const note = options.note === undefined ? '' : `<p>${escapeMarkup(options.note)}</p>`;
    return [
        `<figure><figcaption><h3>${escapeMarkup(title)}</h3>${note}</figcaption>`,
        ...sizes.map((size) => drawing(options, size)),
        `<ul class="legend">${legend.join('')}${offered}</ul></figure>`,
    ].join('');
}
