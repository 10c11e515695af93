export { ERROR_CODES, CommandError } from './errors.js';
export type { CommandErrorCode } from './errors.js';
export { EXIT_CODES } from './exit-code.js';
export { runCommandLine } from './program.js';
export type { Terminal } from './terminal.js';
export { packageChaincode } from './package/package-chaincode.js';
export type { PackagedChaincode, PackageOptions } from './package/package-chaincode.js';
