/** One line of a chart. */
export interface Series {
    readonly name: string;
    readonly points: readonly (readonly [x: number, y: number])[];
}

/** What {@link lineChart} draws. */
export interface ChartOptions {
    readonly title: string;
    readonly xLabel: string;
    readonly yLabel: string;
    readonly series: readonly Series[];
    /** Use a logarithmic y axis; zeros are drawn at the bottom. @default false */
    readonly logarithmic?: boolean;
}

const [width, height] = [720, 300];
const frame = { left: 70, right: 20, top: 34, bottom: 44 };
const palette = [
    '#8a8f98',
    '#d08700',
    '#0f7b6c',
    '#3468c0',
    '#a33ea1',
    '#b3261e',
    '#4d7c0f',
    '#0e7490',
];

/** Text safe inside markup. */
export function escapeMarkup(text: string): string {
    const names: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
    return text.replace(/[&<>"]/g, (char) => names[char] ?? char);
}

function niceStep(span: number, steps: number): number {
    const rough = span / steps || 1;
    const power = 10 ** Math.floor(Math.log10(rough));
    return ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
}

function linearTicks(max: number): number[] {
    const step = niceStep(max, 5);
    return Array.from({ length: Math.floor(max / step) + 1 }, (_, index) => index * step);
}

function logarithmicTicks(max: number): number[] {
    const top = Math.max(1, Math.ceil(Math.log10(max || 1)));
    return Array.from({ length: top + 1 }, (_, power) => 10 ** power);
}

/** A line chart as SVG markup that needs nothing else: no script, no font, no network. */
export function lineChart(options: ChartOptions): string {
    const all = options.series.flatMap(({ points }) => points);
    const xMax = Math.max(1e-9, ...all.map(([x]) => x));
    const yMax = Math.max(1e-9, ...all.map(([, y]) => y));
    const yTicks = options.logarithmic === true ? logarithmicTicks(yMax) : linearTicks(yMax);
    const yTop = Math.max(yMax, yTicks.at(-1) ?? 1);
    const scaled = (y: number): number =>
        options.logarithmic === true
            ? Math.log10(Math.max(1, y)) / Math.log10(Math.max(10, yTop))
            : y / yTop;
    const px = (x: number): string =>
        (frame.left + (x / xMax) * (width - frame.left - frame.right)).toFixed(1);
    const py = (y: number): string =>
        (height - frame.bottom - scaled(y) * (height - frame.top - frame.bottom)).toFixed(1);
    const grid = yTicks.map(
        (y) =>
            `<line x1="${frame.left}" x2="${width - frame.right}" y1="${py(y)}" y2="${py(y)}" class="grid"/>` +
            `<text x="${frame.left - 8}" y="${py(y)}" dy="4" text-anchor="end">${y.toLocaleString('en-US')}</text>`,
    );
    const xTicks = linearTicks(xMax).map(
        (x) =>
            `<text x="${px(x)}" y="${height - frame.bottom + 18}" text-anchor="middle">${x}</text>`,
    );
    const lines = options.series.map(({ name, points }, index) => {
        const colour = palette[index % palette.length] ?? '#000';
        const path = points
            .map(([x, y], at) => `${at === 0 ? 'M' : 'L'}${px(x)} ${py(y)}`)
            .join('');
        return `<path d="${path}" fill="none" stroke="${colour}" stroke-width="2"><title>${escapeMarkup(name)}</title></path>`;
    });
    const legend = options.series.map(
        ({ name }, index) =>
            `<span><i style="background:${palette[index % palette.length] ?? '#000'}"></i>${escapeMarkup(name)}</span>`,
    );
    return [
        `<figure><figcaption>${escapeMarkup(options.title)}</figcaption>`,
        `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeMarkup(options.title)}">`,
        ...grid,
        ...xTicks,
        `<text x="${frame.left}" y="${frame.top - 14}">${escapeMarkup(options.yLabel)}</text>`,
        `<text x="${width - frame.right}" y="${height - 8}" text-anchor="end">${escapeMarkup(options.xLabel)}</text>`,
        ...lines,
        `</svg><div class="legend">${legend.join('')}</div></figure>`,
    ].join('');
}
