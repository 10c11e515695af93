process.env['CORE_CHAINCODE_LOGGING_LEVEL'] ??= 'ERROR';
import { FiguresReport, parseFiguresArguments } from '@goodput/figures';
import { batchFigures } from './batches.js';
import { executorFigures } from './executor.js';
import { overlayFigures } from './overlay.js';

async function main(): Promise<void> {
    const report = new FiguresReport(parseFiguresArguments(process.argv.slice(2)));
    await overlayFigures(report);
    await executorFigures(report);
    await batchFigures(report);
    process.exitCode = report.finish();
}

void main();
