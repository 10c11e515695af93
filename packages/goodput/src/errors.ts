/** Every code a {@link CommandError} can carry, with what it means. */
export const ERROR_CODES = {
    COMMAND_USAGE:
        'The command line asks for something that does not exist or does not fit together.',
    COMMAND_FILE_UNREADABLE: 'A file named on the command line cannot be read.',
    COMMAND_FILE_UNWRITABLE: 'A file that was to be written cannot be.',
    COMMAND_INTERRUPTED: 'Ctrl-C ended the command before it was done; what it had was written.',
    COMMAND_CHECK_FAILED: 'What was checked is not in order; the findings were printed.',
} as const;

/** A stable error code of this package. */
export type CommandErrorCode = keyof typeof ERROR_CODES;

/** What the command line says in one clear line. */
export class CommandError extends Error {
    override readonly name = 'CommandError';
    readonly code: CommandErrorCode;
    /** What to do about it. */
    readonly suggestion: string | undefined;

    constructor(
        code: CommandErrorCode,
        message: string,
        options: { readonly suggestion?: string; readonly cause?: unknown } = {},
    ) {
        super(message, { cause: options.cause });
        this.code = code;
        this.suggestion = options.suggestion;
    }
}
