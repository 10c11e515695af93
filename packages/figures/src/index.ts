export { figureRow, median, quantile } from './row.js';
export type { Better, FigureInput, FigureRow, Samples } from './row.js';
export { lastResult, measureNs } from './measure.js';
export type { MeasureOptions, Work } from './measure.js';
export { FiguresReport, parseFiguresArguments } from './report.js';
export type { FiguresOptions } from './report.js';
