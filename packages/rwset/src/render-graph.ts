import type { AccessSet } from './access.js';
import { RwsetError } from './errors.js';

/** Options of {@link renderConflicts}. */
export interface RenderOptions {
    /** Which language to write. Default `mermaid`. */
    readonly format?: 'mermaid' | 'graphviz';
    /** By transaction, what to call it. Default: `tx 0`, `tx 1`, … */
    readonly labels?: readonly string[];
    /** How many transactions and keys may be drawn; nobody reads more. Default 500. */
    readonly maxNodes?: number;
}

/**
 * Draws who reads and who writes which key, as text for Mermaid or Graphviz. Keys that only one
 * transaction touches, or that nobody writes, are left out.
 */
export function renderConflicts(
    accesses: readonly AccessSet[],
    { format = 'mermaid', labels = [], maxNodes = 500 }: RenderOptions = {},
): string {
    const users = new Map<string, { readers: number[]; writers: number[] }>();
    const usersOf = (key: string): { readers: number[]; writers: number[] } => {
        let entry = users.get(key);
        if (entry === undefined) users.set(key, (entry = { readers: [], writers: [] }));
        return entry;
    };
    for (const [tx, { reads, writes }] of accesses.entries()) {
        for (const key of new Set(reads)) usersOf(key).readers.push(tx);
        for (const key of new Set(writes)) usersOf(key).writers.push(tx);
    }
    const shared = [...users].filter(
        ([, { readers, writers }]) =>
            writers.length > 0 && new Set([...readers, ...writers]).size > 1,
    );
    const drawn = new Set(shared.flatMap(([, { readers, writers }]) => [...readers, ...writers]));
    if (drawn.size + shared.length > maxNodes) {
        throw new RwsetError(
            'RWSET_GRAPH_TOO_LARGE',
            `The drawing would have ${drawn.size + shared.length} nodes, more than maxNodes = ` +
                `${maxNodes}. Draw fewer transactions, or raise maxNodes.`,
        );
    }
    const pen = format === 'mermaid' ? MERMAID : GRAPHVIZ;
    const lines = [...drawn]
        .sort((a, b) => a - b)
        .map((tx) => pen.transaction(`t${tx}`, labels[tx] ?? `tx ${tx}`));
    for (const [i, [key, { readers, writers }]] of shared.entries()) {
        lines.push(pen.key(`k${i}`, key));
        for (const tx of readers) lines.push(pen.edge(`t${tx}`, `k${i}`, 'reads'));
        for (const tx of writers) lines.push(pen.edge(`k${i}`, `t${tx}`, 'written by'));
    }
    return [pen.head, ...lines.map((line) => `    ${line}`), ...pen.tail].join('\n') + '\n';
}

interface Pen {
    readonly head: string;
    readonly tail: readonly string[];
    transaction(id: string, label: string): string;
    key(id: string, label: string): string;
    edge(from: string, to: string, label: string): string;
}

/** Control characters, which composite keys are full of, as symbols one can see. */
function visible(label: string): string {
    // eslint-disable-next-line no-control-regex -- finding them is the point
    return label.replace(/[\u0000-\u001f\u007f]/g, (control) =>
        control === '\u007f' ? '␡' : String.fromCharCode(0x2400 + control.charCodeAt(0)),
    );
}

const MERMAID: Pen = {
    head: 'flowchart LR',
    tail: [],
    transaction: (id, label) => `${id}["${mermaidText(label)}"]`,
    key: (id, label) => `${id}(["${mermaidText(label)}"])`,
    edge: (from, to, label) => `${from} -->|${label}| ${to}`,
};

/** Mermaid takes HTML entities without the ampersand, by number. */
function mermaidText(label: string): string {
    return visible(label).replace(/[#"<>&;`\\]/g, (char) => `#${char.charCodeAt(0)};`);
}

const GRAPHVIZ: Pen = {
    head: 'digraph conflicts {\n    rankdir=LR;',
    tail: ['}'],
    transaction: (id, label) => `${id} [shape=box, label="${graphvizText(label)}"];`,
    key: (id, label) => `${id} [shape=ellipse, label="${graphvizText(label)}"];`,
    edge: (from, to, label) => `${from} -> ${to} [label="${label}"];`,
};

function graphvizText(label: string): string {
    return visible(label).replace(/["\\]/g, '\\$&');
}
