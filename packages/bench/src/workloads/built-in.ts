import { operations } from '@goodput/bench-chaincode';
import { clinicalDay } from './clinical-day.js';
import {
    boundedStock,
    hotCounter,
    hotCounterDelta,
    hotEight,
    movingHotSet,
    noContention,
    ycsbA,
    ycsbF,
    zipfReadModifyWrite,
} from './counters.js';
import { customHot, customOpaque, genchainMixes } from './genchain.js';
import { drm, ehr, voting } from './records.js';
import { smallbank } from './smallbank.js';
import { supplyChain } from './supply-chain.js';
import type { Workload } from './workload.js';

const replay = Object.fromEntries(
    Object.entries(operations).map(([name, { perform }]) => [name, perform]),
);

/** Every built-in workload, checked by replaying the very operations of its contract. */
export const workloads: readonly Workload[] = [
    hotCounter,
    hotCounterDelta,
    hotEight,
    boundedStock,
    zipfReadModifyWrite,
    movingHotSet,
    ycsbA,
    ycsbF,
    smallbank,
    ...genchainMixes,
    customHot,
    customOpaque,
    ehr,
    drm,
    voting,
    supplyChain,
    clinicalDay,
    noContention,
].map((workload) => Object.freeze({ ...workload, replay }));
