import { DevnetError } from '../errors.js';

function isRefusal(error: unknown): error is NodeJS.ErrnoException {
    return error instanceof Error && 'syscall' in error && 'code' in error;
}

/** Does work on files; what the system refuses is `DEVNET_FILE_FAILED`, and says what it was for. */
export async function onFiles<T>(what: string, work: () => Promise<T>): Promise<T> {
    try {
        return await work();
    } catch (error) {
        if (!isRefusal(error)) throw error;
        throw new DevnetError(
            'DEVNET_FILE_FAILED',
            `${what} failed: ${error.message}. Make room or see to the permissions there, or name another place.`,
            { cause: error },
        );
    }
}
