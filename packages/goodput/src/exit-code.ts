/** What the process's exit code says. */
export const EXIT_CODES = {
    /** Done. */
    ok: 0,
    /** What was checked or compared is not in order. */
    checkFailed: 1,
    /** The command line, a file or a profile is wrong. */
    usage: 2,
    /** It was right and still failed: a network out of reach, a chaincode that refused. */
    failed: 3,
    /** Ended by Ctrl-C before it was done. */
    interrupted: 130,
} as const;

/** Codes of our packages that mean the user's input was wrong, not the world. */
const wrongInput =
    /^(COMMAND_USAGE|COMMAND_FILE|NETWORK_PROFILE|NETWORK_IDENTITY|NETWORK_PEER|NETWORK_KEY|BENCH_SCHEDULE|BENCH_WORKLOAD|BENCH_SYSTEM|BENCH_REPORT|DEVNET_OPTION|DEVNET_ENROLMENT|DEVNET_POLICY|DEVNET_DATA|RWSET_BYTES|COUCHDB_FOLDER)/;

/** The exit code for an error that ended a command. */
export function exitCodeOf(error: unknown): number {
    const code = (error as { code?: unknown } | null)?.code;
    if (code === 'COMMAND_CHECK_FAILED') return EXIT_CODES.checkFailed;
    if (code === 'COMMAND_INTERRUPTED') return EXIT_CODES.interrupted;
    if (typeof code === 'string' && wrongInput.test(code)) return EXIT_CODES.usage;
    return EXIT_CODES.failed;
}
