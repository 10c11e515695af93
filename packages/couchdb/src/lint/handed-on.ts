import { unwrap, type Evaluator } from './evaluate.js';
import { child, children, contains, isCall, memberName, methodOf } from './syntax.js';
import { text, walk, type SyntaxNode } from './syntax.js';

/** A parsed file, as far as calls are followed through it. */
export interface CallingFile {
    readonly tree: SyntaxNode;
    readonly evaluator: Evaluator;
}

/** A call that gives a function what it hands on. */
export interface HandedOn<F extends CallingFile> {
    readonly source: F;
    readonly call: SyntaxNode;
    readonly argument: SyntaxNode;
}

/** The parameter an expression comes down to, through constants, `JSON.stringify` and `toString`. */
function parameterOf(
    evaluator: Evaluator,
    node: SyntaxNode,
    depth = 0,
): { readonly home: SyntaxNode; readonly position: number } | undefined {
    const expression = unwrap(node);
    if (depth > 10) return undefined;
    if (expression.type === 'Identifier') {
        const variable = evaluator.variable(text(expression, 'name'), expression);
        const { home, init, position } = variable ?? {};
        if (home !== undefined && position !== undefined) return { home, position };
        return init && parameterOf(evaluator, init, depth + 1);
    }
    if (!isCall(expression)) return undefined;
    const callee = child(expression, 'callee');
    const [argument] = children(expression, 'arguments');
    const inner =
        methodOf(expression) === 'toString' && callee !== undefined
            ? child(callee, 'object')
            : methodOf(expression) === 'stringify'
              ? argument
              : undefined;
    return inner && parameterOf(evaluator, inner, depth + 1);
}

/** The name a function is called by; '' when it has none. */
function nameOfFunction(tree: SyntaxNode, home: SyntaxNode): string {
    const own = text(child(home, 'id'), 'name');
    if (own !== '') return own;
    const key = child(home, 'key');
    if (key !== undefined) return text(key, 'name') || text(child(key, 'id'), 'name');
    let name = '';
    walk(tree, (node) => {
        const value = child(node, 'init') ?? child(node, 'value') ?? child(node, 'right');
        if (value === undefined || unwrap(value) !== home) return;
        const target = child(node, 'id') ?? child(node, 'key') ?? child(node, 'left');
        if (target !== undefined) name = text(target, 'name') || memberName(target);
    });
    return name;
}

/** Calls of the function whose parameter an expression is, with what each gives for it. */
export function callersOf<F extends CallingFile>(
    files: readonly F[],
    source: F,
    node: SyntaxNode,
): HandedOn<F>[] {
    const parameter = parameterOf(source.evaluator, node);
    if (parameter === undefined) return [];
    const { home, position } = parameter;
    const name = nameOfFunction(source.tree, home);
    if (name === '') return [];
    const calls: HandedOn<F>[] = [];
    for (const file of files) {
        walk(file.tree, (call) => {
            if (!isCall(call) || methodOf(call) !== name) return;
            const argument = children(call, 'arguments')[position];
            if (argument === undefined || (file === source && contains(home, call))) return;
            calls.push({ source: file, call, argument });
        });
    }
    return calls;
}
