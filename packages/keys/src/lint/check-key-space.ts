import type { LedgerKey } from '../ledger-key.js';
import type { AnyPart } from '../part.js';
import { finding, type LintFinding } from './rules.js';

/** What {@link checkKeySpace} looks at. */
export interface CheckKeySpaceInput {
    /** Definitions of one namespace. @default none */
    readonly keys?: readonly LedgerKey[];
    /** Raw keys of that namespace, such as were seen in blocks. @default none */
    readonly samples?: readonly string[];
}

const salt = /^(?:salt|shard|partition|hash|random)/i;
const timeKind = /^(?:optional\()?time/;
const numericName =
    /(?:^|_)(?:number|count|amount|seq|sequence|index|version|height|age)$|(?:Number|Count|Amount|Seq|Sequence|Index|Version|Height|Age)$/;
const temporalName = /(?:^(?:at|on|when)$)|(?:At|On|_at|_on|[dD]ate|[tT]ime|[tT]imestamp|[dD]ay)$/;
const personalName =
    /^(?:ssn|mrn|nhs|dob|birth\w*|name|first\w*name|last\w*name|surname|email|phone|address|patient\w*|passport)$/i;

function checkParts(key: LedgerKey): LintFinding[] {
    const found: LintFinding[] = [];
    const isText = (each: AnyPart): boolean => each.codec.kind.includes('string');
    for (const each of key.parts) {
        const where = `part ${each.name} of ${key.name}`;
        if (isText(each) && (numericName.test(each.name) || temporalName.test(each.name))) {
            found.push(
                finding('K05', 'warning', `${where} is text, but sounds like a number or time`),
            );
        }
        if (!each.phi && personalName.test(each.name) && !each.codec.kind.startsWith('hash')) {
            found.push(finding('K24', 'warning', `${where} is not marked phi`));
        }
    }
    return found;
}

function checkSalt(key: LedgerKey): LintFinding[] {
    const time = key.parts.findIndex(({ codec }) => timeKind.test(codec.kind));
    const salted = key.parts.findIndex(({ name }) => salt.test(name));
    if (time < 0 || salted < 0 || salted > time) return [];
    return [finding('K30', 'warning', `part ${key.parts[salted]?.name ?? ''} of ${key.name}`)];
}

/** K29: the same name with another layout or another number of parts. */
function checkShapes(shapes: ReadonlyMap<string, ReadonlySet<string>>): LintFinding[] {
    return [...shapes]
        .filter(([, each]) => each.size > 1)
        .map(([name, each]) =>
            finding('K29', 'error', `${name} comes as ${[...each].sort().join(' and as ')}`),
        );
}

function note<T>(map: Map<string, Set<T>>, at: string, value: T): void {
    const known = map.get(at);
    if (known === undefined) map.set(at, new Set([value]));
    else known.add(value);
}

interface Sample {
    readonly name: string;
    readonly layout: 'composite' | 'ordered';
    readonly attributes: readonly string[];
}

function sampleOf(raw: string): Sample | undefined {
    const composite = raw.startsWith('\0');
    const texts = composite ? raw.slice(1).split('\0') : raw.split('\u0001');
    if (texts.length < 2 || texts.pop() !== '') return undefined;
    const [name = '', ...attributes] = texts;
    return { name, layout: composite ? 'composite' : 'ordered', attributes };
}

/** K05: numbers of several widths in one place, which can only be unpadded ones. */
function checkWidths(samples: readonly Sample[]): LintFinding[] {
    const numbers = new Map<string, Set<number>>();
    const others = new Set<string>();
    for (const { name, layout, attributes } of samples) {
        attributes.forEach((text, index) => {
            const place = `attribute ${index + 1} of ${name} (${layout})`;
            if (/^\d+$/.test(text)) note(numbers, place, text.length);
            else others.add(place);
        });
    }
    return [...numbers]
        .filter(([place, widths]) => widths.size > 1 && !others.has(place))
        .map(([place]) => finding('K05', 'error', `numbers of several widths in ${place}`));
}

/**
 * Checks keys against each other: rules K05, K24, K29 and K30. Definitions that {@link defineKeySpace}
 * accepts have no K29; the check is for keys declared apart, and for raw keys that were seen.
 *
 * @example
 * ```ts
 * import { checkKeySpace } from '@goodput/keys';
 *
 * const samples = ['\0row\0' + '9\0', '\0row\0' + '10\0'];
 * console.log(checkKeySpace({ samples })[0]?.rule); // => K05
 * ```
 */
export function checkKeySpace(input: CheckKeySpaceInput): LintFinding[] {
    const { keys = [] } = input;
    const samples = (input.samples ?? []).flatMap((raw) => sampleOf(raw) ?? []);
    const shapes = new Map<string, Set<string>>();
    for (const { name, layout, parts } of keys) {
        note(shapes, name, `${layout} with ${parts.length} parts`);
    }
    for (const { name, layout, attributes } of samples) {
        note(shapes, name, `${layout} with ${attributes.length} parts`);
    }
    return [
        ...checkShapes(shapes),
        ...checkWidths(samples),
        ...keys.flatMap((key) => [...checkParts(key), ...checkSalt(key)]),
    ];
}
