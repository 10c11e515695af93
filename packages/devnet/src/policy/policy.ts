import type { Member } from '../identity/member.js';

/** Something a set of signers satisfies or not. */
export interface Policy {
    /**
     * Why the members do not satisfy the policy, with a peer's wording; nothing if they do.
     *
     * @param members - those whose signatures are valid, each once: see {@link validSigners}
     */
    refusal(members: readonly Member[]): string | undefined;
    /** Whether the members satisfy the policy. */
    satisfiedBy(members: readonly Member[]): boolean;
    /**
     * The smallest sets of peers whose endorsements satisfy the policy, smallest first.
     *
     * @param available - the organisation of every peer that could endorse; an organisation with two
     *     peers is named twice. A set names an organisation twice if it takes two of its peers.
     */
    orgCombinations(available: readonly string[]): readonly (readonly string[])[];
}
