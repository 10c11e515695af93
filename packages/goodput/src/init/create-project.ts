import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { CommandError } from '../errors.js';
import { writeOutput } from '../write-output.js';

const template = join(__dirname, '..', '..', 'templates', 'project');

/** npm leaves a file of the name .gitignore out of a package, so the template has it without the dot. */
const renamed: Readonly<Record<string, string>> = { gitignore: '.gitignore' };

function ownVersion(): string {
    const manifest = join(__dirname, '..', '..', 'package.json');
    return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}

/** Longest name of a project. */
const MAX_NAME_LENGTH = 60;

function checkName(name: string): void {
    // What is at once a name of an npm package and of a Fabric chaincode.
    const wellFormed = /^[a-z][a-z0-9]*([_-][a-z0-9]+)*$/.test(name) && name !== 'node_modules';
    if (wellFormed && name.length <= MAX_NAME_LENGTH) return;
    throw new CommandError(
        'COMMAND_USAGE',
        `A chaincode's name is made of at most ${MAX_NAME_LENGTH} lower-case letters, digits, "-" and "_" between them, and begins with a letter; got "${name}".`,
        { suggestion: 'For example ward-beds.' },
    );
}

/**
 * Writes a new chaincode and client project into a folder of its name. Nothing is overwritten.
 *
 * @returns the files written, relative to the project
 */
export function createProject(folder: string): string[] {
    const name = folder === '' ? '' : basename(resolve(folder));
    checkName(name);
    if (existsSync(folder) && !statSync(folder).isDirectory()) {
        throw new CommandError('COMMAND_USAGE', `${folder} is a file.`, {
            suggestion: 'Choose another name: nothing is overwritten.',
        });
    }
    if (existsSync(folder) && readdirSync(folder).length > 0) {
        throw new CommandError('COMMAND_USAGE', `The folder ${folder} is not empty.`, {
            suggestion: 'Choose another name: nothing is overwritten.',
        });
    }
    const files = readdirSync(template, { recursive: true, withFileTypes: true }).filter((entry) =>
        entry.isFile(),
    );
    return files.map((entry) => {
        const source = join(entry.parentPath, entry.name);
        const place = join(
            dirname(source).slice(template.length + 1),
            renamed[entry.name] ?? entry.name,
        );
        const text = readFileSync(source, 'utf8')
            .replaceAll('{{name}}', name)
            .replaceAll('{{version}}', ownVersion());
        writeOutput(join(folder, place), text);
        return place;
    });
}
