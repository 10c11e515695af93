import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { FiguresReport, figureRow, measureNs, parseFiguresArguments, quantile } from './index.js';

describe('figures', () => {
    it('takes medians and the central 90%', () => {
        const ours = Array.from({ length: 100 }, (_, index) => index + 1);
        const row = figureRow({ id: 'x.y', unit: 'ns', better: 'lower', ours });
        expect(row.value).to.equal(50);
        expect(row.spread).to.deep.equal([5, 95]);
        expect(row.samples).to.equal(100);
        expect(row).to.not.have.property('ratio');
    });

    it('says how many times better, whichever direction is better', () => {
        const baseline = { name: 'other', values: [200] };
        const faster = figureRow({ id: 'a', unit: 'ns', better: 'lower', ours: [100], baseline });
        const more = figureRow({ id: 'b', unit: 'ops/s', better: 'higher', ours: [100], baseline });
        expect(faster.ratio).to.equal(2);
        expect(more.ratio).to.equal(0.5);
    });

    it('knows no quantile of nothing', () => {
        expect(quantile([], 0.5)).to.be.NaN;
    });

    it('exits with 1 when a row is invalid, and writes every row', () => {
        const folder = mkdtempSync(join(tmpdir(), 'figures-'));
        try {
            const json = join(folder, 'out.json');
            const report = new FiguresReport(parseFiguresArguments(['--json', json, '--quick']));
            report.add({ id: 'a', unit: 'ns', better: 'lower', ours: [1] });
            report.add({ id: 'b', unit: 'ns', better: 'lower', ours: [1], invalid: 'lost 3 ops' });
            const printed: string[] = [];
            expect(report.finish((text) => printed.push(text))).to.equal(1);
            expect(printed.join()).to.contain('INVALID: lost 3 ops');
            expect(JSON.parse(readFileSync(json, 'utf8'))).to.deep.equal(report.rows);
        } finally {
            rmSync(folder, { recursive: true });
        }
    });

    it('keeps what it does not know for the benchmark', () => {
        expect(parseFiguresArguments(['--network', 'p.json', '--quick'])).to.deep.equal({
            quick: true,
            rest: ['--network', 'p.json'],
        });
        expect(() => parseFiguresArguments(['--json'])).to.throw('--json needs a file name');
    });

    it('takes the samples it was asked for, of every contestant', () => {
        const work = (n: number): number => {
            let sum = 0;
            for (let i = 0; i < n; i++) sum += i;
            return sum;
        };
        const samples = measureNs({ a: work, b: work }, { samples: 3, sampleMs: 0.1 });
        expect(samples.map(({ name }) => name)).to.deep.equal(['a', 'b']);
        for (const { values } of samples) {
            expect(values).to.have.length(3);
            for (const value of values) expect(value).to.be.greaterThan(0);
        }
    });
});
