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
    MAX_PROVISION_DEPTH,
    MAX_ROLES,
    MAX_RULES,
    validateConsents,
    validatePolicy,
    validateRequest,
} from './policy/validate.js';
