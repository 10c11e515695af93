import { readFileSync } from 'node:fs';
import { CommandError } from './errors.js';

const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file',
    ENOTDIR: 'a part of the path is a file',
    EISDIR: 'it is a folder',
    EACCES: 'you may not read it',
};

/** The bytes of a file named on the command line. Throws `COMMAND_FILE_UNREADABLE`. */
export function readInput(file: string): Buffer {
    try {
        return readFileSync(file);
    } catch (cause) {
        const { code = '', message } = cause as NodeJS.ErrnoException;
        const why = reasons[code] ?? message;
        throw new CommandError('COMMAND_FILE_UNREADABLE', `Cannot read ${file}: ${why}.`, {
            suggestion: 'Check the path.',
            cause,
        });
    }
}

/** The value in a JSON file named on the command line. Throws `COMMAND_FILE_UNREADABLE`. */
export function readJsonInput(file: string): unknown {
    const text = readInput(file).toString('utf8');
    try {
        return JSON.parse(text) as unknown;
    } catch (cause) {
        const why = (cause as Error).message;
        throw new CommandError('COMMAND_FILE_UNREADABLE', `${file} is not JSON: ${why}.`, {
            cause,
        });
    }
}
