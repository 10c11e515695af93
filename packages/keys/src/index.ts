export type { Codec } from './codec.js';
export { bigint } from './codecs/bigint.js';
export { bool } from './codecs/bool.js';
export { bytes } from './codecs/bytes.js';
export type { BytesOptions } from './codecs/bytes.js';
export { decimal } from './codecs/decimal.js';
export type { DecimalOptions } from './codecs/decimal.js';
export { enumOf } from './codecs/enum-of.js';
export { float64 } from './codecs/float64.js';
export { hash, txId } from './codecs/hash.js';
export type { HashOptions } from './codecs/hash.js';
export { int } from './codecs/int.js';
export { optional } from './codecs/optional.js';
export { string } from './codecs/string.js';
export type { StringOptions } from './codecs/string.js';
export { bucketStart, nextBucketStart, timeBucket } from './codecs/time-bucket.js';
export type { BucketSize, TimeBucketOptions } from './codecs/time-bucket.js';
export { timestamp, timestampNanos } from './codecs/timestamp.js';
export type { TimestampOptions } from './codecs/timestamp.js';
export { tuple } from './codecs/tuple.js';
export type { TupleValues } from './codecs/tuple.js';
export { uint } from './codecs/uint.js';
export type { IntegerOptions } from './codecs/uint.js';
export { uuid } from './codecs/uuid.js';
export { defineKey, MAX_PARTS } from './define-key.js';
export { ERROR_CODES, KeyError } from './errors.js';
export type { KeyErrorCode, KeyErrorDetail } from './errors.js';
export { MAX_KEY_BYTES } from './key-text.js';
export type {
    CompositeKey,
    KeyDefinition,
    KeyLayout,
    KeyRange,
    LedgerKey,
    OrderedKey,
    PartialComposite,
    RangeBounds,
} from './ledger-key.js';
export { part } from './part.js';
export type {
    AnyPart,
    Part,
    PartAfter,
    PartOptions,
    PartValue,
    PartValues,
    PrefixValues,
    TemplateText,
} from './part.js';
export { compareKeys } from './text.js';
