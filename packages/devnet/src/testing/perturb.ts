import os from 'node:os';
import { otherLocale } from './other-locale.js';

/** Something a chaincode could see that is not the same on every peer. */
export interface Perturbation {
    /** What is made different, for messages. */
    readonly name: string;
    /** Makes it different; the function returned makes it as it was. */
    readonly apply: () => () => void;
}

// Within the fifteen minutes by which a peer lets a proposal's time be off.
const SHIFT_MS = 7 * 60_000 + 13_217;

/** How long a process has run, where it is held still. */
const UPTIME_S = 100;

/** A `Date` for which it is always the same time. */
function stoppedDate(real: DateConstructor, time: number): DateConstructor {
    return new Proxy(real, {
        construct: (target, args: readonly unknown[], newTarget) =>
            Reflect.construct(target, args.length === 0 ? [time] : args, newTarget) as object,
        apply: () => new real(time).toString(),
        get: (target, property, receiver) =>
            property === 'now' ? () => time : (Reflect.get(target, property, receiver) as unknown),
    });
}

/** Numbers that look random and are the same for each seed. */
function sequence(seed: number): () => number {
    let state = seed;
    return () => {
        state = (state * 16807) % 2147483647;
        return state / 2147483647;
    };
}

function swap<T extends object, K extends keyof T>(holder: T, key: K, value: T[K]): () => void {
    const before = holder[key];
    holder[key] = value;
    return () => {
        holder[key] = before;
    };
}

function swapEnvironment(name: string, value: string): () => void {
    const before = process.env[name];
    process.env[name] = value;
    return () => {
        if (before === undefined) Reflect.deleteProperty(process.env, name);
        else process.env[name] = before;
    };
}

/** Read by what a chaincode runs on, not by the chaincode. */
const OF_THE_MACHINERY = /^(?:NODE_|GRPC_|SSL_|DEBUG|TZ$|CORE_CHAINCODE_LOGGING|\w*_PROXY$)/;

/** An environment in which every variable in capitals has another value, those that are not set too. */
function otherEnvironment(real: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
    return new Proxy(real, {
        get: (target, name, receiver) =>
            typeof name === 'string' &&
            /^[A-Z][A-Z0-9_]*$/.test(name) &&
            !OF_THE_MACHINERY.test(name)
                ? `another-${name}`
                : (Reflect.get(target, name, receiver) as unknown),
    });
}

/** What differs between two machines, and what a contract could be tempted to look at. */
export const PERTURBATIONS: readonly Perturbation[] = [
    {
        name: 'the system clock',
        apply: () => swap(globalThis, 'Date', stoppedDate(Date, Date.now() + SHIFT_MS)),
    },
    {
        name: 'random numbers',
        apply: () => swap(Math, 'random', sequence(2)),
    },
    {
        name: 'the time zone',
        // Two zones, of which at least one is not the machine's own.
        apply: () =>
            swapEnvironment(
                'TZ',
                process.env['TZ'] === 'Pacific/Kiritimati' ? 'Etc/GMT+11' : 'Pacific/Kiritimati',
            ),
    },
    {
        name: 'the host name',
        apply: () => {
            const undo = [
                swap(os, 'hostname', () => 'another-peer'),
                swapEnvironment('HOSTNAME', 'another-peer'),
            ];
            return () => {
                for (const each of undo) each();
            };
        },
    },
    {
        name: 'the locale',
        apply: otherLocale,
    },
    {
        name: 'the working directory',
        apply: () => swap(process, 'cwd', () => '/another-peer'),
    },
    {
        name: 'how long the process runs',
        apply: () => swap(process, 'uptime', () => UPTIME_S + SHIFT_MS / 1000),
    },
    {
        name: 'the number of processors',
        apply: () => {
            const cpus = os.cpus();
            return swap(os, 'cpus', () => [...cpus, ...cpus]);
        },
    },
    {
        name: 'the process id',
        apply: () => {
            const before = Object.getOwnPropertyDescriptor(process, 'pid');
            Object.defineProperty(process, 'pid', { value: 424_242, configurable: true });
            return () => {
                if (before) Object.defineProperty(process, 'pid', before);
            };
        },
    },
    {
        name: 'environment variables',
        // The last: the others set variables of the environment there is.
        apply: () => swap(process, 'env', otherEnvironment(process.env)),
    },
];

/** What is held still, so that two runs differ by nothing but what is made different on purpose. */
function holdStill(time: number): () => void {
    const undo = [
        swap(globalThis, 'Date', stoppedDate(Date, time)),
        swap(Math, 'random', sequence(1)),
        swap(process, 'uptime', () => UPTIME_S),
    ];
    return () => {
        for (const each of undo) each();
    };
}

/**
 * Runs the work at a moment at which the clock stands still and random numbers are known, with those
 * things made different; everything is as it was afterwards, whatever happens.
 */
export async function perturbed<T>(
    time: number,
    perturbations: readonly Perturbation[],
    work: () => Promise<T>,
): Promise<T> {
    const undo = [holdStill(time)];
    try {
        for (const { apply } of perturbations) undo.unshift(apply());
        return await work();
    } finally {
        for (const each of undo) each();
    }
}
