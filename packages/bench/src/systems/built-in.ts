import { strategyChoices } from '@goodput/gateway';
import { BenchError } from '../errors.js';
import type { SystemFactory } from '../run/options.js';
import { unknownName } from '../unknown-name.js';
import { goodputSystem } from './goodput.js';
import { plainSystem, retrySystem } from './plain.js';

/** Every system under comparison: the official client, the loop around it, each of our strategies. */
export const systems: readonly SystemFactory[] = [
    { name: 'plain', create: (target) => Promise.resolve(plainSystem(target)) },
    {
        name: 'plain-retry',
        create: (target, _workload, random) => Promise.resolve(retrySystem(target, random)),
    },
    ...strategyChoices.map((strategy): SystemFactory => ({
        name: strategy,
        create: (target, workload) => goodputSystem(target, workload, strategy),
    })),
];

/** The systems of these names, in this order. Throws `BENCH_SYSTEM_UNKNOWN`. */
export function systemsNamed(names: readonly string[]): SystemFactory[] {
    return names.map((name) => {
        const found = systems.find((each) => each.name === name);
        if (found !== undefined) return found;
        throw new BenchError(
            'BENCH_SYSTEM_UNKNOWN',
            unknownName(
                'system',
                name,
                systems.map((each) => each.name),
            ),
        );
    });
}
