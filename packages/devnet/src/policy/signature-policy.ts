import { common, msp } from '@hyperledger/fabric-protos';
import { DevnetError } from '../errors.js';
import { boundProtocolReader } from '../grpc/bounded-reader.js';
import type { Member } from '../identity/member.js';
import { choose, Plans, smallestSets } from './combinations.js';
import { imaginedPeers } from './imagined-peers.js';
import { parsePolicyText } from './policy-text.js';
import type { Policy } from './policy.js';
import { principalTest, readRolePrincipal, type PrincipalTest } from './principal.js';

const MAX_DEPTH = 100;

/** Marks in `used` whose signatures the rule takes, and says whether that was enough. */
type Rule = (members: readonly Member[], used: boolean[]) => boolean;

function invalid(why: string): never {
    throw new DevnetError(
        'DEVNET_POLICY_INVALID',
        `A signature policy cannot be used: ${why}. Make it with parseSignaturePolicy or the Fabric tools.`,
    );
}

function signedBy(test: PrincipalTest): Rule {
    return (members, used) => {
        const taken = members.findIndex((member, index) => !used[index] && test(member));
        if (taken < 0) return false;
        used[taken] = true;
        return true;
    };
}

function outOf(count: number, rules: readonly Rule[]): Rule {
    return (members, used) => {
        let satisfied = 0;
        // Every rule is tried, also when there are enough: as in Fabric, each takes its signatures.
        for (const rule of rules) {
            const tried = [...used];
            if (!rule(members, tried)) continue;
            satisfied++;
            used.splice(0, used.length, ...tried);
        }
        return satisfied >= count;
    };
}

function compile(
    rule: common.SignaturePolicy | undefined,
    tests: readonly PrincipalTest[],
    depth = 0,
): Rule {
    if (depth > MAX_DEPTH) invalid(`it is nested deeper than ${MAX_DEPTH}`);
    const { TypeCase } = common.SignaturePolicy;
    switch (rule?.getTypeCase()) {
        case TypeCase.SIGNED_BY: {
            const index = rule.getSignedBy();
            const test = tests[index];
            if (test !== undefined) return signedBy(test);
            return invalid(
                `identity index out of range, requested ${index}, but identities length is ${tests.length}`,
            );
        }
        case TypeCase.N_OUT_OF: {
            const gate = rule.getNOutOf();
            const inner = gate?.getRulesList() ?? [];
            return outOf(
                gate?.getN() ?? 0,
                inner.map((each) => compile(each, tests, depth + 1)),
            );
        }
        default:
            return invalid('it has an empty element');
    }
}

const GATES = new Map([
    ['AND', (count: number, of: number) => count === of],
    ['OR', (count: number) => count === 1],
]);

/**
 * Who must have signed: Fabric's signature policy.
 *
 * @example
 * ```ts
 * const policy = parseSignaturePolicy("AND('Org1MSP.peer', 'Org2MSP.peer')");
 * policy.satisfiedBy(endorsers);
 * policy.orgCombinations(['Org1MSP', 'Org2MSP', 'Org3MSP']); // [['Org1MSP', 'Org2MSP']]
 * ```
 */
export class SignaturePolicy implements Policy {
    readonly #envelope: common.SignaturePolicyEnvelope;
    readonly #rule: Rule;
    readonly #plans = new Plans();

    /** Throws `DEVNET_POLICY_INVALID` if the envelope is no policy. */
    constructor(envelope: common.SignaturePolicyEnvelope) {
        this.#envelope = envelope;
        const tests = envelope.getIdentitiesList().map(principalTest);
        this.#rule = compile(envelope.getRule(), tests);
    }

    /** Reads a `common.SignaturePolicyEnvelope`. */
    static fromBytes(bytes: Uint8Array): SignaturePolicy {
        boundProtocolReader();
        let envelope: common.SignaturePolicyEnvelope;
        try {
            envelope = common.SignaturePolicyEnvelope.deserializeBinary(bytes);
        } catch (cause) {
            throw new DevnetError(
                'DEVNET_POLICY_INVALID',
                `These ${bytes.length} bytes are no SignaturePolicyEnvelope: ${(cause as Error).message}.`,
                { cause },
            );
        }
        return new SignaturePolicy(envelope);
    }

    /** The policy as a `common.SignaturePolicyEnvelope`, as a peer writes it. */
    toBytes(): Uint8Array {
        return this.#envelope.serializeBinary();
    }

    /** A copy of the policy as a protocol message, to be put into another. */
    toMessage(): common.SignaturePolicyEnvelope {
        return common.SignaturePolicyEnvelope.deserializeBinary(this.toBytes());
    }

    satisfiedBy(members: readonly Member[]): boolean {
        return this.#rule(
            members,
            members.map(() => false),
        );
    }

    refusal(members: readonly Member[]): string | undefined {
        return this.satisfiedBy(members) ? undefined : 'signature set did not satisfy policy';
    }

    orgCombinations(available: readonly string[]): readonly (readonly string[])[] {
        return this.#plans.get(available, () => this.#plan(available));
    }

    #plan(available: readonly string[]): readonly (readonly string[])[] {
        const orgs = this.#envelope.getIdentitiesList().map(orgOfPeer);
        const rule = this.#envelope.getRule();
        if (rule === undefined) return [];
        return smallestSets(candidatesOf(rule, orgs), available, (set) =>
            this.satisfiedBy(imaginedPeers(set)),
        );
    }

    /** The policy as text; principals that text cannot name are shown in angle brackets. */
    toString(): string {
        const names = this.#envelope.getIdentitiesList().map((principal) => {
            const named = readRolePrincipal(principal);
            return named ? `'${named.mspId}.${named.role}'` : '<another principal>';
        });
        const rule = this.#envelope.getRule();
        return rule === undefined ? '' : textOf(rule, names);
    }
}

function orgOfPeer(principal: msp.MSPPrincipal): string | undefined {
    const named = readRolePrincipal(principal);
    return named?.role === 'peer' || named?.role === 'member' ? named.mspId : undefined;
}

function* candidatesOf(
    rule: common.SignaturePolicy,
    orgs: readonly (string | undefined)[],
): Generator<readonly string[]> {
    const gate = rule.getNOutOf();
    if (gate !== undefined) {
        const alternatives = gate.getRulesList().map((each) => () => candidatesOf(each, orgs));
        // A signature counts once, so what the parts need adds up.
        for (const parts of choose(gate.getN(), alternatives)) yield parts.flat();
        return;
    }
    const org = orgs[rule.getSignedBy()];
    if (org !== undefined) yield [org];
}

function textOf(rule: common.SignaturePolicy, names: readonly string[]): string {
    const gate = rule.getNOutOf();
    if (gate === undefined) return names[rule.getSignedBy()] ?? '';
    const inner = gate.getRulesList().map((each) => textOf(each, names));
    const count = gate.getN();
    for (const [name, fits] of GATES) {
        if (inner.length > 1 && fits(count, inner.length)) return `${name}(${inner.join(', ')})`;
    }
    return `OutOf(${[count, ...inner].join(', ')})`;
}

/**
 * Reads a signature policy from its text, e.g. `OutOf(2, 'Org1MSP.peer', 'Org2MSP.peer', 'Org3MSP.peer')`.
 * Throws `DEVNET_POLICY_INVALID`.
 */
export function parseSignaturePolicy(text: string): SignaturePolicy {
    return new SignaturePolicy(parsePolicyText(text));
}
