import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Outbox } from '@goodput/gateway';
import { CommandError } from '../errors.js';
import type { Register } from '../program.js';

async function withOutbox<T>(folder: string, use: (outbox: Outbox) => Promise<T>): Promise<T> {
    // The file by which its store finds all others.
    if (!existsSync(join(folder, 'CURRENT'))) {
        throw new CommandError('COMMAND_FILE_UNREADABLE', `There is no outbox at ${folder}.`, {
            suggestion: 'Give the folder that the client was given as outbox.path.',
        });
    }
    const outbox = await Outbox.open(folder, { create: false });
    try {
        return await use(outbox);
    } finally {
        await outbox.close();
    }
}

const note = `
Only one process may have an outbox open: stop the client first. What an export
holds are the operations' own arguments: treat the file as you treat the data.

Example:
  goodput outbox ls ./outbox && goodput outbox retry ./outbox`;

/** `goodput outbox ls|retry|export` */
export const registerOutbox: Register = (program, terminal) => {
    const outbox = program
        .command('outbox')
        .description('look into the durable outbox of a client')
        .addHelpText('after', note);
    outbox
        .command('ls')
        .description('what waits, was sent without an answer yet, or was given up')
        .argument('<folder>', 'the outbox')
        .option('--json', 'print as JSON')
        .action(async (folder: string, options: { json?: boolean }) => {
            const entries = await withOutbox(folder, (opened) => opened.list());
            if (options.json === true) terminal.out(JSON.stringify(entries, null, 2));
            else {
                for (const { id, state, acceptedAt, function: name, error } of entries) {
                    const why = error === undefined ? '' : `  ${error.code}: ${error.message}`;
                    terminal.out(`${acceptedAt.toISOString()}  ${state}  ${name}  ${id}${why}`);
                }
            }
            terminal.say(`${entries.length} operations.`);
        });
    outbox
        .command('retry')
        .description('let the next client that opens it try again what was given up')
        .argument('<folder>', 'the outbox')
        .argument('[id]', 'one operation only')
        .action(async (folder: string, id?: string) => {
            const count = await withOutbox(folder, (opened) => opened.retry(id));
            terminal.out(`${count} operations will be tried again.`);
        });
    outbox
        .command('export')
        .description('print everything it holds, one JSON object a line')
        .argument('<folder>', 'the outbox')
        .action(async (folder: string) => {
            await withOutbox(folder, async (opened) => {
                for await (const line of opened.export()) terminal.out(line);
            });
        });
};
