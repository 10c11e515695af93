import { compareCodePoints } from '../collation.js';
import { indexFilePlace, type IndexFiles } from '../engine/index-files.js';
import { CouchdbError } from '../errors.js';
import { goJson, type Json } from '../json.js';
import { indexJson, parseIndexRequest } from '../mango/create-index.js';
import { columns, type CouchdbIndex } from '../mango/index-definition.js';

/** What became of an index between two sets of files. */
export type IndexChangeKind = 'added' | 'removed' | 'renamed' | 'changed' | 'unchanged';

/** One difference between two sets of index files. */
export interface IndexChange {
    readonly kind: IndexChangeKind;
    /** '' for the chaincode's public state. */
    readonly collection: string;
    /** Path of the file, in the newer set where it is there. */
    readonly path: string;
    readonly before: CouchdbIndex | undefined;
    readonly after: CouchdbIndex | undefined;
    /** What the change costs on upgrade. */
    readonly effect: string;
}

interface Placed {
    readonly path: string;
    readonly collection: string;
    readonly index: CouchdbIndex;
}

function placed(files: IndexFiles): Placed[] {
    return [...files.keys()].sort(compareCodePoints).map((path) => {
        const content = files.get(path) ?? '';
        const text = typeof content === 'string' ? content : new TextDecoder().decode(content);
        try {
            const index = parseIndexRequest(JSON.parse(text) as Json, '3.5');
            return { path, collection: indexFilePlace(path).collection ?? '', index };
        } catch (cause) {
            if (cause instanceof CouchdbError && cause.code !== 'COUCHDB_REFUSED') throw cause;
            const detail = cause instanceof Error ? cause.message : String(cause);
            throw new CouchdbError('COUCHDB_INDEX_FILE_INVALID', `${path}: ${detail}`, { cause });
        }
    });
}

function identity({ collection, index }: Placed): string {
    return JSON.stringify([collection, index.ddoc, index.name]);
}

function content({ collection, index }: Placed): string {
    return `${collection} ${goJson(indexJson(index)['def'] ?? null)}`;
}

function effectOf(kind: IndexChangeKind, before: Placed | undefined): string {
    const old = before === undefined ? '' : `${before.index.ddoc}/_view/${before.index.name}`;
    switch (kind) {
        case 'added':
            return 'CouchDB builds it when it is first queried: that query waits for all documents.';
        case 'changed':
            return 'CouchDB rebuilds it from all documents when it is next queried.';
        case 'renamed':
            return `CouchDB builds the new one, and ${old} stays and costs at every write until it is deleted by hand.`;
        case 'removed':
            return `Nothing deletes it: ${old} stays and costs at every write until it is deleted by hand.`;
        default:
            return 'Nothing to do.';
    }
}

/**
 * Says what changes between two sets of index files, and what each change costs on upgrade.
 *
 * @throws CouchdbError `COUCHDB_INDEX_FILE_INVALID`
 */
export function diffIndexFiles(before: IndexFiles, after: IndexFiles): IndexChange[] {
    const older = new Map(placed(before).map((one) => [identity(one), one]));
    const newer = new Map(placed(after).map((one) => [identity(one), one]));
    const gone = [...older].filter(([key]) => !newer.has(key)).map(([, one]) => one);
    const changes: IndexChange[] = [];
    const add = (kind: IndexChangeKind, from: Placed | undefined, to: Placed | undefined): void => {
        const { path = '', collection = '' } = to ?? from ?? {};
        const effect = effectOf(kind, from);
        changes.push({ kind, collection, path, before: from?.index, after: to?.index, effect });
    };
    for (const [key, now] of newer) {
        const then = older.get(key);
        const twin = gone.find((one) => content(one) === content(now));
        if (then !== undefined)
            add(content(then) === content(now) ? 'unchanged' : 'changed', then, now);
        else if (twin === undefined) add('added', undefined, now);
        else {
            gone.splice(gone.indexOf(twin), 1);
            add('renamed', twin, now);
        }
    }
    for (const one of gone) add('removed', one, undefined);
    return changes;
}

/** Prints a change on one line. */
export function formatIndexChange(change: IndexChange): string {
    const index = change.after ?? change.before;
    const fields = index === undefined ? '' : columns(index).join(', ');
    const from = change.kind === 'renamed' ? ` (was ${change.before?.name ?? ''})` : '';
    return `${change.kind} ${index?.name ?? ''}${from} [${fields}] ${change.path}: ${change.effect}`;
}
