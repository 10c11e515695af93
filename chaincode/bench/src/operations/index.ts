import type { Operation } from '../store.js';
import * as clinical from './clinical.js';
import * as counter from './counter.js';
import * as delta from './delta.js';
import * as genchain from './genchain.js';
import * as records from './records.js';
import * as smallbank from './smallbank.js';
import * as supplyChain from './supply-chain.js';

/** Every operation by the name of its transaction function. */
export const operations: Readonly<Record<string, Operation>> = {
    ...counter,
    ...delta,
    ...smallbank,
    ...genchain,
    ...records,
    ...clinical,
    ...supplyChain,
};
