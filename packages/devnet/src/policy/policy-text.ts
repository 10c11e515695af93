import { common } from '@hyperledger/fabric-protos';
import { DevnetError } from '../errors.js';
import type { MemberRole } from '../identity/member.js';
import { rolePrincipal } from './principal.js';

const TOKEN = /\s*(?:([A-Za-z]+)\s*\(|'([^']*)'|"([^"]*)"|(\d+)|([(),])|(\S))/y;
const PRINCIPAL = /^([A-Za-z0-9.-]+)\.(admin|member|client|peer|orderer)$/;
const MAX_DEPTH = 100;

function refuse(text: string, why: string): never {
    throw new DevnetError(
        'DEVNET_POLICY_INVALID',
        `The signature policy ${JSON.stringify(text)} ${why}. Write it as AND('Org1MSP.peer', OR('Org2MSP.member', OutOf(2, …))).`,
    );
}

type Argument =
    | { readonly kind: 'number'; readonly value: number }
    | { readonly kind: 'text'; readonly value: string }
    | { readonly kind: 'rule'; readonly value: common.SignaturePolicy };

/** Reads the language of `peer lifecycle chaincode approveformyorg --signature-policy`. */
class PolicyReader {
    readonly identities: ReturnType<typeof rolePrincipal>[] = [];
    readonly #text: string;
    #at = 0;

    constructor(text: string) {
        this.#text = text;
    }

    #next(): RegExpExecArray | undefined {
        TOKEN.lastIndex = this.#at;
        const token = TOKEN.exec(this.#text) ?? undefined;
        if (token !== undefined) this.#at = TOKEN.lastIndex;
        return token;
    }

    read(): common.SignaturePolicy {
        const first = this.#argument(0);
        if (first.kind !== 'rule') refuse(this.#text, 'is no AND, OR or OutOf');
        if (this.#text.slice(this.#at).trim() !== '') refuse(this.#text, 'goes on after its end');
        return first.value;
    }

    #argument(depth: number): Argument {
        const token = this.#next();
        if (token === undefined) return refuse(this.#text, 'ends too early');
        const [, gate, single, double, digits, , other] = token;
        if (gate !== undefined) return { kind: 'rule', value: this.#gate(gate, depth) };
        const text = single ?? double;
        if (text !== undefined) return { kind: 'text', value: text };
        if (digits !== undefined) return { kind: 'number', value: Number(digits) };
        return refuse(this.#text, `has an unexpected ${JSON.stringify(other ?? token[0].trim())}`);
    }

    #gate(name: string, depth: number): common.SignaturePolicy {
        if (depth >= MAX_DEPTH) refuse(this.#text, `is nested deeper than ${MAX_DEPTH}`);
        // Only the three spellings a peer knows: And, and, AND.
        const gate = ['And', 'Or', 'OutOf'].find((known) =>
            [known, known.toLowerCase(), known.toUpperCase()].includes(name),
        );
        if (gate === undefined) refuse(this.#text, `has an unknown gate ${name}`);
        const args: Argument[] = [];
        for (;;) {
            args.push(this.#argument(depth + 1));
            const separator = this.#next()?.[5];
            if (separator === ')') break;
            if (separator !== ',') refuse(this.#text, `does not close ${name}(`);
        }
        if (gate === 'And') return this.#outOf(args.length, args);
        if (gate === 'Or') return this.#outOf(1, args);
        const [count, ...rest] = args;
        if (rest.length === 0) refuse(this.#text, 'has an OutOf with nothing to choose from');
        return this.#outOf(this.#countOf(count), rest);
    }

    #countOf(argument: Argument | undefined): number {
        if (argument?.kind === 'number') return argument.value;
        if (argument?.kind === 'text' && /^\d+$/.test(argument.value))
            return Number(argument.value);
        return refuse(this.#text, 'has an OutOf that does not begin with a number');
    }

    #outOf(count: number, args: readonly Argument[]): common.SignaturePolicy {
        // One more than there are is allowed: such a policy is satisfied by nobody.
        if (count > args.length + 1) {
            refuse(this.#text, `asks for ${count} out of ${args.length}`);
        }
        const gate = new common.SignaturePolicy.NOutOf();
        gate.setN(count);
        // Nested gates have been read by now and have numbered their principals before this one's.
        gate.setRulesList(args.map((argument) => this.#ruleOf(argument)));
        const rule = new common.SignaturePolicy();
        rule.setNOutOf(gate);
        return rule;
    }

    #ruleOf(argument: Argument): common.SignaturePolicy {
        if (argument.kind === 'rule') return argument.value;
        if (argument.kind === 'number') return refuse(this.#text, 'has a number among the signers');
        const [, mspId, role] = PRINCIPAL.exec(argument.value) ?? [];
        if (mspId === undefined) {
            return refuse(
                this.#text,
                `has ${JSON.stringify(argument.value)} where MSPID.admin, .member, .client, .peer or .orderer belongs`,
            );
        }
        this.identities.push(rolePrincipal(mspId, role as MemberRole));
        const rule = new common.SignaturePolicy();
        rule.setSignedBy(this.identities.length - 1);
        return rule;
    }
}

/** Reads the text of a signature policy into the message a peer makes of it, byte for byte. */
export function parsePolicyText(text: string): common.SignaturePolicyEnvelope {
    const reader = new PolicyReader(text);
    const envelope = new common.SignaturePolicyEnvelope();
    envelope.setRule(reader.read());
    envelope.setIdentitiesList(reader.identities);
    return envelope;
}
