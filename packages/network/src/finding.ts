/** One thing that was looked at, in plain words. */
export interface Finding {
    /** What was looked at, e.g. `peer0.org1 at localhost:7051`. */
    readonly subject: string;
    readonly ok: boolean;
    /** What was found; when not ok, what is wrong. */
    readonly message: string;
    /** What to do about it. */
    readonly fix?: string;
}
