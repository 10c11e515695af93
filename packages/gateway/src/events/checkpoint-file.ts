import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { GatewayError } from '../errors.js';

/** How far a stream of events has been handled. */
export interface EventPosition {
    /** The block in which to go on. */
    readonly block: bigint;
    /** Transactions and events of that block already handled, in the order of the block. */
    readonly handled: number;
}

function unusable(path: string, why: string, cause?: unknown): GatewayError {
    return new GatewayError('GATEWAY_CHECKPOINT_UNUSABLE', `The checkpoint ${path} ${why}.`, {
        cause,
    });
}

function parse(path: string, text: string): EventPosition {
    let value: unknown;
    try {
        value = JSON.parse(text);
    } catch (cause) {
        throw unusable(path, 'is not JSON; restore it, or delete it to begin anew', cause);
    }
    const { block, handled } = (value ?? {}) as { block?: unknown; handled?: unknown };
    const counts = typeof handled === 'number' && Number.isSafeInteger(handled) && handled >= 0;
    if (typeof block !== 'string' || !/^\d+$/u.test(block) || !counts) {
        throw unusable(path, 'holds no position; restore it, or delete it to begin anew');
    }
    return { block: BigInt(block), handled };
}

/**
 * A position in a file that is always whole: written beside, forced to disk, and renamed into
 * place. A file that is empty or damaged is an error and never taken for "from the beginning".
 */
export class CheckpointFile {
    readonly path: string;

    constructor(path: string) {
        this.path = path;
    }

    /** The position, or undefined when there is no file yet. */
    async load(): Promise<EventPosition | undefined> {
        let text: string;
        try {
            text = await readFile(this.path, 'utf8');
        } catch (cause) {
            if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
            throw unusable(this.path, `cannot be read: ${String(cause)}`, cause);
        }
        return parse(this.path, text);
    }

    async save({ block, handled }: EventPosition): Promise<void> {
        const beside = `${this.path}.new`;
        try {
            const file = await open(beside, 'w');
            try {
                await file.writeFile(`${JSON.stringify({ block: block.toString(), handled })}\n`);
                await file.sync();
            } finally {
                await file.close();
            }
            await rename(beside, this.path);
            await syncFolder(dirname(this.path));
        } catch (cause) {
            throw unusable(this.path, `cannot be written: ${String(cause)}`, cause);
        }
    }
}

/** Makes the renaming itself survive a power loss, where the platform lets a folder be synced. */
async function syncFolder(path: string): Promise<void> {
    if (process.platform === 'win32') return;
    const folder = await open(path, 'r');
    try {
        await folder.sync();
    } finally {
        await folder.close();
    }
}
