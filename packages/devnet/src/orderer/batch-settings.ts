import { DevnetError } from '../errors.js';

/** When a block is cut. */
export interface BlockSettings {
    /**
     * Transactions in a block at most.
     * @defaultValue 500
     */
    readonly maxMessageCount: number;
    /**
     * Bytes of transactions in a block at most; a larger transaction is refused.
     * @defaultValue 10 MiB
     */
    readonly absoluteMaxBytes: number;
    /**
     * Bytes above which a block is cut before the next transaction; a larger transaction gets a block
     * of its own.
     * @defaultValue 2 MiB
     */
    readonly preferredMaxBytes: number;
    /**
     * Milliseconds from the first transaction until the block is cut however few there are;
     * `'manual'` leaves that to {@link Network.cutBlock}.
     * @defaultValue 2000
     */
    readonly timeoutMs: number | 'manual';
}

/** What Fabric's sample configuration has. */
export const DEFAULT_BLOCK_SETTINGS: BlockSettings = {
    maxMessageCount: 500,
    absoluteMaxBytes: 10 * 1024 * 1024,
    preferredMaxBytes: 2 * 1024 * 1024,
    timeoutMs: 2000,
};

/** The longest timer Node has. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

function check(name: string, value: unknown, maximum = Number.MAX_SAFE_INTEGER): void {
    if (Number.isInteger(value) && (value as number) >= 1 && (value as number) <= maximum) return;
    throw new DevnetError(
        'DEVNET_OPTION_INVALID',
        `block.${name} must be a whole number from 1 to ${maximum}; got ${String(value)}.`,
    );
}

/** `settings` over `base`, or throws `DEVNET_OPTION_INVALID` naming what is wrong. */
export function blockSettings(
    settings: Partial<BlockSettings> = {},
    base: BlockSettings = DEFAULT_BLOCK_SETTINGS,
): BlockSettings {
    const unknown = Object.keys(settings).find((name) => !(name in DEFAULT_BLOCK_SETTINGS));
    if (unknown !== undefined) {
        throw new DevnetError(
            'DEVNET_OPTION_INVALID',
            `block has no setting "${unknown}"; it has ${Object.keys(DEFAULT_BLOCK_SETTINGS).join(', ')}.`,
        );
    }
    const made = { ...base, ...settings };
    check('maxMessageCount', made.maxMessageCount);
    check('absoluteMaxBytes', made.absoluteMaxBytes);
    check('preferredMaxBytes', made.preferredMaxBytes);
    if (made.timeoutMs !== 'manual') check('timeoutMs', made.timeoutMs, MAX_TIMEOUT_MS);
    return made;
}
