import type { FigureInput, FiguresReport } from '@goodput/figures';
import { arrivals } from '../load/arrivals.js';
import { runOpenLoop } from '../load/open-loop.js';
import { seededRandom } from '../load/random.js';

const RATE = 500;
/** How far from the schedule a second of load may be, in percent. */
const TOLERANCE = 1;

/** How far each whole second's count of starts is from the rate, in percent. */
function deviations(starts: readonly number[], seconds: number): number[] {
    const counts = new Array<number>(seconds).fill(0);
    for (const at of starts) {
        const second = Math.floor(at / 1000);
        if (second < seconds) counts[second] = (counts[second] ?? 0) + 1;
    }
    return counts.map((count) => (Math.abs(count - RATE) / RATE) * 100);
}

async function openLoop(seconds: number): Promise<number[]> {
    const begun = performance.now();
    const starts: number[] = [];
    await runOpenLoop({
        arrivals: arrivals(
            { kind: 'constant', ratePerSecond: RATE },
            seconds * 1000,
            seededRandom('arrivals'),
        ),
        start: () => starts.push(performance.now() - begun),
    });
    return starts;
}

/** What a load generator made of a timer does. */
function timer(seconds: number): Promise<number[]> {
    const begun = performance.now();
    const starts: number[] = [];
    return new Promise((resolve) => {
        const interval = setInterval(() => {
            const at = performance.now() - begun;
            if (at < seconds * 1000) {
                starts.push(at);
                return;
            }
            clearInterval(interval);
            resolve(starts);
        }, 1000 / RATE);
    });
}

/** Whether operations start when they are due, beside what a timer does. */
export async function measureArrivals(report: FiguresReport): Promise<void> {
    const seconds = report.options.quick ? 5 : 30;
    const ours = deviations(await openLoop(seconds), seconds);
    const values = deviations(await timer(seconds), seconds);
    const worst = Math.max(...ours);
    const row: FigureInput = {
        id: 'bench.arrivals-500',
        unit: '% off',
        better: 'lower',
        ours,
        baseline: { name: 'setInterval', values },
        ...(worst > TOLERANCE && {
            invalid: `a second had ${worst.toFixed(1)}% other arrivals than scheduled`,
        }),
        extra: { ratePerSecond: RATE, worstPercent: Number(worst.toFixed(2)) },
    };
    report.add(row);
}
