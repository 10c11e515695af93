import { BenchContract, OpaqueContract } from './contracts.js';

export { BenchContract, OpaqueContract } from './contracts.js';
export { counterOfRow } from './deltas.js';
export { operations } from './operations/index.js';
export { Refusal } from './store.js';
export type { Operation, Store } from './store.js';

/** What the shim starts; the first is the default contract. */
export const contracts = [BenchContract, OpaqueContract];
