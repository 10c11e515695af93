import type { KeyPattern } from './key-pattern.js';
import type {
    AnyPart,
    PartAfter,
    PartValue,
    PartValues,
    PrefixValues,
    TemplateText,
} from './part.js';

/** How a key's parts are joined. */
export type KeyLayout = 'composite' | 'ordered';

/** Keys from `startKey` on and before `endKey`, in the ledger's order. */
export interface KeyRange {
    readonly startKey: string;
    readonly endKey: string;
}

/** A partial composite key, as `stub.getStateByPartialCompositeKey` takes it. */
export interface PartialComposite extends KeyRange {
    readonly objectType: string;
    readonly attributes: string[];
}

/** The ends of a range over one part, both in the order of its values; each may be left open. */
export interface RangeBounds<T> {
    /** First value inside. @default the first there is */
    readonly from?: T;
    /** First value outside. @default no end */
    readonly to?: T;
}

/** What every key definition has, whatever its parts: what tools and registries work with. */
export interface LedgerKey {
    readonly name: string;
    readonly layout: KeyLayout;
    readonly parts: readonly AnyPart[];
    /** The key with its parts as placeholders, e.g. `vital/{patient}/{code}/{at}`. */
    readonly template: string;
    /** Everything this definition can ever build, and nothing that another one can. */
    readonly extent: KeyRange;
    /** The values of a key's parts, or `undefined` when it is no key of this definition. */
    tryParse(key: string): Readonly<Record<string, unknown>> | undefined;
    /** The pattern this key follows, which tells what conflicts to expect of it. */
    readonly pattern?: KeyPattern;
    /** Keys that belong to this one, such as a counter's totals. */
    readonly companions?: readonly LedgerKey[];
    /** The text of each part of a key, without decoding it; `undefined` for a foreign key. */
    split(key: string): readonly string[] | undefined;
}

interface TypedKey<N extends string, P extends readonly AnyPart[]> extends LedgerKey {
    readonly name: N;
    readonly parts: P;
    readonly template: TemplateText<N, P>;
    /** The ledger key of these values. Members that are no part are ignored, so a row may be given. */
    build(values: PartValues<P>): string;
    /** The values of a key's parts; throws when the text is no key of this definition. */
    parse(key: string): PartValues<P>;
    tryParse(key: string): PartValues<P> | undefined;
}

/** A key byte-identical to what `stub.createCompositeKey` makes of its texts. */
export interface CompositeKey<N extends string, P extends readonly AnyPart[]> extends TypedKey<
    N,
    P
> {
    readonly layout: 'composite';
    /** The texts of the parts: what `stub.createCompositeKey(name, …)` takes. */
    attributes(values: PartValues<P>): string[];
    /** All keys that begin with these parts, for `stub.getStateByPartialCompositeKey`. */
    prefix(values: PrefixValues<P>): PartialComposite;
}

/** A simple key whose parts can be scanned from anywhere to anywhere with `getStateByRange`. */
export interface OrderedKey<N extends string, P extends readonly AnyPart[]> extends TypedKey<N, P> {
    readonly layout: 'ordered';
    /** All keys that begin with these parts, for `stub.getStateByRange`. */
    prefix(values: PrefixValues<P>): KeyRange;
    /**
     * All keys that begin with these parts and whose next part lies in [from, to). For parts that sort
     * newest first the bounds are still those of the values: from the earlier, to the later.
     */
    range<const X extends PrefixValues<P>>(
        prefix: X,
        bounds: RangeBounds<PartValue<PartAfter<P, X>>>,
    ): KeyRange;
    /** All keys from the first that begins with `from` up to, without, those that begin with `to`. */
    between(from: PrefixValues<P>, to: PrefixValues<P>): KeyRange;
}

/** What {@link defineKey} takes. */
export interface KeyDefinition<
    N extends string,
    L extends KeyLayout,
    P extends readonly AnyPart[],
> {
    /**
     * First element of every key, unique in its namespace. An ordered key's name begins with a letter;
     * `/`, `{`, `}` and control characters are refused.
     */
    readonly name: N;
    readonly layout: L;
    /** One to 16 parts, the ones you scan by first. */
    readonly parts: P;
}
