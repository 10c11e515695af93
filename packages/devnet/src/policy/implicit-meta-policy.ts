import type { Member } from '../identity/member.js';
import { choose, Plans, smallestSets, union } from './combinations.js';
import { imaginedPeers } from './imagined-peers.js';
import type { Policy } from './policy.js';

/** How many of the organisations' policies of one name must be satisfied. */
export type MetaRule = 'ANY' | 'ALL' | 'MAJORITY';

/** A channel's policy over its organisations' policies of the same name, as `MAJORITY Endorsement`. */
export class ImplicitMetaPolicy implements Policy {
    readonly #name: string;
    readonly #policies: readonly Policy[];
    readonly #threshold: number;
    readonly #plans = new Plans();

    constructor(rule: MetaRule, name: string, policies: readonly Policy[]) {
        this.#name = name;
        this.#policies = policies;
        const count = policies.length;
        const thresholds = { ANY: 1, ALL: count, MAJORITY: Math.floor(count / 2) + 1 };
        // Without organisations nobody can be asked: such a channel's policy is satisfied.
        this.#threshold = count === 0 ? 0 : thresholds[rule];
    }

    #satisfied(members: readonly Member[]): number {
        return this.#policies.filter((policy) => policy.satisfiedBy(members)).length;
    }

    satisfiedBy(members: readonly Member[]): boolean {
        return this.#satisfied(members) >= this.#threshold;
    }

    refusal(members: readonly Member[]): string | undefined {
        const satisfied = this.#satisfied(members);
        if (satisfied >= this.#threshold) return undefined;
        return `implicit policy evaluation failed - ${satisfied} sub-policies were satisfied, but this policy requires ${this.#threshold} of the '${this.#name}' sub-policies to be satisfied`;
    }

    orgCombinations(available: readonly string[]): readonly (readonly string[])[] {
        return this.#plans.get(available, () => this.#plan(available));
    }

    #plan(available: readonly string[]): readonly (readonly string[])[] {
        const alternatives = this.#policies.map((policy) => {
            const sets = policy.orgCombinations(available);
            return () => sets;
        });
        const threshold = this.#threshold;
        const candidates = function* (): Generator<readonly string[]> {
            // A signature counts for every organisation's policy, so what the parts need is united.
            for (const parts of choose(threshold, alternatives)) yield union(parts);
        };
        return smallestSets(candidates(), available, (set) => this.satisfiedBy(imaginedPeers(set)));
    }
}
