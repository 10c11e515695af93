export { operations } from './operations/index.js';
export { Refusal } from './store.js';
export type { Operation, Store } from './store.js';
