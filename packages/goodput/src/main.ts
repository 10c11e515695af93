import { runCommandLine } from './program.js';

void runCommandLine(process.argv.slice(2)).then((code) => {
    process.exitCode = code;
});
