export type { Codec } from './codec.js';
export { codecSuite } from './codec-suite.js';
export type { CodecSuiteOptions } from './codec-suite.js';
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
export { healthcareKeys, healthcareSpaces } from './healthcare.js';
export { CONFLICT_BEHAVIOUR, conflictProbability } from './key-pattern.js';
export type { ConflictBehaviour, KeyPattern } from './key-pattern.js';
export { defineKeySpace, defineKeySpaces } from './key-space.js';
export type { KeySpace, KeySpaceDefinition, KeySpaces, KeySpacesDefinition } from './key-space.js';
export { inferTemplate } from './infer-template.js';
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
export { checkKey, LONG_KEY_BYTES } from './lint/check-key.js';
export type { CheckKeyOptions } from './lint/check-key.js';
export { checkKeySpace } from './lint/check-key-space.js';
export type { CheckKeySpaceInput } from './lint/check-key-space.js';
export { checkValue } from './lint/check-value.js';
export { LINT_RULES } from './lint/rules.js';
export type { LintFinding, LintRule, LintRuleId } from './lint/rules.js';
export { part } from './part.js';
export type {
    AnyPart,
    Flat,
    Part,
    PartAfter,
    PartOptions,
    PartValue,
    PartValues,
    PrefixValues,
    TemplateText,
} from './part.js';
export { defineAppendOnlyKey } from './patterns/append-only-key.js';
export type {
    AppendOnlyDefinition,
    AppendOnlyKey,
    AppendOnlyParts,
} from './patterns/append-only-key.js';
export { defineDeltaCounterKey } from './patterns/delta-counter-key.js';
export type {
    ClosedEpochOptions,
    DeltaCounterDefinition,
    DeltaCounterKey,
    DeltaParts,
    EpochRange,
    TotalParts,
} from './patterns/delta-counter-key.js';
export { defineIndexKey } from './patterns/index-key.js';
export type { IndexChange, IndexDefinition, IndexKey, IndexParts } from './patterns/index-key.js';
export { defineShardedKey, shardOfText } from './patterns/sharded-key.js';
export type {
    ShardedDefinition,
    ShardedKey,
    ShardedParts,
    ShardingValues,
} from './patterns/sharded-key.js';
export { defineSlotKey } from './patterns/slot-key.js';
export type { SlotDefinition, SlotKey, SlotParts, SlotWindow } from './patterns/slot-key.js';
export { DEFAULT_GRACE_MS, SEQUENCES_PER_TRANSACTION } from './patterns/stamp.js';
export type { StampParts, TransactionStamp } from './patterns/stamp.js';
export { defineTimeSeriesKey } from './patterns/time-series-key.js';
export type {
    TimeSeriesDefinition,
    TimeSeriesKey,
    TimeSeriesParts,
    TimeSeriesScan,
    TimeSeriesWindow,
} from './patterns/time-series-key.js';
export { parseTxUlid, txUlid, ulid } from './patterns/tx-ulid.js';
export { defineUniqueKey } from './patterns/unique-key.js';
export type { UniqueDefinition, UniqueKey } from './patterns/unique-key.js';
export { createRedactor } from './redactor.js';
export type { Redactor, RedactorOptions } from './redactor.js';
export { createKeyRegistry } from './registry.js';
export type { DescribedKey, DescribedPart, KeyRegistry, KeyRegistryOptions } from './registry.js';
export { compareKeys } from './text.js';
