import { EXIT_CODES } from './exit-code.js';
import { runCommandLine } from './program.js';
import { watchOutput } from './watch-output.js';

watchOutput();

/** Somebody's own module may wait for what never happens; Node then ends as if all were well. */
function tellUnfinished(): void {
    process.stderr.write('goodput: Nothing is left to wait for, and the command is not done.\n');
    process.stderr.write('  A module that it loads awaits what never happens.\n');
    process.exitCode = EXIT_CODES.failed;
}

process.once('beforeExit', tellUnfinished);
void runCommandLine(process.argv.slice(2)).then((code) => {
    process.off('beforeExit', tellUnfinished);
    process.exitCode = code;
});
