import { CouchdbError } from '../errors.js';

/** A node of a syntax tree, as far as the search for queries looks at it. */
export interface SyntaxNode {
    readonly type: string;
    readonly start: number;
    readonly end: number;
    readonly loc: { readonly start: { readonly line: number; readonly column: number } };
    readonly [member: string]: unknown;
}

/** Whether a value is a node. */
export function isNode(value: unknown): value is SyntaxNode {
    return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}

/** A node's child that is a node. */
export function child(node: SyntaxNode, member: string): SyntaxNode | undefined {
    const value = node[member];
    return isNode(value) ? value : undefined;
}

/** A node's children under a member that is a list. */
export function children(node: SyntaxNode, member: string): SyntaxNode[] {
    const value = node[member];
    return Array.isArray(value) ? value.filter(isNode) : [];
}

/** Text of a member, '' when it is none. */
export function text(node: SyntaxNode | undefined, member: string): string {
    const value = node?.[member];
    return typeof value === 'string' ? value : '';
}

/** Calls a function with every node below one, in the order of the source. */
export function walk(node: SyntaxNode, visit: (node: SyntaxNode) => void): void {
    visit(node);
    for (const value of Object.values(node)) {
        if (isNode(value)) walk(value, visit);
        else if (Array.isArray(value)) {
            for (const item of value) if (isNode(item)) walk(item, visit);
        }
    }
}

/** Whether a node is a call. */
export function isCall(node: SyntaxNode): boolean {
    return node.type === 'CallExpression' || node.type === 'OptionalCallExpression';
}

/** The name in `a.name`, `a['name']` or `a.#name`; '' for any other. */
export function memberName(node: SyntaxNode): string {
    const property = child(node, 'property');
    if (node['computed'] === true) return text(property, 'value');
    return text(property, 'name') || text(property && child(property, 'id'), 'name');
}

/** The name of what is called: a function's, or a method's whatever it is called on. */
export function methodOf(call: SyntaxNode): string {
    const callee = child(call, 'callee');
    if (callee === undefined) return '';
    return callee.type === 'Identifier' ? text(callee, 'name') : memberName(callee);
}

/** Whether one node lies within another. */
export function contains(outer: SyntaxNode, inner: SyntaxNode): boolean {
    return outer.start <= inner.start && inner.end <= outer.end;
}

/**
 * Parses TypeScript or JavaScript. The parser is loaded when it is first needed.
 *
 * @throws CouchdbError `COUCHDB_SOURCE_UNREADABLE`
 */
export async function parseSource(file: string, source: string): Promise<SyntaxNode> {
    const { parse } = await import('@babel/parser');
    const isTypeScript = /\.[cm]?tsx?$/.test(file);
    const hasMarkup = file.endsWith('x') || !isTypeScript;
    try {
        const tree: unknown = parse(source, {
            sourceType: 'unambiguous',
            allowReturnOutsideFunction: true,
            plugins: [
                ...(isTypeScript ? (['typescript'] as const) : []),
                ...(hasMarkup ? (['jsx'] as const) : []),
                'decorators-legacy',
                'explicitResourceManagement',
            ],
        });
        if (isNode(tree)) return tree;
        throw new Error('the parser gave no tree');
    } catch (cause) {
        const detail = cause instanceof Error ? cause.message : String(cause);
        const message = `${file} cannot be parsed: ${detail}. Mend the syntax error.`;
        throw new CouchdbError('COUCHDB_SOURCE_UNREADABLE', message, { cause });
    }
}
