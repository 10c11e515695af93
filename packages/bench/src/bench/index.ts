import { FiguresReport, parseFiguresArguments } from '@goodput/figures';
import { measureArrivals } from './arrivals.js';
import { measureGateway, parseGatewayOptions } from './gateway.js';

async function main(): Promise<void> {
    const options = parseFiguresArguments(process.argv.slice(2));
    const report = new FiguresReport(options);
    const gateway = parseGatewayOptions(options);
    if ('arrivals'.includes(gateway.only)) await measureArrivals(report);
    await measureGateway(report, gateway);
    process.exitCode = report.finish();
}

void main();
