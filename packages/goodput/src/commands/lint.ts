import { formatFinding, lintChaincode } from '@goodput/couchdb';
import { checkKeySpace, type LedgerKey } from '@goodput/keys';
import { CommandError } from '../errors.js';
import { loadExports } from '../load-exports.js';
import type { Register } from '../program.js';

/** What the linters of keys, indexes and queries have in common. */
interface Reported {
    readonly rule: string;
    readonly severity: string;
    readonly text: string;
}

interface LintOptions {
    readonly keys?: string;
    readonly json?: boolean;
}

function isKey(value: unknown): value is LedgerKey {
    const { name, parts, layout } = (value ?? {}) as Partial<Record<keyof LedgerKey, unknown>>;
    return typeof name === 'string' && Array.isArray(parts) && typeof layout === 'string';
}

/** A key, a record of keys, or a key space, whose keys stand in its own members. */
function keysIn(value: unknown): LedgerKey[] {
    if (isKey(value)) return [value];
    return typeof value === 'object' && value !== null
        ? Object.values(value).flat().filter(isKey)
        : [];
}

async function keyFindings(file: string): Promise<Reported[]> {
    const keys = [...new Set((await loadExports(file)).flatMap(keysIn))];
    if (keys.length === 0) {
        throw new CommandError('COMMAND_USAGE', `${file} exports no key definition.`, {
            suggestion: 'Export what defineKey() and its kin return.',
        });
    }
    return checkKeySpace({ keys }).map(({ rule, severity, message, fix }) => ({
        rule,
        severity,
        text: `${file}: ${severity} ${rule}: ${message} ${fix}`,
    }));
}

async function sourceFindings(folder: string): Promise<Reported[]> {
    const { findings } = await lintChaincode(folder);
    return findings.map((each) => ({
        rule: each.rule,
        severity: each.severity,
        text: formatFinding(each),
    }));
}

const example = `
Examples:
  goodput lint chaincode/clinical
  goodput lint --keys dist/keys.js`;

/** `goodput lint` */
export const registerLint: Register = (program, terminal) => {
    program
        .command('lint')
        .description('check key definitions, index files and the queries in chaincode sources')
        .argument('[folders...]', 'chaincode projects')
        .option('--keys <file>', 'a compiled module that exports key definitions')
        .option('--json', 'print the findings as JSON')
        .addHelpText('after', example)
        .action(async (folders: string[], options: LintOptions) => {
            if (folders.length === 0 && options.keys === undefined) {
                throw new CommandError(
                    'COMMAND_USAGE',
                    'Name chaincode folders, or a module with --keys.',
                );
            }
            const ofKeys = options.keys === undefined ? [] : await keyFindings(options.keys);
            const ofSources = (await Promise.all(folders.map(sourceFindings))).flat();
            const all = [...ofKeys, ...ofSources];
            if (options.json === true) terminal.out(JSON.stringify(all, null, 2));
            else for (const { text } of all) terminal.out(text);
            const errors = all.filter(({ severity }) => severity === 'error').length;
            terminal.say(`${all.length} findings, ${errors} of them errors.`);
            if (errors > 0)
                throw new CommandError('COMMAND_CHECK_FAILED', 'There are errors to mend.');
        });
};
