import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DevnetError } from '../errors.js';
import { onFiles } from './file-failure.js';

/** Longest somebody else's work on a file is waited for; it is a matter of milliseconds. */
const WAIT_MS = 10_000;
const AGAIN_MS = 5;

function codeOf(error: unknown): string | undefined {
    return (error as NodeJS.ErrnoException).code;
}

/** The lock is there with its holder's name in it, or not at all, whenever this process ends. */
async function take(lock: string): Promise<boolean> {
    const own = `${lock}.${randomUUID()}`;
    try {
        await writeFile(own, String(process.pid), { flag: 'wx', mode: 0o600 });
        await link(own, lock);
        return true;
    } catch (error) {
        if (codeOf(error) === 'EEXIST') return false;
        throw error;
    } finally {
        await rm(own, { force: true });
    }
}

/** The process that holds the lock; undefined where nobody holds it. */
async function holderOf(lock: string): Promise<string | undefined> {
    try {
        return await readFile(lock, 'utf8');
    } catch (error) {
        if (codeOf(error) === 'ENOENT') return undefined;
        throw error;
    }
}

function isRunning(pid: string): boolean {
    // Nobody's who can say so: what an earlier version left when it was killed, or a disk without room.
    if (!/^\d+$/.test(pid)) return false;
    try {
        process.kill(Number(pid), 0);
        return true;
    } catch (error) {
        return codeOf(error) !== 'ESRCH';
    }
}

/** Takes away the lock of a process that ended without giving it back. */
async function takeAway(lock: string, holder: string): Promise<void> {
    const aside = `${lock}.${randomUUID()}`;
    try {
        await rename(lock, aside);
    } catch (error) {
        if (codeOf(error) === 'ENOENT') return;
        throw error;
    }
    // Whoever was faster may have taken the lock anew in between: it is theirs.
    if ((await holderOf(aside)) === holder) await rm(aside, { force: true });
    else await rename(aside, lock);
}

/** Does work on a file that no other process does such work on meanwhile. */
export async function exclusively<T>(file: string, work: () => Promise<T>): Promise<T> {
    const lock = `${file}.lock`;
    await onFiles(`Making a folder for ${file}`, () =>
        mkdir(dirname(file), { recursive: true, mode: 0o700 }),
    );
    const giveUp = performance.now() + WAIT_MS;
    while (!(await onFiles(`Locking ${file}`, () => take(lock)))) {
        const holder = await holderOf(lock);
        if (holder === undefined) continue;
        if (!isRunning(holder)) {
            await takeAway(lock, holder);
            continue;
        }
        if (performance.now() > giveUp) {
            throw new DevnetError(
                'DEVNET_DATA_UNUSABLE',
                `${file} is being written by process ${holder} for too long. End that process, or remove ${lock} if it is no network.`,
            );
        }
        await delay(AGAIN_MS);
    }
    try {
        return await work();
    } finally {
        await rm(lock, { force: true });
    }
}
