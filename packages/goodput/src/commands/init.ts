import { createProject } from '../init/create-project.js';
import type { Register } from '../program.js';

const example = `
Example:
  goodput init ward-beds && cd ward-beds && npm install && npm test`;

/** `goodput init NAME` */
export const registerInit: Register = (program, terminal) => {
    program
        .command('init')
        .description('write a new chaincode and client project that passes its own tests at once')
        .argument('<name>', 'name of the project and of its folder')
        .addHelpText('after', example)
        .action((folder: string) => {
            for (const file of createProject(folder)) terminal.say(`  ${file}`);
            terminal.out(`Next:\n  cd ${folder}\n  npm install\n  npm test`);
        });
};
