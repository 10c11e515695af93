/** What a rule of the key lint is about. */
export interface LintRule {
    readonly title: string;
    /** What to do about it. */
    readonly fix: string;
}

/** The rules that can be told from keys and values alone. */
export const LINT_RULES = {
    K01: {
        title: 'A key holds U+0000, U+10FFFF, a lone surrogate or an empty attribute',
        fix: 'Build keys with defineKey, which refuses such parts.',
    },
    K02: {
        title: "A key is empty or begins with '_', which CouchDB refuses",
        fix: 'Begin the key with a letter.',
    },
    K03: {
        title: "A JSON value has a top-level member '~version' or one beginning with '_'",
        fix: 'Rename the member, or nest it: CouchDB reserves such names at the top.',
    },
    K04: {
        title: 'A key seems joined by hand with a delimiter',
        fix: "Use defineKey: 'a-b' + '-' + 'c' and 'a' + '-' + 'b-c' are one key.",
    },
    K05: {
        title: 'A number or date in a key does not sort as it should',
        fix: 'Use uint(), int(), timestamp() or timeBucket(), which have a fixed width.',
    },
    K15: {
        title: 'An empty value, which Fabric takes for a deletion',
        fix: 'Write at least one byte, or call deleteState if you mean it.',
    },
    K18: {
        title: 'A JSON number that CouchDB gives back changed',
        fix: 'Write it as a string: numbers are kept as 64-bit floats.',
    },
    K23: {
        title: 'A long key',
        fix: 'Put long data into the value and its hash() into the key.',
    },
    K24: {
        title: 'A key seems to hold health or personal information',
        fix: 'Keys are on every peer for ever: use a pseudonym or an HMAC, and mark the part phi.',
    },
    K29: {
        title: 'Two shapes of key share a name, so a scan of one meets rows of the other',
        fix: 'Give each shape a name of its own.',
    },
    K30: {
        title: 'A time series with a salt before its time',
        fix: 'Drop it: a hot spot in Fabric is a version conflict, which unique keys avoid, and a salt makes every scan many.',
    },
} as const satisfies Record<string, LintRule>;

/** Id of a rule. */
export type LintRuleId = keyof typeof LINT_RULES;

/** Something a check found. */
export interface LintFinding {
    readonly rule: LintRuleId;
    /** `error`: it will fail, or lose data. `warning`: it probably is not what you want. */
    readonly severity: 'error' | 'warning';
    /** What was found; never the key or value itself. */
    readonly message: string;
    readonly fix: string;
}

export function finding(
    rule: LintRuleId,
    severity: LintFinding['severity'],
    detail: string,
): LintFinding {
    const { title, fix } = LINT_RULES[rule];
    return { rule, severity, message: `${title}: ${detail}.`, fix };
}
