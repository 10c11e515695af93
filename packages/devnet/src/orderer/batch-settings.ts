import {
    checkKnown,
    checkMembers,
    checkValue,
    isObject,
    isWhole,
    type Rule,
} from '../checks/member-rules.js';

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
     * of its own. Never more than `absoluteMaxBytes`.
     * @defaultValue 2 MiB, or `absoluteMaxBytes` where that is less
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
/** A channel's configuration has no more bits for them. */
const MAX_COUNT = 2 ** 32 - 1;

const COUNT: Rule = [
    (value) => isWhole(value, 1, MAX_COUNT),
    `a whole number from 1 to ${MAX_COUNT}`,
];

const MEMBERS: Readonly<Record<keyof BlockSettings, Rule>> = {
    maxMessageCount: COUNT,
    absoluteMaxBytes: COUNT,
    preferredMaxBytes: COUNT,
    timeoutMs: [
        (value) => value === 'manual' || isWhole(value, 1, MAX_TIMEOUT_MS),
        `"manual" or a whole number from 1 to ${MAX_TIMEOUT_MS}`,
    ],
};

/** `settings` over `base`, or throws `DEVNET_OPTION_INVALID` naming what is wrong. */
export function blockSettings(
    settings: Partial<BlockSettings> = {},
    base: BlockSettings = DEFAULT_BLOCK_SETTINGS,
): BlockSettings {
    checkValue('block', settings, [isObject, 'an object of settings']);
    checkKnown('block', settings, Object.keys(MEMBERS));
    checkMembers('block.', settings, MEMBERS);
    const made = { ...base, ...settings };
    const { absoluteMaxBytes } = made;
    if (settings.preferredMaxBytes === undefined) {
        return { ...made, preferredMaxBytes: Math.min(base.preferredMaxBytes, absoluteMaxBytes) };
    }
    checkValue('block.preferredMaxBytes', settings.preferredMaxBytes, [
        (value) => isWhole(value, 1, absoluteMaxBytes),
        `no more than absoluteMaxBytes, which is ${absoluteMaxBytes}`,
    ]);
    return made;
}
