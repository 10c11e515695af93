const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file',
    ENOTDIR: 'a part of the path is a file',
    EISDIR: 'it is a folder',
    EACCES: 'you may not read it',
};

/**
 * Why a file cannot be read, in words that stand after a colon.
 *
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs';
 * import { whyUnreadable } from '@goodput/network';
 *
 * try {
 *   readFileSync('none.json');
 * } catch (cause) {
 *   console.log(whyUnreadable(cause)); // => there is no such file
 * }
 * ```
 */
export function whyUnreadable(cause: unknown): string {
    const { code = '', message } = cause as NodeJS.ErrnoException;
    return reasons[code] ?? message;
}
