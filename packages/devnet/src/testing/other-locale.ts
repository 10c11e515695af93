type Formatting = (this: unknown, ...args: unknown[]) => unknown;
type Methods = Record<string, Formatting>;

/** Formats and sorts unlike English. */
const OTHER = 'sv-SE';
/** Writes the upper case of "i" unlike everybody else. */
const OTHER_CASE = 'tr-TR';

/** Where a locale is an argument that may be left out: what has it, at which place, and the other one. */
const METHODS: readonly [object, readonly string[], place: number, locale: string][] = [
    [Number.prototype, ['toLocaleString'], 0, OTHER],
    [BigInt.prototype, ['toLocaleString'], 0, OTHER],
    [Date.prototype, ['toLocaleString', 'toLocaleDateString', 'toLocaleTimeString'], 0, OTHER],
    [String.prototype, ['localeCompare'], 1, OTHER],
    [String.prototype, ['toLocaleUpperCase', 'toLocaleLowerCase'], 0, OTHER_CASE],
];

const CLASSES = [
    'Collator',
    'DateTimeFormat',
    'ListFormat',
    'NumberFormat',
    'PluralRules',
] as const;

function withOther(args: readonly unknown[], place: number, locale: string): unknown[] {
    const given = [...args];
    given[place] ??= locale;
    return given;
}

function swapMethod(holder: object, name: string, place: number, locale: string): () => void {
    const methods = holder as Methods;
    const before = Object.getOwnPropertyDescriptor(holder, name);
    const method = methods[name];
    Object.defineProperty(holder, name, {
        ...before,
        value: function (this: unknown, ...args: unknown[]): unknown {
            return method?.apply(this, withOther(args, place, locale));
        },
    });
    return () => {
        if (before) Object.defineProperty(holder, name, before);
    };
}

function swapClass(name: (typeof CLASSES)[number]): () => void {
    const before = Object.getOwnPropertyDescriptor(Intl, name);
    const real = Intl[name] as unknown as new (...args: unknown[]) => object;
    const value = new Proxy(real, {
        construct: (target, args: unknown[], newTarget) =>
            Reflect.construct(target, withOther(args, 0, OTHER), newTarget) as object,
        apply: (target, _self, args: unknown[]) => new target(...withOther(args, 0, OTHER)),
    });
    Object.defineProperty(Intl, name, { ...before, value });
    return () => {
        if (before) Object.defineProperty(Intl, name, before);
    };
}

/** Has what is formatted and compared without a locale be so in another one; the function returned ends it. */
export function otherLocale(): () => void {
    const undo = [
        ...METHODS.flatMap(([holder, names, place, locale]) =>
            names.map((name) => swapMethod(holder, name, place, locale)),
        ),
        ...CLASSES.map(swapClass),
    ];
    return () => {
        for (const each of undo) each();
    };
}
