/**
 * A process that submits until it is killed. It appends to the attempts file before each submission
 * and to the accepted file once the client has accepted it. It says when it is ready, when the first
 * one was accepted, and when it is done.
 *
 * Arguments: profile, outbox, attempts file, accepted file, number of this run, operations (0: only
 * take up what was left).
 */
import { appendFileSync } from 'node:fs';
import { connect } from '../client/connect.js';

async function main(): Promise<void> {
    const [profile = '', outbox = '', attempts = '', accepted = '', run = '', most = '0'] =
        process.argv.slice(2);
    const client = await connect(profile, {
        strategy: 'auto',
        outbox: { path: outbox, sync: false },
    });
    const contract = client.contract('counters', {
        functions: { once: { keys: ([id = '', key = '']) => [`op:${id}`, key] } },
    });
    process.stdout.write('ready\n');
    const ids = Array.from({ length: Number(most) }, (_, index) => `${run}-${index}`);
    for (const [index, id] of ids.entries()) {
        appendFileSync(attempts, `${id}\n`);
        await contract.submitAsync('once', [id, `hot${index % 2}`], { id });
        appendFileSync(accepted, `${id}\n`);
        if (index === 0) process.stdout.write('accepted\n');
    }
    await client.recovered;
    await client.close();
    process.stdout.write('done\n');
}

void main();
