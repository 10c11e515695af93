import {
    FiguresReport,
    median,
    measureNs,
    parseFiguresArguments,
    type Samples,
    type Work,
} from '@goodput/figures';
import lexicographicInteger from 'lexicographic-integer';
import { uint } from '../index.js';
import {
    libraries,
    makeRows,
    ours,
    oursComposite,
    stubJoin,
    type Contestant,
    type Row,
} from './contestants.js';

const rowCount = 1024;
const options = parseFiguresArguments(process.argv.slice(2));
const report = new FiguresReport(options);
// Samples shorter than a scheduler's turn: most of them then run undisturbed on a busy machine.
const sampling = options.quick ? { samples: 75, sampleMs: 1.5 } : { samples: 401, sampleMs: 1.5 };
const rows = makeRows(rowCount);
const all = [ours, oursComposite, ...libraries, stubJoin];

function encoding({ encode }: Contestant): Work {
    return (iterations) => {
        let sum = 0;
        for (let n = 0; n < iterations; n++) sum += encode(rows[n % rowCount]!).length;
        return sum;
    };
}

/**
 * Encodes and reads the last character: strings put together by `+` are only then laid out in one
 * piece, as they must be to go anywhere.
 */
function layingOut({ encode }: Contestant): Work {
    return (iterations) => {
        let sum = 0;
        for (let n = 0; n < iterations; n++) sum += lastOf(encode(rows[n % rowCount]!));
        return sum;
    };
}

function lastOf(key: string | Uint8Array): number {
    return typeof key === 'string' ? key.charCodeAt(key.length - 1) : (key[key.length - 1] ?? 0);
}

function decoding({ encode, decode }: Contestant): Work {
    // A copy by way of bytes, because a string put together by `+` would be laid out while timed.
    const keys = rows.map((row) => {
        const key = encode(row);
        return typeof key === 'string' ? Buffer.from(key).toString() : key;
    });
    return (iterations) => {
        let last: unknown;
        for (let n = 0; n < iterations; n++) last = decode(keys[n % rowCount] ?? '');
        return last;
    };
}

function measure(works: Record<string, Work>): (name: string) => Samples {
    const samples = new Map(measureNs(works, sampling).map((each) => [each.name, each]));
    return (name) => {
        const found = samples.get(name);
        if (found === undefined) throw new Error(`nothing was measured for ${name}`);
        return found;
    };
}

const worksOf = (make: (contestant: Contestant) => Work): Record<string, Work> =>
    Object.fromEntries(all.map((each) => [each.name, make(each)]));

/** Why a contestant's figure may not be believed: order lost, keys shared, or values not read back. */
function faultOf({ encode, decode, ordered }: Contestant): string | undefined {
    const keys = rows.map((row) => Buffer.from(encode(row) as string));
    if (new Set(keys.map((key) => key.toString('hex'))).size !== rowCount) return 'keys are shared';
    if (ordered) {
        const text = ({ patient, code, at, tx }: Row): string => [patient, code, at, tx].join('\0');
        const byValue = rows
            .map((_, n) => n)
            .sort((a, b) => (text(rows[a]!) < text(rows[b]!) ? -1 : 1));
        const byKey = rows
            .map((_, n) => n)
            .sort((a, b) => Buffer.compare(keys[a] as Buffer, keys[b] as Buffer));
        if (byValue.join() !== byKey.join()) return 'order is lost';
    }
    const values = (row: Row): string => JSON.stringify(Object.values(row).map(String));
    const back = rows.find(
        (row) =>
            JSON.stringify(Object.values(decode(encode(row)) as object).map(String)) !==
            values(row),
    );
    return back === undefined ? undefined : 'a row was not read back';
}

function compare(id: string, mine: Samples, theirs: Samples): void {
    const invalid = faultOf(id.includes('composite') ? oursComposite : ours);
    report.add({
        id,
        unit: 'ns',
        better: 'lower',
        ours: mine.values,
        baseline: theirs,
        ...(invalid === undefined ? undefined : { invalid }),
    });
}

function fastestOf(of: (name: string) => Samples): Samples {
    return libraries
        .map(({ name }) => of(name))
        .reduce((a, b) => (median(b.values) < median(a.values) ? b : a));
}

for (const [kind, make] of [
    ['encode', encoding],
    ['decode', decoding],
] as const) {
    const of = measure(worksOf(make));
    compare(`keys.${kind}-4part`, of(ours.name), fastestOf(of));
    for (const { name } of libraries) {
        compare(`keys.${kind}-4part.vs-${name}`, of(ours.name), of(name));
    }
    compare(`keys.${kind}-4part.composite`, of(oursComposite.name), of(stubJoin.name));
}

const laidOut = measure(worksOf(layingOut));
compare('keys.encode-4part.laid-out', laidOut(ours.name), fastestOf(laidOut));
compare(
    'keys.encode-4part.laid-out.composite',
    laidOut(oursComposite.name),
    laidOut(stubJoin.name),
);

/** Integers alone, against the one library that writes nothing else. */
function compareIntegers(): void {
    const codec = uint({ digits: 16 });
    const numbers = rows.map(({ at }) => at);
    const loop =
        (encode: (value: number) => string): Work =>
        (iterations) => {
            let sum = 0;
            for (let n = 0; n < iterations; n++) sum += lastOf(encode(numbers[n % rowCount] ?? 0));
            return sum;
        };
    const pack = (value: number): string => lexicographicInteger.pack(value, 'hex');
    const of = measure({
        ours: loop((value) => codec.encode(value)),
        'lexicographic-integer': loop(pack),
    });
    const texts = numbers.map((value) => codec.encode(value));
    const kept = texts.every(
        (text, n) => codec.decode(text) === numbers[n] && (n === 0 || text > (texts[n - 1] ?? '')),
    );
    report.add({
        id: 'keys.encode-uint',
        unit: 'ns',
        better: 'lower',
        ours: of('ours').values,
        baseline: of('lexicographic-integer'),
        ...(kept ? undefined : { invalid: 'an integer was not read back in order' }),
    });
}
compareIntegers();

for (const each of [...libraries, stubJoin]) {
    const fault = faultOf(each);
    if (fault !== undefined) console.log(`note: ${each.name}: ${fault}`);
}
process.exitCode = report.finish();
