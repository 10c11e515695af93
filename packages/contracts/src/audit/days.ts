/** Milliseconds of a day; days are UTC's, which have no others. */
export const DAY_MS = 86_400_000;

/**
 * How long after its end a day may still be written into, by transactions whose clients' clocks are off:
 * peers accept 15 minutes, and the sealing transaction's own clock may be off by as much the other way.
 */
export const SEAL_AFTER_MS = 30 * 60_000;
