import { once } from 'node:events';
import { IdentityRegistry } from '../network/identity-registry.js';

// A process that enrols users with the authorities in a file, once it is told to begin:
// enrolling-process.js FILE NAME...

async function enrol(file: string, names: readonly string[]): Promise<void> {
    const registry = await IdentityRegistry.inFile(file);
    process.stdout.write('ready');
    await once(process.stdin, 'data');
    await Promise.all(names.map((name) => registry.enrol({ name })));
    process.stdin.destroy();
}

const [, , file = '', ...names] = process.argv;
void enrol(file, names);
