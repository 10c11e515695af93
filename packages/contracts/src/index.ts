export {
    authorize,
    authorizeBy,
    DEFAULT_TENANT,
    enforce,
    refuseDenied,
} from './access/access-control.js';
export type { AccessDecision } from './access/access-control.js';
export { AccessPolicyContract } from './access/access-policy-contract.js';
export type { AdministrationOptions } from './access/administration.js';
export { accessKeys, accessSpace } from './access/keys.js';
export { EVERY_TYPE } from './access/policy-store.js';
export type { Head } from './access/policy-store.js';
export { MAX_GRANTS } from './access/standing.js';
export type { GlassRow, Loan, PendingReview, ReviewedGlass } from './access/standing.js';
export { MAX_POLICY_BYTES } from './access/versions.js';
export type { Draft, PolicyVersion } from './access/versions.js';
export { appendRecords, authorizeAndRecord, recordOf } from './audit/append.js';
export type { AuditOptions, AuditRow } from './audit/append.js';
export { AuditLogContract } from './audit/audit-log-contract.js';
export { SEAL_AFTER_MS } from './audit/days.js';
export { DETAIL_COLLECTION, DETAIL_TRANSIENT, eraseDetail, keepDetail } from './audit/detail.js';
export { toFhirAuditEvent, toFhirBundle, toNdjson, toOcsf } from './audit/export.js';
export { auditKeys, auditSpace } from './audit/keys.js';
export { patientPseudonym } from './audit/pseudonym.js';
export { disclosuresAmong, NOT_ACCOUNTED, queryAudit, richAuditQuery } from './audit/query.js';
export type { AuditPage, AuditQuery, Disclosure } from './audit/query.js';
export { MAX_RECORDS, validateRecords } from './audit/record.js';
export type { AuditEvent, AuditRecord } from './audit/record.js';
export {
    checkBucket,
    proveGrowth,
    proveRow,
    SEAL_ROWS,
    sealBucket,
    sealsOf,
} from './audit/seal.js';
export type { Bucket, BucketCheck, SealProgress, StoredSeal } from './audit/seal.js';
export { rowLeaf, sealLeaf, verifyAuditProof, verifyGrowth } from './audit/verify.js';
export type { AuditProof, ChainProof, Seal, TreeHead } from './audit/verify.js';
export { ContractsError, ERROR_CODES } from './errors.js';
export type { ContractsErrorCode } from './errors.js';
export {
    consistencyProof,
    inclusionProof,
    leafHash,
    merkleRoot,
    verifyConsistency,
    verifyInclusion,
} from './merkle/merkle-tree.js';
export type { Consistency, Inclusion } from './merkle/merkle-tree.js';
export { analysePolicy } from './policy/analyse.js';
export type { AnalysisOptions, PolicyAnalysis, PolicyFinding } from './policy/analyse.js';
export { compilePolicy } from './policy/compile.js';
export type { CompiledPolicy } from './policy/compile.js';
export { evaluateConsents } from './policy/consent.js';
export type { Consent, ConsentOutcome, ConsentSituation, Provision } from './policy/consent.js';
export { combine, decide } from './policy/decide.js';
export type { Applicable, BrokenGlass, DecisionInput } from './policy/decide.js';
export { diffPolicies } from './policy/diff.js';
export type { AccessChange, DiffOptions, PolicyDiff } from './policy/diff.js';
export { evaluate, MAX_EXPRESSION_DEPTH } from './policy/expression.js';
export type { Attributes, Expression, Operand, Scalar } from './policy/expression.js';
export { consentFromFhir, consentToFhir } from './policy/fhir-consent.js';
export type { FhirConsent, FhirProvision } from './policy/fhir-consent.js';
export { grantedRoles, grantsInForce, MAX_DELEGATION_DEPTH } from './policy/grants.js';
export type { Grant, GrantsOf } from './policy/grants.js';
export { ADMINISTRATION } from './policy/model.js';
export type {
    AccessRequest,
    BreakGlassTerms,
    Decision,
    Obligation,
    Period,
    Policy,
    Principal,
    Resource,
    Role,
    RoleHolder,
    Rule,
    Standing,
    Subject,
    TraceEntry,
} from './policy/model.js';
export {
    MAX_INDEX_ENTRIES,
    MAX_PROVISION_DEPTH,
    MAX_ROLE_CLOSURE,
    MAX_ROLES,
    MAX_RULES,
    validateConsents,
    validatePolicy,
    validateRequest,
} from './policy/validate.js';
