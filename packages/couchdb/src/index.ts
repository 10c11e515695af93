export { adviseIndexes, MAX_SAMPLE_DOCUMENTS, MAX_WORKLOAD_QUERIES } from './advise/advise.js';
export type {
    Advice,
    AdvisedQuery,
    AdviseInput,
    DroppedIndex,
    Prediction,
    WorkloadQuery,
} from './advise/advise.js';
export { ASSUMED_EQUALITY_SHARE, ASSUMED_RANGE_SHARE } from './advise/cost-model.js';
export { workloadFromLog, workloadFromSources } from './advise/workload.js';
export { compareCodePoints, compareIds, compareKeys, compareStrings } from './collation.js';
export { checkIndexes } from './definition/check-indexes.js';
export type { IndexCheck, IndexProblem } from './definition/check-indexes.js';
export { diffIndexFiles, formatIndexChange } from './definition/compare-index-files.js';
export type { IndexChange, IndexChangeKind } from './definition/compare-index-files.js';
export {
    defineIndex,
    defineSchemaIndex,
    indexRequest,
    MAX_INDEX_FIELDS,
    toCouchdbIndex,
} from './definition/define-index.js';
export type { IndexDefinition, IndexOptions } from './definition/define-index.js';
export type {
    DocumentSchema,
    FieldName,
    RowField,
    SchemaFieldName,
} from './definition/field-name.js';
export { readIndexFiles, writeIndexFiles } from './definition/index-folder.js';
export type { WriteIndexFilesOptions, WrittenIndexFiles } from './definition/index-folder.js';
export { IndexedQuery, queryIndex } from './definition/query-builder.js';
export type { QueryRange, QueryValue } from './definition/query-builder.js';
export { indexFilePath, renderIndexFiles } from './definition/render-index-files.js';
export { ERROR_CODES, CouchdbError } from './errors.js';
export type { CouchdbErrorCode, CouchdbErrorDetails } from './errors.js';
export { goJson } from './json.js';
export type { Json, JsonObject } from './json.js';
export { groupIndexFiles, indexFilePlace, validateIndexFile } from './engine/index-files.js';
export type { IndexFilePlace, IndexFiles } from './engine/index-files.js';
export { INDEX_SCAN_WARNING_THRESHOLD } from './engine/find.js';
export type { ExecutionStats, FindResult } from './engine/find.js';
export { peerRewrite } from './engine/peer-query.js';
export { validateKey, validateValue, VERSION_FIELD } from './engine/restrictions.js';
export { RichQuery } from './engine/rich-query.js';
export type { RichQueryOptions, RichQueryRow, RichQuerySource } from './engine/rich-query.js';
export { StateDatabase } from './engine/state-database.js';
export type { IndexFileOutcome, StateDatabaseOptions } from './engine/state-database.js';
export { indexUse } from './lint/index-use.js';
export type { IndexUse } from './lint/index-use.js';
export { lintChaincode } from './lint/lint-chaincode.js';
export type { ChaincodeReport, LintChaincodeOptions } from './lint/lint-chaincode.js';
export { indexesOfCollection, lintIndexes, readIndexDefinitions } from './lint/lint-indexes.js';
export type { FiledIndex, LintIndexesInput } from './lint/lint-indexes.js';
export { lintQueries } from './lint/lint-queries.js';
export type { LintQueriesOptions, QueryToCheck } from './lint/lint-queries.js';
export { indexNameFor, listColumns, proposeColumns } from './lint/propose.js';
export type { ProposedColumns, Selectivity } from './lint/propose.js';
export { formatFinding, LINT_RULES } from './lint/rules.js';
export type { Finding, FindingPlace, Rule, RuleId, Severity } from './lint/rules.js';
export { queryShape, SHAPE_VALUE } from './lint/shape.js';
export { readSources, scanSources } from './lint/source-queries.js';
export type { SourceQuery, SourceScan } from './lint/source-queries.js';
export { indexJson, parseIndexRequest } from './mango/create-index.js';
export { explainQuery } from './mango/explain.js';
export type { ExplainOptions, Explanation, IndexCandidate } from './mango/explain.js';
export { COUCHDB_DEFAULT_LIMIT, parseFindRequest } from './mango/find-request.js';
export type { FindRequest } from './mango/find-request.js';
export { ALL_DOCS, ALL_DOCS_INDEX } from './mango/index-definition.js';
export type { CouchdbIndex } from './mango/index-definition.js';
export { compileSelector } from './mango/match.js';
export type { Matcher } from './mango/match.js';
export { MAX_SELECTOR_DEPTH, normalizeSelector } from './mango/normalize.js';
export { MAX_REGEX_MILLISECONDS } from './mango/regex.js';
export { NO_INDEX_WARNING, planQuery } from './mango/plan.js';
export type { Candidate, Plan, RejectionReason } from './mango/plan.js';
export type { Bound, KeyRange } from './mango/ranges.js';
export { rejectionText } from './mango/rejection-text.js';
export { selectorJson } from './mango/selector.js';
export type {
    ComparisonOperator,
    Condition,
    FieldSelector,
    InnerOperator,
    Selector,
    ValueOperator,
} from './mango/selector.js';
export type { Direction, SortField } from './mango/sort.js';
export type { Unusable } from './mango/usability.js';
export { COUCHDB_VERSIONS, couchdbFeatures, DEFAULT_COUCHDB_VERSION } from './mango/version.js';
export type { CouchdbFeatures, CouchdbVersion } from './mango/version.js';
export { CouchdbClient } from './live/couchdb-client.js';
export type { CouchdbClientOptions, LiveFindResult } from './live/couchdb-client.js';
export { compareExplanations, diagnoseQuery, versionLine } from './live/diagnose.js';
export type { Diagnosis } from './live/diagnose.js';
export { monitorQueries } from './monitor/monitor-queries.js';
export type { MonitorQueriesOptions, QueryingStub } from './monitor/monitor-queries.js';
export { MAX_SHAPES, OTHER_SHAPES, QueryStatistics } from './monitor/query-statistics.js';
export type { QueryRecord, ShapeStatistics } from './monitor/query-statistics.js';
