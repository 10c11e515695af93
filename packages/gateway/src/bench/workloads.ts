import type { DeclaredKeys } from '../lanes/key-use.js';

/** One operation of a workload, without its id. */
export interface BenchOperation {
    readonly name: string;
    readonly args: readonly string[];
    readonly keys: DeclaredKeys;
}

/** What is offered to each system. */
export interface BenchWorkload {
    /** The row is `gateway.` and this. */
    readonly id: string;
    readonly contract: 'bench' | 'opaque';
    readonly setup: readonly { readonly name: string; readonly args: readonly string[] }[];
    readonly next: (random: () => number, index: number) => BenchOperation;
}

/** A deterministic source of numbers from 0 to 1 (mulberry32). */
export function seeded(seed: number): () => number {
    let state = seed;
    return () => {
        state = (state + 0x6d2b79f5) | 0;
        let t = Math.imul(state ^ (state >>> 15), 1 | state);
        t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
        return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
    };
}

/** Ranks 0 to `size` - 1 with P(k) proportional to 1/(k+1). */
function zipf(size: number): (random: () => number) => number {
    const sums = new Float64Array(size);
    let sum = 0;
    for (let k = 0; k < size; k++) sums[k] = sum += 1 / (k + 1);
    return (random) => {
        const wanted = random() * sum;
        let low = 0;
        let high = size - 1;
        while (low < high) {
            const middle = (low + high) >>> 1;
            if (sums[middle]! < wanted) low = middle + 1;
            else high = middle;
        }
        return low;
    };
}

function pick<T>(random: () => number, items: readonly T[]): T {
    return items[Math.floor(random() * items.length)]!;
}

const counters = (count: number): BenchWorkload['next'] => {
    return (random) => {
        const key = `c${Math.floor(random() * count)}`;
        return { name: 'add', args: [key, '1'], keys: [`counter:${key}`] };
    };
};

const zipfTwo = (size: number): BenchWorkload['next'] => {
    const rank = zipf(size);
    return (random) => {
        const keys = [`z${rank(random)}`, `z${rank(random)}`];
        return { name: 'addBoth', args: [...keys, '1'], keys: keys.map((key) => `counter:${key}`) };
    };
};

const patients = 100;
const patientRank = zipf(patients);
const ehrFunctions = [
    'addEhr',
    'grantProfile',
    'revokeProfile',
    'grantEhr',
    'revokeEhr',
    'viewEhr',
    'readProfile',
    'readProfile',
];

function ehr(random: () => number): BenchOperation {
    const name = pick(random, ehrFunctions);
    const patient = `p${patientRank(random)}`;
    const [profile, record] = [`profile:${patient}`, `record:${patient}`];
    if (name === 'viewEhr') return { name, args: [patient], keys: { reads: [record] } };
    if (name === 'readProfile') return { name, args: [patient], keys: { reads: [profile] } };
    const institute = `institute${Math.floor(random() * 10)}`;
    const keys = name.endsWith('Profile') ? [profile] : [profile, record];
    return { name, args: [patient, institute], keys };
}

function drm(random: () => number): BenchOperation {
    const artwork = `a${Math.floor(random() * 100)}`;
    const metadata = `artwork:${artwork}:metadata`;
    const royalty = `artwork:${artwork}:royalty`;
    if (random() < 0.7) {
        return { name: 'play', args: [artwork], keys: { reads: [metadata], writes: [royalty] } };
    }
    const name = pick(random, ['rightHolders', 'viewMetadata']);
    const reads = name === 'viewMetadata' ? [metadata] : [metadata, royalty];
    return { name, args: [artwork], keys: { reads } };
}

function vote(random: () => number, index: number): BenchOperation {
    const voter = `v${String(index).padStart(9, '0')}`;
    const party = String(Math.floor(random() * 12));
    return {
        name: 'vote',
        args: ['e', voter, party],
        keys: {
            reads: ['election:e'],
            writes: [`ballot:e:${voter}`, `party:e:${party.padStart(3, '0')}`],
        },
    };
}

const customerRank = zipf(1_000);

function smallbank(random: () => number): BenchOperation {
    const customer = (): string => `b${customerRank(random)}`;
    const [a, b, amount] = [customer(), customer(), String(1 + Math.floor(random() * 50))];
    const savings = (who: string): string => `savings:${who}`;
    const checking = (who: string): string => `checking:${who}`;
    if (random() >= 0.95) {
        return { name: 'balance', args: [a], keys: { reads: [savings(a), checking(a)] } };
    }
    return pick<BenchOperation>(random, [
        { name: 'transactSavings', args: [a, amount], keys: [savings(a)] },
        { name: 'depositChecking', args: [a, amount], keys: [checking(a)] },
        { name: 'sendPayment', args: [a, b, amount], keys: [checking(a), checking(b)] },
        { name: 'writeCheck', args: [a, amount], keys: [savings(a), checking(a)] },
        { name: 'amalgamate', args: [a, b], keys: [savings(a), checking(a), checking(b)] },
    ]);
}

const numbered = (count: number, prefix: string): string[] =>
    Array.from({ length: count }, (_, n) => `${prefix}${n}`);

/** The contended workloads, in the order of the report. */
export const workloads: readonly BenchWorkload[] = [
    { id: 'hot-counter', contract: 'bench', setup: [], next: counters(1) },
    { id: 'hot-8', contract: 'bench', setup: [], next: counters(8) },
    { id: 'zipf-rmw', contract: 'bench', setup: [], next: zipfTwo(10_000) },
    {
        id: 'ehr',
        contract: 'bench',
        setup: numbered(patients, 'p').map((p) => ({ name: 'addEhr', args: [p, 'home'] })),
        next: ehr,
    },
    {
        id: 'drm',
        contract: 'bench',
        setup: numbered(100, 'a').map((a) => ({ name: 'createArtwork', args: [a, `title ${a}`] })),
        next: drm,
    },
    {
        id: 'voting',
        contract: 'bench',
        setup: [{ name: 'openElection', args: ['e', '12'] }],
        next: vote,
    },
    {
        id: 'smallbank',
        contract: 'bench',
        setup: numbered(1_000, 'b').map((b) => ({
            name: 'openAccounts',
            args: [b, '10000', '10000'],
        })),
        next: smallbank,
    },
    { id: 'reorder-opaque', contract: 'opaque', setup: [], next: zipfTwo(1_000) },
];

/** A key of its own for each operation. */
export const noContention: BenchWorkload = {
    id: 'no-contention',
    contract: 'bench',
    setup: [],
    next: (_, index) => ({
        name: 'note',
        args: [`n${index}`, 'x'.repeat(100)],
        keys: [`note:n${index}`],
    }),
};
