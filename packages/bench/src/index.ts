export { ERROR_CODES, BenchError } from './errors.js';
export type { BenchErrorCode } from './errors.js';
export { arrivals, MAX_RATE_PER_SECOND } from './load/arrivals.js';
export type { RateSchedule, Schedule } from './load/arrivals.js';
export { parseSchedule, SCHEDULE_FORMS } from './load/parse-schedule.js';
export { MAX_ACTS_A_DAY, planDay } from './load/population.js';
export type { Act, Actor, Day, DayLoad, Population, Role, Shift } from './load/population.js';
export { seededRandom, zipfSampler } from './load/random.js';
export type { Random } from './load/random.js';
export { outcomeClasses } from './measure/outcome.js';
export type { Outcome, OutcomeClass } from './measure/outcome.js';
export { compareReports, FEWEST_SECONDS } from './report/compare.js';
export type { CompareThresholds, Comparison } from './report/compare.js';
export { comparisonMarkdown, comparisonTable } from './report/comparison-table.js';
export { readable } from './report/figures.js';
export { reportHtml } from './report/html.js';
export { intoPage, PAGE_MARKS, reportsMarkdown } from './report/markdown.js';
export { goodputPicture } from './report/picture.js';
export { ratioToBaseline, readReports } from './report/report.js';
export type { RunReport, SystemReport, TransactionCounts, Verdict } from './report/report.js';
export { columns, reportTable } from './report/table.js';
export { checkLoad, MAX_CALLERS, MAX_DURATION_MS } from './run/check-load.js';
export { progressLine } from './run/progress-line.js';
export { runWorkload } from './run/run-workload.js';
export { openNetwork, writeProfileFile } from './run/with-network.js';
export type { EmbeddedOptions, UsableNetwork } from './run/with-network.js';
export type { Load, Progress, RunOptions, SystemFactory } from './run/options.js';
export { systems, systemsNamed } from './systems/built-in.js';
export { connectOfficial } from './systems/official-gateway.js';
export type { OfficialGateway, OfficialOptions } from './systems/official-gateway.js';
export { plainSystem, retrySystem } from './systems/plain.js';
export type { Target } from './systems/plain.js';
export type { IdentifiedOperation, System } from './systems/system.js';
export { unknownName } from './unknown-name.js';
export { readLedger } from './verify/ledger-reader.js';
export type { LedgerReader } from './verify/ledger-reader.js';
export { workloads } from './workloads/built-in.js';
export { findWorkload } from './workloads/find-workload.js';
export { defineWorkload } from './workloads/workload.js';
export type {
    ReplayOperation,
    ReplayStore,
    Workload,
    WorkloadOperation,
} from './workloads/workload.js';
