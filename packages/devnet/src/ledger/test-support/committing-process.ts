import { openLedger } from '../ledger.js';
import { commitTogether, work } from './build-block.js';

/**
 * Commits one block after another to the ledger in the folder given as argument, and prints a block's
 * number when it is committed, until it is killed.
 */
async function main(): Promise<void> {
    const ledger = await openLedger({ channel: 'mychannel', directory: process.argv[2] ?? '' });
    for (;;) {
        const number = ledger.height;
        await commitTogether(
            ledger,
            work(async (simulation) => {
                const before = await simulation.getState('cc', 'counter');
                const count = Number(Buffer.from(before ?? []).toString()) + 1;
                simulation.putState('cc', 'counter', Buffer.from(String(count)));
                simulation.putState('cc', `block${number}`, Buffer.alloc(2_000, number % 256));
                if (number > 2) simulation.deleteState('cc', `block${number - 2}`);
            }, `tx-of-block-${number}`),
        );
        process.stdout.write(`${number}\n`);
    }
}

void main();
