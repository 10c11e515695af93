import { accessSync, constants, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { CommandError } from './errors.js';

const reasons: Readonly<Record<string, string>> = {
    EACCES: 'you may not write there',
    EROFS: 'the file system is read-only',
    EISDIR: 'it is a folder',
    EEXIST: 'a part of the path is a file',
    ENOENT: 'no folder can be made there',
    ENOTDIR: 'a part of the path is a file',
    ENOSPC: 'the disk is full',
};

function refuse(file: string, cause: unknown): never {
    const { code = '', message } = cause as { code?: string; message: string };
    const why = reasons[code] ?? message;
    throw new CommandError('COMMAND_FILE_UNWRITABLE', `Cannot write ${file}: ${why}.`, {
        suggestion: 'Give the path of a file in a folder you may write to.',
        cause,
    });
}

/** Step by step: in /proc and its like Node's own recursive making of folders never ends. */
export function makeFolder(folder: string): void {
    if (existsSync(folder)) return;
    makeFolder(dirname(folder));
    mkdirSync(folder);
}

/** Checks that a file can be written, before an hour is spent on what is to stand in it. */
export function checkOutput(file: string | undefined): void {
    if (file === undefined) return;
    try {
        makeFolder(dirname(file));
        if (existsSync(file)) {
            if (statSync(file).isDirectory()) refuse(file, { code: 'EISDIR' });
            accessSync(file, constants.W_OK);
        } else accessSync(dirname(file), constants.W_OK);
    } catch (cause) {
        if (cause instanceof CommandError) throw cause;
        refuse(file, cause);
    }
}

/** Writes a file, its folder made when it is not there. Throws `COMMAND_FILE_UNWRITABLE`. */
export function writeOutput(file: string, content: string): void {
    try {
        makeFolder(dirname(file));
        writeFileSync(file, content);
    } catch (cause) {
        refuse(file, cause);
    }
}
