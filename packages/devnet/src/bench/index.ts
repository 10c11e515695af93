import { FiguresReport, parseFiguresArguments } from '@goodput/figures';
import { measureNetwork } from './network.js';
import { measureStateSize } from './state-size.js';

async function main(): Promise<void> {
    const report = new FiguresReport(parseFiguresArguments(process.argv.slice(2)));
    await measureNetwork(report);
    await measureStateSize(report);
    process.exitCode = report.finish();
}

void main();
