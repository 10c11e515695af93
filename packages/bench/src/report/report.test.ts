import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { seededRandom } from '../load/random.js';
import { Recorder } from '../measure/recorder.js';
import { lineChart } from './chart.js';
import { compareReports } from './compare.js';
import { comparisonMarkdown, comparisonTable } from './comparison-table.js';
import { reportHtml } from './html.js';
import { intoPage, PAGE_MARKS, reportsMarkdown } from './markdown.js';
import { goodputPicture } from './picture.js';
import { readReports, type RunReport, type SystemReport } from './report.js';
import { rankSum } from './statistics.js';
import { reportTable } from './table.js';

/** A system that committed so many in each second, each operation after `latencyMs`. */
function system(name: string, perSecond: readonly number[], latencyMs = 10): SystemReport {
    const recorder = new Recorder(0);
    perSecond.forEach((count, second) => {
        for (let i = 0; i < count; i++) {
            recorder.offer(second * 1000);
            recorder.end(
                { class: 'committed', transactions: 1 },
                second * 1000,
                second * 1000 + latencyMs,
            );
        }
    });
    const recording = recorder.recording();
    return {
        system: name,
        workload: 'hot-counter',
        load: {
            offered: recording.offered,
            elapsedMs: perSecond.length * 1000,
            lateness: { meanMs: 0, maxMs: 0 },
        },
        recording,
        goodputPerSecond: recording.counts.committed / perSecond.length,
        success: 1,
        transactions: {
            valid: recording.offered,
            invalid: 0,
            byCode: { VALID: recording.offered },
            blocks: 3,
        },
        stateHash: '0'.repeat(64),
        verdict: {
            ok: true,
            lost: 0,
            duplicated: 0,
            unreported: 0,
            altered: 0,
            misreported: 0,
            wrongKeys: 0,
            problems: [],
        },
    };
}

function run(...systems: SystemReport[]): RunReport {
    return {
        form: 'goodput-bench-1',
        startedAt: '2026-01-01T00:00:00.000Z',
        machine: '2 cores',
        network: 'devnet',
        workload: 'hot-counter',
        seed: 'one',
        load: '300/s for 20 s',
        systems,
    };
}

/** The exact two-sided p of the rank sum, over every way to divide the values. */
function exactP(first: readonly number[], second: readonly number[]): number {
    const all = [...first, ...second];
    const u = (chosen: ReadonlySet<number>): number => {
        let sum = 0;
        all.forEach((b, j) => {
            if (!chosen.has(j)) return;
            all.forEach((a, i) => {
                if (!chosen.has(i)) sum += b > a ? 1 : b === a ? 0.5 : 0;
            });
        });
        return sum;
    };
    const middle = (first.length * second.length) / 2;
    const seen = Math.abs(u(new Set(second.map((_, i) => first.length + i))) - middle);
    let [extreme, total] = [0, 0];
    for (let mask = 0; mask < 1 << all.length; mask++) {
        const chosen = new Set(all.map((_, i) => i).filter((i) => (mask >> i) & 1));
        if (chosen.size !== second.length) continue;
        total++;
        if (Math.abs(u(chosen) - middle) >= seen - 1e-9) extreme++;
    }
    return extreme / total;
}

describe('the rank-sum test', () => {
    it('agrees with the exact permutation distribution', () => {
        const samples: [number[], number[]][] = [
            [
                [1, 2, 3, 4, 5, 6],
                [7, 8, 9, 10, 11, 12],
            ],
            [
                [1, 3, 5, 7, 9, 11],
                [2, 4, 6, 8, 10, 12],
            ],
            [
                [1, 2, 3, 5, 8, 13],
                [4, 6, 7, 9, 10, 11],
            ],
            [
                [1, 1, 2, 2, 3, 3],
                [2, 3, 3, 4, 4, 4],
            ],
        ];
        for (const [first, second] of samples) {
            expect(rankSum(first, second).p).to.be.closeTo(exactP(first, second), 0.02);
        }
    });

    it('says how often the second is above the first', () => {
        expect(rankSum([1, 2], [3, 4]).superiority).to.equal(1);
        expect(rankSum([3, 4], [1, 2]).superiority).to.equal(0);
        expect(rankSum([1, 1], [1, 1])).to.deep.equal({ p: 1, superiority: 0.5 });
        expect(rankSum([], [1])).to.deep.equal({ p: 1, superiority: 0.5 });
    });
});

describe('comparing reports', () => {
    const steady = (perSecond: number): number[] =>
        Array.from({ length: 20 }, (_, second) => perSecond + (second % 3));

    it('finds a loss of goodput that chance does not explain', () => {
        const [comparison] = compareReports(
            [run(system('a', steady(100)))],
            [run(system('a', steady(60)))],
        );
        expect(comparison?.regressions).to.have.length(1);
        expect(comparison?.regressions[0]).to.match(/^goodput fell by 39\.\d% \(p <0\.001\)/);
    });

    it('lets pass what is within the thresholds, or what is better', () => {
        const before = run(system('a', steady(100)), system('b', steady(100)));
        const after = run(system('a', steady(97)), system('b', steady(200)));
        for (const { regressions } of compareReports([before], [after])) {
            expect(regressions).to.deep.equal([]);
        }
    });

    it('finds a slower 95th percentile and a ledger gone wrong', () => {
        const wrong = {
            ...system('a', steady(100), 20),
            verdict: {
                ok: false,
                lost: 1,
                duplicated: 0,
                unreported: 0,
                altered: 0,
                misreported: 0,
                wrongKeys: 0,
                problems: ['lost 1'],
            },
        };
        const [comparison] = compareReports([run(system('a', steady(100)))], [run(wrong)]);
        expect(comparison?.regressions[0]).to.contain('p95 grew by');
        expect(comparison?.regressions[1]).to.equal('the ledger is no longer right');
    });

    it('writes a table and Markdown that name the regression', () => {
        const [before, after] = [run(system('a', steady(100))), run(system('a', steady(50)))];
        const comparisons = compareReports([before], [after]);
        expect(comparisonTable(comparisons)).to.contain('goodput fell by');
        const markdown = comparisonMarkdown([before], [after], comparisons);
        expect(markdown).to.contain('### hot-counter, 300/s for 20 s: 1 of 1 regressed');
        expect(markdown).to.match(/\| a \| 101 \| /);
    });

    const compare = (before: SystemReport, after: SystemReport) =>
        compareReports([run(before)], [run(after)])[0]!;

    it('seldom takes noise for a change, and seldom misses a change in the noise', () => {
        const random = seededRandom('noise');
        const noisy = (mean: number): number[] =>
            Array.from({ length: 20 }, () => Math.round(mean * (0.7 + 0.6 * random.next())));
        const regressed = (mean: number): number =>
            Array.from({ length: 40 }, () =>
                compare(system('a', noisy(100)), system('a', noisy(mean))),
            ).filter(({ regressions }) => regressions.length > 0).length;
        expect(regressed(100)).to.be.at.most(2);
        expect(regressed(70)).to.be.at.least(36);
    });

    it('says so when chance may explain a change that is too large', () => {
        const wild = [10, 190, 20, 180, 30, 170];
        const { regressions, notes } = compare(
            system('a', wild),
            system('a', [5, 150, 25, 20, 175, 90]),
        );
        expect(regressions).to.deep.equal([]);
        expect(notes.join()).to.match(
            /^goodput fell by 22\.5% \(p = .*chance may explain: run longer/,
        );
    });

    it('takes a system that is gone for a regression, and a new one for none', () => {
        const [gone, added] = compareReports(
            [run(system('a', steady(100)))],
            [run(system('b', steady(100)))],
        );
        expect(gone).to.deep.include({ system: 'a', regressions: ['not in the second report'] });
        expect(added).to.deep.include({
            system: 'b',
            regressions: [],
            notes: ['not in the first report'],
        });
        expect(comparisonTable([gone!, added!])).to.not.contain('NaN');
    });

    it('refuses to compare other workloads, other loads, and runs that are too short', () => {
        const report = run(system('a', steady(100)));
        const refused: [RunReport, RegExp][] = [
            [
                { ...report, workload: 'ehr' },
                /no run of hot-counter under 300\/s for 20 s; it has ehr/,
            ],
            [{ ...report, load: '10/s for 20 s' }, /it has hot-counter, 10\/s for 20 s/],
            [run(system('a', [1, 2, 3])), /3 whole seconds of load are too few/],
        ];
        for (const [other, message] of refused) {
            expect(() => compareReports([report], [other]))
                .to.throw(message)
                .with.property('code', 'BENCH_REPORTS_DIFFER');
        }
    });

    it('compares a saturation curve load by load', () => {
        const at = (load: string, perSecond: number): RunReport => ({
            ...run(system('a', steady(perSecond))),
            load,
        });
        const before = [at('100/s', 100), at('200/s', 200)];
        const further = [at('200/s', 90), at('100/s', 100), at('400/s', 90)];
        const comparisons = compareReports(before, further);
        expect(comparisons.map(({ regressions }) => regressions.length)).to.deep.equal([0, 1, 0]);
        expect(comparisons[2]?.notes).to.deep.equal(['not in the first report']);
        const markdown = comparisonMarkdown(before, before, comparisons);
        expect(markdown).to.contain('### hot-counter, 200/s: 1 of 1 regressed');
    });
});

describe('a report', () => {
    it('says nothing of ratios when nobody committed anything', () => {
        const nothing = run(system('plain', [0]), system('merge', [0]));
        expect(reportTable(nothing)).to.match(/^merge .* 0\.00 +- /m);
        const html = reportHtml([nothing]) + reportsMarkdown([nothing]);
        expect(html).to.not.match(/NaN|∞/);
        expect(reportTable(run(system('plain', [0]), system('merge', [5])))).to.match(/ ∞x /);
    });

    it('shows ratios to the first system', () => {
        const table = reportTable(run(system('plain', [10, 10]), system('merge', [1000, 1000])));
        expect(table).to.match(/^merge .* 100x /m);
        expect(table).to.match(/^plain .*verified$/m);
    });

    it('fits into a window of 80 columns when it has to', () => {
        const report = run(system('plain fabric-gateway', [10]), system('goodput auto', [1000]));
        for (const line of reportTable(report, 80).split('\n')) {
            expect(line.length).to.be.at.most(80);
        }
        expect(reportTable(report)).to.contain('p99 ms');
    });

    it('is told figure by figure in a window of 40 columns', () => {
        const told = reportTable(
            run(system('plain fabric-gateway', [10]), system('merge', [20])),
            40,
        );
        for (const line of told.split('\n')) expect(line.length, line).to.be.at.most(40);
        expect(told).to.match(/^merge\n {2}offered .*\n {2}valid ops\/s +20\.0/m);
        expect(told).to.match(/^ {2}ledger +verified$/m);
    });

    it('shows a failed verification in place of a success', () => {
        const failed = {
            ...system('merge', [10]),
            verdict: {
                ok: false,
                lost: 2,
                duplicated: 0,
                unreported: 0,
                altered: 0,
                misreported: 0,
                wrongKeys: 0,
                problems: ['2 lost'],
            },
        };
        expect(reportTable(run(failed))).to.contain('FAILED: 2 lost');
    });

    it('is one page that fetches nothing and escapes what it is given', () => {
        const html = reportHtml([
            run(system('<b>plain</b>', [1, 2])),
            run(system('merge', [3, 4])),
        ]);
        expect(html).to.contain('&lt;b&gt;plain&lt;/b&gt;').and.to.not.contain('<b>plain');
        // No script, and nothing anywhere that a browser would fetch.
        expect(html).to.not.match(/<script|<link|<img|<iframe|src=|href=|url\(|@import|https?:/);
        expect(html).to.contain(`content="default-src 'none'`);
        expect(html).to.contain('Saturation');
    });

    it('draws bars as long as what they stand for', () => {
        const html = reportHtml([run(system('plain', [80]), system('merge', [100]))]);
        const shares = [...html.matchAll(/class="bar" style="--share:([\d.]+)"/g)].map(
            ([, share]) => Number(share),
        );
        expect(shares).to.have.length(2);
        expect(shares[0]).to.be.closeTo(0.8, 0.01);
        expect(shares[1]).to.equal(1);
        // Nothing may cut the longer ones down to one length.
        const rule = /\.bar\{([^}]*)\}/.exec(html)?.[1];
        expect(rule)
            .to.match(/width:calc\([^;]*\*var\(--share\)\)/)
            .and.to.not.contain('max-width');
    });

    it('becomes a picture that follows light and dark, and fetches nothing', () => {
        const svg = goodputPicture(run(system('<plain>', [1, 2]), system('merge', [300, 310])));
        expect(svg).to.contain('prefers-color-scheme:dark').and.to.contain('&lt;plain&gt;');
        expect(svg.match(/<rect x=/g)).to.have.length(4);
        expect(svg).to.not.match(/NaN|<script|href=|url\(|@import/);
    });

    it('becomes Markdown that says what got worse, and goes into a page between its marks', () => {
        const text = reportsMarkdown([run(system('plain', [10, 10]), system('merge', [5, 5], 90))]);
        expect(text).to.match(/^\| hot-counter \| plain \| 10\.0 \| 1\.00x \|/m);
        expect(text).to.contain('- hot-counter, merge: 0.50x the goodput, a p95 of 90');
        const page = `before\n${PAGE_MARKS.join('old')}\nafter`;
        const written = intoPage(page, text);
        expect(written).to.contain(text).and.to.not.contain('old');
        expect(intoPage(written, text)).to.equal(written);
        expect(() => intoPage('nothing', text)).to.throw('no place for the tables');
    });

    it('is read back, and anything else is refused', () => {
        const folder = mkdtempSync(join(tmpdir(), 'report-'));
        try {
            const file = join(folder, 'report.json');
            writeFileSync(file, JSON.stringify(run(system('a', [1]))));
            expect(readReports(file)[0]?.systems[0]?.system).to.equal('a');
            for (const half of ['[]', '{"form":"goodput-bench-1","systems":[{}]}']) {
                writeFileSync(file, half);
                expect(() => readReports(file), half)
                    .to.throw()
                    .with.property('code', 'BENCH_REPORT_UNREADABLE');
            }
            writeFileSync(file, '[]');
            expect(() => readReports(file))
                .to.throw()
                .with.property('code', 'BENCH_REPORT_UNREADABLE');
            expect(() => readReports(join(folder, 'absent')))
                .to.throw()
                .with.property('code', 'BENCH_REPORT_UNREADABLE');
        } finally {
            rmSync(folder, { recursive: true });
        }
    });

    it('is refused with the place of the damage, or good for every table, page and comparison', () => {
        const folder = mkdtempSync(join(tmpdir(), 'report-'));
        const file = join(folder, 'report.json');
        const whole = [run(system('a', [1, 2, 3, 4, 5]), system('b', [5, 4, 3, 2, 1]))];
        type Tree = Record<string, unknown>;
        const places = (value: unknown, at: string[] = []): string[][] =>
            typeof value !== 'object' || value === null
                ? [at]
                : [
                      at,
                      ...Object.entries(value).flatMap(([name, each]) =>
                          places(each, [...at, name]),
                      ),
                  ];
        const damaged = (place: string[], put: unknown): unknown => {
            const copy = structuredClone({ whole }) as Tree;
            const path = ['whole', ...place];
            const holder = path.slice(0, -1).reduce((so: Tree, name) => so[name] as Tree, copy);
            if (put === undefined) Reflect.deleteProperty(holder, path.at(-1)!);
            else holder[path.at(-1)!] = put;
            return copy['whole'];
        };
        let [refused, accepted] = [0, 0];
        try {
            for (const place of places(whole)) {
                for (const put of [undefined, null, 'text', {}]) {
                    writeFileSync(file, JSON.stringify(damaged(place, put) ?? null));
                    let read: readonly RunReport[];
                    try {
                        read = readReports(file);
                    } catch (error) {
                        expect(error).to.have.property('code', 'BENCH_REPORT_UNREADABLE');
                        refused++;
                        continue;
                    }
                    accepted++;
                    const shown = [
                        ...read.map((each) => reportTable(each)),
                        reportsMarkdown(read),
                        reportHtml(read),
                        ...read.map((each) => goodputPicture(each)),
                        comparisonTable(compareReports(read, read)),
                    ];
                    expect(shown.join('\n'), place.join('.')).to.not.match(/NaN|undefined/);
                }
            }
        } finally {
            rmSync(folder, { recursive: true });
        }
        expect(refused).to.be.greaterThan(100);
        expect(accepted).to.be.greaterThan(100);
    });

    it('draws charts whose lines stay inside their frame, for a desk and for a phone', () => {
        const figure = lineChart({
            title: 't',
            xLabel: 'x',
            yLabel: 'y',
            series: [
                {
                    name: 's',
                    points: [
                        [0, 0],
                        [5, 12_345],
                        [10, 3],
                    ],
                },
            ],
            logarithmic: true,
        });
        const drawings = figure.split('</svg>').filter((each) => each.includes('viewBox="0 0 '));
        for (const [index, width, height] of [
            [0, 720, 300],
            [1, 360, 280],
        ] as const) {
            const svg = drawings[index] ?? '';
            expect(svg).to.contain(`viewBox="0 0 ${width} ${height}"`);
            const points = [...svg.matchAll(/[ML]([\d.]+) ([\d.]+)(?=[L"])/g)];
            expect(points).to.have.length(3);
            for (const [, x, y] of points) {
                expect(Number(x)).to.be.within(60, width - 16);
                expect(Number(y)).to.be.within(34, height - 44);
            }
            // No label of an axis begins before the picture does.
            for (const [, x, label] of svg.matchAll(/<text x="([\d.]+)"[^>]*"end">([^<]*)</g)) {
                expect(Number(x) - 7 * (label?.length ?? 0), label).to.be.at.least(0);
            }
        }
    });
});
