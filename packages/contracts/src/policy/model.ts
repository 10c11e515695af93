import type { Expression, Scalar } from './expression.js';

/** Whom a rule is about. Everything comes from the caller's certificate, never from an argument. */
export type Principal =
    /** Has the role, directly or through the hierarchy. */
    | { readonly role: string }
    /** Is a member of the organisation. */
    | { readonly msp: string }
    /** Has the organisational unit in the certificate. */
    | { readonly unit: string }
    /** Is this very person. */
    | { readonly id: string }
    | 'anyone';

/** From when (inclusive) to when (exclusive), in milliseconds since 1970. */
export interface Period {
    readonly from?: number;
    readonly until?: number;
}

/** What must be done along with an access that is permitted, or after one that is denied. */
export interface Obligation {
    readonly action: string;
    readonly details?: Readonly<Record<string, Scalar>>;
}

/**
 * The type of resource that administration is. A rule permits it by this name only, not by `*`: "everything"
 * is said of records, and must not hand out the keys to the policy itself.
 */
export const ADMINISTRATION = 'access-policy';

/** One rule of a policy. It applies when everything it states holds; what it leaves out holds always. */
export interface Rule {
    /** Unique in the policy; decisions name it. */
    readonly id: string;
    readonly effect: 'permit' | 'deny';
    readonly principals: readonly Principal[];
    /** Names of actions; `*` for any. */
    readonly actions: readonly string[];
    /** Names of resource types; `*` for any, of a permit any but {@link ADMINISTRATION}. */
    readonly resources: readonly string[];
    /** Purposes of use; any when left out. */
    readonly purposes?: readonly string[];
    /** The resource must carry at least one of these sensitivity labels. */
    readonly labels?: readonly string[];
    readonly period?: Period;
    readonly when?: Expression;
    readonly obligations?: readonly Obligation[];
    /** The caller must belong to the patient's care team. */
    readonly careTeam?: true;
    /** A consent of the patient must permit the access. */
    readonly consent?: true;
    /** Of a denial: break-glass does not lift it. */
    readonly absolute?: true;
}

/** A role, who holds it by certificate, and what other roles it includes. */
export interface Role {
    readonly includes?: readonly string[];
    /** Holders: any one of these is enough. */
    readonly holders?: readonly RoleHolder[];
    /** Whether holders may lend it on, how often in a row and for how long; not at all when left out. */
    readonly delegation?: { readonly maxDepth: number; readonly maxMs: number };
}

/** What in a certificate makes its owner hold a role. */
export type RoleHolder =
    | { readonly msp: string }
    | { readonly unit: string; readonly msp?: string }
    | { readonly attribute: string; readonly equals: string; readonly msp?: string };

/** Who may break the glass, for what, why, and for how long. */
export interface BreakGlassTerms {
    readonly roles: readonly string[];
    readonly actions: readonly string[];
    readonly resources: readonly string[];
    /** Codes of the reasons that may be given. */
    readonly reasons: readonly string[];
    /** The longest window, in milliseconds. */
    readonly maxMs: number;
}

/** A policy: immutable once stored, known by the hash of its canonical text. */
export interface Policy {
    readonly format: 'goodput.policy/1';
    /** For people. */
    readonly title: string;
    readonly roles: Readonly<Record<string, Role>>;
    readonly rules: readonly Rule[];
    readonly breakGlass?: BreakGlassTerms;
}

/** The caller, as the certificate has it. */
export interface Subject {
    readonly id: string;
    readonly msp: string;
    readonly units: readonly string[];
    readonly attributes: Readonly<Record<string, string>>;
}

/** What is to be accessed. */
export interface Resource {
    readonly type: string;
    readonly id: string;
    /** Whose policies decide. @default 'default' */
    readonly tenant?: string;
    /** A pseudonym; never a name. */
    readonly patient?: string;
    readonly labels?: readonly string[];
    readonly attributes?: Readonly<Record<string, Scalar | readonly Scalar[]>>;
}

/** A question to the policy. */
export interface AccessRequest {
    readonly action: string;
    readonly resource: Resource;
    readonly purpose: string;
    readonly context?: Readonly<Record<string, Scalar | readonly Scalar[]>>;
}

/** Facts about the caller beyond the certificate, read from the ledger before the decision. */
export interface Standing {
    /** Whether the caller is in the patient's care team at that time. */
    readonly careTeam: boolean;
    /** Roles granted for a time, or delegated, and in force at that time. */
    readonly grantedRoles: readonly string[];
    /** Whether a consent of the patient permits the access. @default false */
    readonly consent?: boolean;
}

/** Why a rule is part of a decision. */
export interface TraceEntry {
    /** What the rule belongs to: the policy, a consent, break-glass. */
    readonly source: string;
    readonly rule: string;
    readonly effect: 'permit' | 'deny';
}

/** The answer. A denial is an answer, not an exception, so that it can be recorded. */
export interface Decision {
    readonly effect: 'PERMIT' | 'DENY';
    /** The rules that decided; none when nothing applied and access is denied by default. */
    readonly because: readonly TraceEntry[];
    readonly obligations: readonly Obligation[];
    /** Whether the access is permitted only because the glass was broken. */
    readonly breakGlass: boolean;
}
