import { ConflictAttributor, validationCodeName, type Block, type Conflict } from '@goodput/rwset';
import type { Register } from '../program.js';
import { readBlocks, withBlocks, type BlockSource } from '../read-blocks.js';
import type { Terminal } from '../terminal.js';

interface Source extends BlockSource {
    readonly json?: boolean;
}

/** A key as text that a terminal can show: composite keys have separators that it cannot. */
function shown(key: string | undefined): string {
    if (key === undefined) return 'a key not seen';
    return key.startsWith('\u0000')
        ? key.split('\u0000').slice(1, -1).join('/')
        : JSON.stringify(key).slice(1, -1);
}

function tell(conflict: Conflict): string {
    const { victim, blocker, namespace, key, range, ageInBlocks } = conflict;
    const what =
        range === undefined
            ? `${namespace ?? '?'}:${shown(key)}`
            : `${namespace ?? '?'}:[${shown(range.startKey)}, ${shown(range.endKey)}) at ${shown(key)}`;
    const by =
        blocker === undefined
            ? 'a transaction before the first block seen'
            : `${blocker.functionName} ${blocker.txId.slice(0, 12)} (block ${blocker.blockNum}.${blocker.txNum}, ${ageInBlocks === 0 ? 'same block' : `${ageInBlocks ?? '?'} blocks before`})`;
    return `${victim.blockNum}.${victim.txNum} ${victim.functionName} ${victim.txId.slice(0, 12)} ${validationCodeName(conflict.code)} (${conflict.class}) on ${what}: beaten by ${by}`;
}

function conflictsOf(blocks: readonly Block[]): Conflict[] {
    const attributor = new ConflictAttributor();
    return blocks.flatMap((block) => attributor.add(block));
}

function printConflicts(terminal: Terminal, blocks: readonly Block[], json: boolean): void {
    const conflicts = conflictsOf(blocks);
    if (json) {
        terminal.out(JSON.stringify(conflicts, null, 2));
        return;
    }
    for (const conflict of conflicts) terminal.out(tell(conflict));
    const transactions = blocks.reduce((sum, { transactions: all }) => sum + all.length, 0);
    terminal.say(
        `${conflicts.length} of ${transactions} transactions in ${blocks.length} blocks lost a read conflict.`,
    );
}

function printBlocks(terminal: Terminal, blocks: readonly Block[], json: boolean): void {
    const rows = blocks.flatMap((block) =>
        block.transactions.map((each) => ({
            block: block.number,
            tx: each.txNum,
            id: each.txId,
            kind: each.kind,
            chaincode: each.chaincode?.name,
            function: each.functionName,
            creator: each.creatorMspId,
            code: validationCodeName(each.code),
        })),
    );
    if (json) terminal.out(JSON.stringify(rows, null, 2));
    else {
        for (const row of rows) {
            const call =
                row.chaincode === undefined ? row.kind : `${row.chaincode}.${row.function}`;
            terminal.out(
                `${row.block}.${row.tx} ${row.id.slice(0, 12)} ${row.code} ${call} by ${row.creator}`,
            );
        }
    }
}

const example = `
Examples:
  goodput blocks conflicts --network .goodput/devnet.json --from 10
  goodput blocks list ./blocks`;

/** `goodput blocks list|conflicts` */
export const registerBlocks: Register = (program, terminal) => {
    const blocks = program
        .command('blocks')
        .description('read blocks, from files or a live channel')
        .addHelpText('after', example);
    withBlocks(blocks.command('list').description('one line a transaction'))
        .option('--json', 'print as JSON')
        .action(async (files: string[], source: Source) => {
            printBlocks(terminal, await readBlocks(files, source), source.json === true);
        });
    withBlocks(
        blocks
            .command('conflicts')
            .description('who lost a read conflict, to whom, over which key'),
    )
        .option('--json', 'print as JSON')
        .action(async (files: string[], source: Source) => {
            printConflicts(terminal, await readBlocks(files, source), source.json === true);
        });
};
