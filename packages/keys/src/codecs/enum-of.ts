import { builtIn, type Codec } from '../codec.js';
import { refuse, refuseOption, refuseType } from '../refuse.js';
import { compareKeys, isPlain } from '../text.js';

/**
 * One of a few words, written as it is. Sorts as text, not in the order of declaration, so that a
 * member may be added without moving the keys already on the ledger.
 */
export function enumOf<const M extends string>(...members: readonly M[]): Codec<M> {
    if (members.length === 0) refuseOption('members', 'at least one word', 'none');
    for (const member of members) {
        if (typeof member !== 'string' || !isPlain(member)) {
            refuseOption('members', 'non-empty words without control characters', member);
        }
    }
    const known: ReadonlySet<string> = new Set(members);
    if (known.size !== members.length) refuseOption('members', 'all different', members.join());
    const shown = members.length > 8 ? `${members.slice(0, 8).join(', ')}, …` : members.join(', ');

    function check(value: string): M {
        if (known.has(value)) return value as M;
        if (typeof value !== 'string') return refuseType(`one of ${shown}`, value);
        return refuse(
            'KEY_PART_NOT_MEMBER',
            `must be one of ${shown}`,
            value,
            'Use a member, or add one to the definition.',
        );
    }
    return builtIn<M>('plain', {
        kind: 'enum',
        encode: check,
        decode: check,
        compare: compareKeys,
    });
}
