export { ContractsError, ERROR_CODES } from './errors.js';
export type { ContractsErrorCode } from './errors.js';
