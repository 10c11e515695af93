import { INDEX_NAMESPACE, ordered } from './bookkeeping.js';
import type { WorldState } from './state.js';
import type { StateWrite } from './storage.js';

/** The index files deployed to a namespace, oldest first. */
export function deployedFiles(state: WorldState, namespace: string): Map<string, string>[] {
    const notes = state.range(INDEX_NAMESPACE, `${namespace}\0`, `${namespace}\x01`);
    return Array.from(notes, ({ value }) => {
        return new Map(JSON.parse(Buffer.from(value).toString()) as [string, string][]);
    });
}

/** Notes index files for the next start; undefined when the last deployment had the same. */
export function deploymentNote(
    state: WorldState,
    namespace: string,
    files: ReadonlyMap<string, string>,
): StateWrite | undefined {
    const before = deployedFiles(state, namespace);
    const text = JSON.stringify([...files]);
    if (text === JSON.stringify([...(before.at(-1) ?? [])])) return undefined;
    return {
        namespace: INDEX_NAMESPACE,
        key: `${namespace}\0${ordered(before.length)}`,
        value: {
            value: Buffer.from(text),
            version: { blockNum: 0, txNum: 0 },
            metadata: undefined,
        },
    };
}
