import type { Contract } from '@hyperledger/fabric-gateway';

/** One round of calls in a closed loop. */
export interface Round {
    readonly kind: 'submit' | 'evaluate';
    /** How many calls are under way at a time. */
    readonly callers: number;
    /** The number of the first call. */
    readonly first: number;
    readonly calls: number;
}

/** Whoever makes the calls of a round; gives how many were answered wrongly. */
export type Caller = (round: Round) => Promise<number>;

/** The key that evaluations read, and what it holds. */
export const KNOWN = { key: 'known', value: 'value' } as const;

/** Makes the calls of a round: each caller begins its next one when its last one has ended. */
export async function callRound(contract: Contract, round: Round): Promise<number> {
    const end = round.first + round.calls;
    let next = round.first;
    let wrong = 0;
    const call = async (index: number): Promise<void> => {
        if (round.kind === 'submit') {
            await contract.submitTransaction('put', `key-${index}`, 'value');
            return;
        }
        const value = await contract.evaluateTransaction('get', KNOWN.key);
        if (Buffer.from(value).toString() !== KNOWN.value) wrong += 1;
    };
    await Promise.all(
        Array.from({ length: round.callers }, async () => {
            while (next < end) {
                const index = next;
                next += 1;
                await call(index);
            }
        }),
    );
    return wrong;
}
