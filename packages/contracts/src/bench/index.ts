process.env['CORE_CHAINCODE_LOGGING_LEVEL'] ??= 'ERROR';
import { FiguresReport, parseFiguresArguments } from '@goodput/figures';
import { appendFigures } from './append.js';
import { decideFigures } from './decide.js';
import { logFigures } from './log.js';

async function main(): Promise<void> {
    const report = new FiguresReport(parseFiguresArguments(process.argv.slice(2)));
    await decideFigures(report);
    await appendFigures(report);
    await logFigures(report);
    process.exitCode = report.finish();
}

void main();
