import { join } from 'node:path';
import {
    adviseIndexes,
    checkIndexes,
    COUCHDB_VERSIONS,
    CouchdbClient,
    diagnoseQuery,
    diffIndexFiles,
    explainQuery,
    formatFinding,
    formatIndexChange,
    lintChaincode,
    readIndexDefinitions,
    readIndexFiles,
    renderIndexFiles,
    workloadFromLog,
    workloadFromSources,
    writeIndexFiles,
    type Advice,
    type CouchdbVersion,
    type IndexDefinition,
    type Json,
    type JsonObject,
} from '@goodput/couchdb';
import { Option } from 'commander';
import { CommandError } from '../errors.js';
import { loadExports } from '../load-exports.js';
import { list, positive } from '../options.js';
import { readInput, readJsonInput } from '../read-input.js';
import type { Register } from '../program.js';
import type { Terminal } from '../terminal.js';

function isDefinition(value: unknown): value is IndexDefinition {
    const { name, ddoc, fields, direction } = (value ?? {}) as Partial<
        Record<keyof IndexDefinition, unknown>
    >;
    return (
        [name, ddoc, direction].every((each) => typeof each === 'string') && Array.isArray(fields)
    );
}

/** Definitions in code are looked for where a project of ours compiles them to. */
async function definitionsOf(folder: string, given?: string): Promise<IndexDefinition[]> {
    const file = given ?? join(folder, 'dist', 'indexes.js');
    const found = (await loadExports(file)).filter(isDefinition);
    if (found.length > 0) return found;
    throw new CommandError('COMMAND_USAGE', `${file} exports no index definition.`, {
        suggestion: 'Export what defineIndex() returns, alone or in a list.',
    });
}

/** A file with a JSON list of objects. */
function readObjects(file: string, what: string): JsonObject[] {
    const value = readJsonInput(file);
    const isObject = (one: unknown): one is JsonObject =>
        typeof one === 'object' && one !== null && !Array.isArray(one);
    if (Array.isArray(value) && value.every(isObject)) return value;
    throw new CommandError('COMMAND_FILE_UNREADABLE', `${file} is no JSON list of ${what}.`);
}

/** The CouchDB release line whose rules count. */
interface ReleaseOption {
    readonly couchdb: CouchdbVersion;
}

interface CheckOptions extends ReleaseOption {
    readonly definitions?: string;
    readonly released?: string;
    readonly retired?: string[];
    readonly collections?: string;
}

async function check(folder: string, options: CheckOptions, terminal: Terminal): Promise<void> {
    const { collections, couchdb: version, retired } = options;
    const { findings } = await lintChaincode(folder, {
        version,
        ...(collections !== undefined && {
            collections: readObjects(collections, 'collections').flatMap(({ name }) =>
                typeof name === 'string' ? name : [],
            ),
        }),
    });
    for (const finding of findings) terminal.out(formatFinding(finding));
    const problems = checkIndexes({
        definitions: await definitionsOf(folder, options.definitions),
        files: readIndexFiles(folder),
        ...(options.released !== undefined && { released: readIndexFiles(options.released) }),
        ...(retired !== undefined && { retired }),
    });
    for (const { kind, path, message } of problems) terminal.out(`${path}: ${kind}: ${message}`);
    const errors = findings.filter(({ severity }) => severity === 'error').length + problems.length;
    terminal.say(`${findings.length + problems.length} findings, ${errors} of them errors.`);
    if (errors > 0) throw new CommandError('COMMAND_CHECK_FAILED', 'The indexes are not in order.');
}

/** Advice on one database of a chaincode. */
interface PlacedAdvice extends Advice {
    /** '' for the public state. */
    readonly collection: string;
}

function tellAdvice(advice: PlacedAdvice, terminal: Terminal): void {
    const where = advice.collection === '' ? '' : ` in collection ${advice.collection}`;
    for (const { name, fields } of advice.create) {
        terminal.out(`create ${name} (${fields.join(', ')})${where}`);
    }
    for (const { index, why } of advice.drop) terminal.out(`drop ${index.name} (${why})${where}`);
    for (const { name, before, after } of advice.queries) {
        terminal.out(
            `${name}: ${before.docsExamined} → ${after.docsExamined} documents read for ${after.results} results (${after.index ?? 'refused'})`,
        );
    }
    const { before, after } = advice.writeCost;
    terminal.say(`Index entries written for the same writes${where}: ${before} → ${after}.`);
}

interface AdviseOptions extends ReleaseOption {
    readonly log?: string;
    readonly sample?: string;
    readonly documents?: number;
    readonly json?: boolean;
}

async function advise(folder: string, options: AdviseOptions, terminal: Terminal): Promise<void> {
    const { queries: found, files } = await lintChaincode(folder);
    const recorded =
        options.log === undefined ? [] : workloadFromLog(readInput(options.log).toString('utf8'));
    const sample = options.sample === undefined ? [] : readObjects(options.sample, 'documents');
    const queries = [...workloadFromSources(found), ...recorded];
    const { indexes } = readIndexDefinitions(files);
    const collections = [...queries, ...indexes].map(({ collection = '' }) => collection);
    // Each collection is a database of its own; the indexes of one serve no query of another.
    const all = [...new Set(['', ...collections])].sort().map((collection): PlacedAdvice => {
        const advice = adviseIndexes({
            queries,
            collection,
            indexes: indexes.filter((one) => one.collection === collection).map((one) => one.index),
            sample,
            version: options.couchdb,
            ...(options.documents !== undefined && { documents: options.documents }),
        });
        return { collection, ...advice };
    });
    if (options.json === true) terminal.out(JSON.stringify(all, null, 2));
    else for (const advice of all) tellAdvice(advice, terminal);
}

/** `goodput indexes write|check|diff|advise|explain|monitor` */
export const registerIndexes: Register = (program, terminal) => {
    const indexes = program
        .command('indexes')
        .description('CouchDB indexes of a chaincode project');
    const definitions = ['--definitions <file>', 'compiled module with the definitions'] as const;
    const release = (): Option =>
        new Option('--couchdb <version>', 'the CouchDB release line whose rules count')
            .choices(COUCHDB_VERSIONS)
            .default('3.4');
    indexes
        .command('write')
        .description('write META-INF index files from the definitions in code')
        .argument('<folder>', 'chaincode project')
        .option(...definitions)
        .option('--prune', 'delete index files that no definition makes')
        .action(async (folder: string, options: { definitions?: string; prune?: boolean }) => {
            const files = renderIndexFiles(await definitionsOf(folder, options.definitions));
            const done = writeIndexFiles(folder, files, { prune: options.prune === true });
            for (const path of done.written) terminal.out(`written ${path}`);
            for (const path of done.deleted) terminal.out(`deleted ${path}`);
            terminal.say(`${done.unchanged.length} files were right already.`);
        });
    indexes
        .command('check')
        .description('fail when files, code, queries and the last release do not fit together')
        .argument('<folder>', 'chaincode project')
        .option(...definitions)
        .option('--released <folder>', 'the project as last released, to find indexes left behind')
        .option('--retired <ddoc/name,...>', 'indexes known to stay until they are deleted', list)
        .option('--collections <file>', 'the collection configuration, to find misplaced indexes')
        .addOption(release())
        .action((folder: string, options: CheckOptions) => check(folder, options, terminal));
    indexes
        .command('diff')
        .description('what an upgrade from one release to another does to the indexes')
        .argument('<before>', 'chaincode project as it was')
        .argument('<after>', 'chaincode project as it is')
        .action((before: string, after: string) => {
            const changes = diffIndexFiles(readIndexFiles(before), readIndexFiles(after));
            for (const change of changes) terminal.out(formatIndexChange(change));
        });
    indexes
        .command('advise')
        .description('the smallest set of indexes the queries need, with what each gains and costs')
        .argument('<folder>', 'chaincode project whose sources have the queries')
        .option('--log <file>', 'a query log as the monitoring wrapper writes it')
        .option('--sample <file>', 'some documents, a JSON list, to predict costs from')
        .option('--documents <number>', 'documents in the database', positive)
        .option('--json', 'print the advice as JSON, one member for each database')
        .addOption(release())
        .action((folder: string, options: AdviseOptions) => advise(folder, options, terminal));
    indexes
        .command('explain')
        .description("what CouchDB's planner does with a query, index by index")
        .argument('<folder>', 'chaincode project with the index files')
        .argument('<query>', 'a file with the query as JSON')
        .option('--collection <name>', 'the private data collection asked', '')
        .addOption(release())
        .action(
            (folder: string, query: string, options: ReleaseOption & { collection: string }) => {
                const { indexes: found } = readIndexDefinitions(readIndexFiles(folder));
                const there = found.filter(({ collection }) => collection === options.collection);
                const explanation = explainQuery(
                    there.map(({ index }) => index),
                    readJsonInput(query) as Json,
                    { version: options.couchdb },
                );
                terminal.out(JSON.stringify(explanation, null, 2));
            },
        );
    indexes
        .command('monitor')
        .description('explain and run a query on a live CouchDB, beside what the planner here says')
        .argument('<url>', 'URL of the server, with user and password if it asks for them')
        .argument('<database>', "the chaincode's, e.g. mychannel_asset")
        .argument('<query>', 'a file with the query as JSON')
        .action(async (url: string, database: string, query: string) => {
            const client = new CouchdbClient({ url, database });
            const diagnosis = await diagnoseQuery(client, readJsonInput(query) as Json, {
                run: true,
            });
            terminal.out(JSON.stringify(diagnosis, null, 2));
        });
};
