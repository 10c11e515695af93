export { DevnetError, ERROR_CODES } from './errors.js';
export type { DevnetErrorCode } from './errors.js';
