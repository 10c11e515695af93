import { outcomeClasses, type OutcomeClass, type RunReport } from '@goodput/bench';
import { expect } from 'chai';
import { tellStory } from './story.js';

interface Told {
    readonly counts: Partial<Record<OutcomeClass, number>>;
    readonly goodput: number;
    readonly transactions?: number;
    readonly ok?: boolean;
}

function system({ counts, goodput, transactions = 1, ok = true }: Told): unknown {
    const all = Object.fromEntries(outcomeClasses.map((each) => [each, counts[each] ?? 0]));
    const offered = Object.values(all).reduce((sum, count) => sum + count, 0);
    return {
        recording: { counts: all },
        success: (counts.committed ?? 0) / (offered - (counts.rejected ?? 0)),
        goodputPerSecond: goodput,
        transactions: { valid: transactions },
        verdict: { ok },
    };
}

const story = (...systems: Told[]): string =>
    tellStory({ systems: systems.map(system) } as unknown as RunReport);

const ours: Told = { counts: { committed: 100, rejected: 5 }, goodput: 50, transactions: 4 };

describe('the story of a run', () => {
    it('tells what was lost to contention from what was lost to load', () => {
        const counts = {
            committed: 60,
            rejected: 5,
            'mvcc-conflict': 20,
            'phantom-conflict': 5,
            timeout: 10,
            overload: 5,
        };
        expect(story({ counts, goodput: 25 }, ours)).to.equal(
            'The plain client lost 40% of its operations: 25 because another one had changed what they read and 15 because the network could not keep up.\n' +
                'Goodput committed 100.0% of the same operations, 2.00 times as many a second, in 4 transactions of 25.0 operations each, and the ledger was checked to hold every one of them exactly once.',
        );
    });

    it('says so when nothing was lost, or when nothing was committed', () => {
        expect(story({ counts: { committed: 100, rejected: 5 }, goodput: 50 }, ours)).to.match(
            /^The plain client lost no operation\.\n.*1\.00 times as many/,
        );
        expect(story({ counts: { 'mvcc-conflict': 9 }, goodput: 0 }, ours)).to.match(
            /lost 100% of its operations: 9 because .*\n.*the plain client committed none, in 4/,
        );
    });

    it('does not claim what the ledger does not hold', () => {
        const wrong = story({ counts: { committed: 1 }, goodput: 1 }, { ...ours, ok: false });
        expect(wrong).to.match(/but the ledger does not hold what it reported\.$/);
        expect(wrong).to.not.match(/exactly once/);
    });
});
