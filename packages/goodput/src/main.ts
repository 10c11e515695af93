import { runCommandLine } from './program.js';
import { watchOutput } from './watch-output.js';

watchOutput();

void runCommandLine(process.argv.slice(2)).then((code) => {
    process.exitCode = code;
});
