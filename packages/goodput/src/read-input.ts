import { readFileSync } from 'node:fs';
import { whyUnreadable } from '@goodput/network';
import { CommandError } from './errors.js';

/** The bytes of a file named on the command line. Throws `COMMAND_FILE_UNREADABLE`. */
export function readInput(file: string): Buffer {
    try {
        return readFileSync(file);
    } catch (cause) {
        const why = whyUnreadable(cause);
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
