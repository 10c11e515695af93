import { asText, isJsonObject, type Json, type JsonObject } from '../json.js';
import { child, children, contains, text, walk, type SyntaxNode } from './syntax.js';

/** What an expression comes to, as far as the source says. */
export interface Evaluated {
    /** Its value, with `«name»` where only running the program would tell. */
    readonly value: Json;
    /** Whether text was joined to make it, so that a value can change the query. */
    readonly joined: boolean;
}

/** A declared variable. */
interface Variable {
    readonly declarator: SyntaxNode;
    readonly init: SyntaxNode | undefined;
    /** The function it is declared in, or the whole file. */
    readonly home: SyntaxNode;
    /** Which argument of its function it takes; undefined for anything but a plain parameter. */
    readonly position: number | undefined;
}

const FUNCTIONS = new Set([
    'FunctionDeclaration',
    'FunctionExpression',
    'ArrowFunctionExpression',
    'ObjectMethod',
    'ClassMethod',
    'ClassPrivateMethod',
]);

const WRAPPERS = new Set([
    'TSAsExpression',
    'TSSatisfiesExpression',
    'TSNonNullExpression',
    'TSTypeAssertion',
    'ParenthesizedExpression',
    'AwaitExpression',
]);

/** Strips type assertions and the like off an expression. */
export function unwrap(node: SyntaxNode): SyntaxNode {
    let current = node;
    while (WRAPPERS.has(current.type)) {
        const inner = child(
            current,
            current.type === 'AwaitExpression' ? 'argument' : 'expression',
        );
        if (inner === undefined) return current;
        current = inner;
    }
    return current;
}

/** What stands where only running the program would tell. */
export function hole(name: string): string {
    return `«${name}»`;
}

/** Whether a value, or a part of it, is unknown. */
export function hasHole(value: Json): boolean {
    if (typeof value === 'string') return value.includes('«');
    if (Array.isArray(value)) return (value as Json[]).some(hasHole);
    return isJsonObject(value) && Object.values(value).some(hasHole);
}

/** Every name a parameter or the left side of a declaration binds. */
function boundNames(pattern: SyntaxNode): string[] {
    switch (pattern.type) {
        case 'Identifier':
            return [text(pattern, 'name')];
        case 'ObjectPattern':
            return children(pattern, 'properties').flatMap(boundNames);
        case 'ArrayPattern':
            return children(pattern, 'elements').flatMap(boundNames);
        default: {
            const inner = ['left', 'argument', 'parameter', 'value'].flatMap(
                (member) => child(pattern, member) ?? [],
            );
            return inner.slice(0, 1).flatMap(boundNames);
        }
    }
}

/** The name a parameter is known by when it is one, with or without a default. */
function plainParameter(parameter: SyntaxNode): string {
    const target = child(parameter, 'parameter') ?? parameter;
    return text(target, 'name') || text(child(target, 'left'), 'name');
}

function nameOf(node: SyntaxNode): string {
    const name = text(node, 'name') || text(child(node, 'property'), 'name');
    return name === '' ? 'value' : name;
}

// Far more than any query needs; ends a chain of variables that refer to each other.
const MAX_DEPTH = 50;

/** Evaluates the expressions of one file without running it. */
export class Evaluator {
    readonly #tree: SyntaxNode;
    readonly #functions: SyntaxNode[] = [];
    readonly #variables = new Map<string, Variable[]>();
    readonly #assignments: SyntaxNode[] = [];

    constructor(tree: SyntaxNode) {
        this.#tree = tree;
        walk(tree, (node) => {
            if (FUNCTIONS.has(node.type)) this.#functions.push(node);
            if (node.type === 'AssignmentExpression') this.#assignments.push(node);
        });
        walk(tree, (node) => {
            if (node.type === 'VariableDeclarator') this.#declare(node);
        });
        for (const home of this.#functions) {
            for (const [at, parameter] of children(home, 'params').entries()) {
                const plain = plainParameter(parameter);
                for (const name of boundNames(parameter)) {
                    const position = name === plain ? at : undefined;
                    this.#add(name, { declarator: parameter, init: undefined, home, position });
                }
            }
        }
    }

    #add(name: string, variable: Variable): void {
        const list = this.#variables.get(name) ?? [];
        this.#variables.set(name, list);
        list.push(variable);
    }

    #declare(declarator: SyntaxNode): void {
        const target = child(declarator, 'id');
        if (target === undefined) return;
        const home = this.functionOf(declarator);
        const init = target.type === 'Identifier' ? child(declarator, 'init') : undefined;
        for (const name of boundNames(target)) {
            this.#add(name, { declarator, init, home, position: undefined });
        }
    }

    /** The innermost function around a node, or the whole file. */
    functionOf(node: SyntaxNode): SyntaxNode {
        const around = this.#functions.filter((one) => one !== node && contains(one, node));
        return around.reduce((a, b) => (b.start > a.start ? b : a), this.#tree);
    }

    /** Where a name is declared, as seen from a node. */
    variable(name: string, from: SyntaxNode): Variable | undefined {
        const seen = (this.#variables.get(name) ?? []).filter(({ home }) => contains(home, from));
        return seen.reduce<Variable | undefined>((best, one) => {
            if (best === undefined || one.home.start > best.home.start) return one;
            if (one.home.start < best.home.start) return best;
            return one.declarator.start <= from.start ? one : best;
        }, undefined);
    }

    /** What an expression comes to; undefined when it is no value at all. */
    evaluate(node: SyntaxNode, depth = 0): Evaluated {
        const expression = unwrap(node);
        const next = (inner: SyntaxNode): Evaluated => this.evaluate(inner, depth + 1);
        if (depth > MAX_DEPTH) return { value: hole('value'), joined: false };
        switch (expression.type) {
            case 'StringLiteral':
            case 'NumericLiteral':
            case 'BooleanLiteral':
                return { value: expression['value'] as Json, joined: false };
            case 'NullLiteral':
                return { value: null, joined: false };
            case 'TemplateLiteral':
                return this.#template(expression, depth);
            case 'BinaryExpression':
                return this.#binary(expression, depth);
            case 'UnaryExpression':
                return this.#unary(expression, depth);
            case 'ObjectExpression':
                return this.#object(expression, depth);
            case 'ArrayExpression': {
                const items = children(expression, 'elements').map(next);
                return {
                    value: items.map(({ value }) => value),
                    joined: items.some(({ joined }) => joined),
                };
            }
            case 'Identifier':
                return this.#identifier(expression, depth);
            case 'MemberExpression':
                return this.#member(expression, depth);
            case 'CallExpression':
                return this.#call(expression, depth);
            default:
                return { value: hole(nameOf(expression)), joined: false };
        }
    }

    #template(node: SyntaxNode, depth: number): Evaluated {
        const parts = children(node, 'quasis').map((part) => {
            const cooked = (part['value'] as { readonly cooked?: unknown }).cooked;
            return typeof cooked === 'string' ? cooked : '';
        });
        const holes = children(node, 'expressions').map((one) => this.evaluate(one, depth + 1));
        const joined = parts.reduce((all, part, at) => {
            const value = holes[at - 1]?.value ?? '';
            return all + (typeof value === 'object' ? hole('value') : String(value)) + part;
        });
        return { value: joined, joined: holes.length > 0 };
    }

    #binary(node: SyntaxNode, depth: number): Evaluated {
        const [left, right] = [child(node, 'left'), child(node, 'right')];
        if (text(node, 'operator') !== '+' || left === undefined || right === undefined) {
            return { value: hole('value'), joined: false };
        }
        const [a, b] = [this.evaluate(left, depth + 1), this.evaluate(right, depth + 1)];
        if (typeof a.value === 'object' || typeof b.value === 'object') {
            return { value: hole('value'), joined: false };
        }
        const constant = !hasHole(a.value) && !hasHole(b.value) && !a.joined && !b.joined;
        return { value: `${String(a.value)}${String(b.value)}`, joined: !constant };
    }

    #unary(node: SyntaxNode, depth: number): Evaluated {
        const argument = child(node, 'argument');
        const { value = null } = argument === undefined ? {} : this.evaluate(argument, depth + 1);
        const isNegative = text(node, 'operator') === '-' && typeof value === 'number';
        return { value: isNegative ? -value : hole('value'), joined: false };
    }

    #object(node: SyntaxNode, depth: number): Evaluated {
        let members: JsonObject = {};
        let joined = false;
        for (const property of children(node, 'properties')) {
            const [key, inner] = [child(property, 'key'), child(property, 'value')];
            if (property.type === 'SpreadElement') {
                const argument = child(property, 'argument');
                const spread = argument && this.evaluate(argument, depth + 1);
                if (isJsonObject(spread?.value)) members = { ...members, ...spread.value };
                else members = { ...members, [hole('spread')]: hole('spread') };
            } else if (key !== undefined && inner !== undefined) {
                const isComputed = property['computed'] === true;
                const name = isComputed
                    ? this.evaluate(key, depth + 1).value
                    : text(key, 'name') || (key['value'] as Json);
                const { value, joined: innerJoined } = this.evaluate(inner, depth + 1);
                joined ||= innerJoined;
                members = { ...members, [asText(name)]: value };
            }
        }
        return { value: members, joined };
    }

    #identifier(node: SyntaxNode, depth: number): Evaluated {
        const name = text(node, 'name');
        const found = this.variable(name, node);
        if (found === undefined) return { value: hole(name), joined: false };
        let result: Evaluated =
            found.init === undefined
                ? { value: hole(name), joined: false }
                : this.evaluate(found.init, depth + 1);
        for (const assignment of this.#assignments) {
            const isBetween =
                assignment.start > found.declarator.start && assignment.end <= node.start;
            if (!isBetween || !contains(found.home, assignment)) continue;
            result = this.#assign(result, { assignment, name, depth });
        }
        return result;
    }

    #assign(
        before: Evaluated,
        step: { readonly assignment: SyntaxNode; readonly name: string; readonly depth: number },
    ): Evaluated {
        const { assignment, name, depth } = step;
        const [left, right] = [child(assignment, 'left'), child(assignment, 'right')];
        if (left === undefined || right === undefined) return before;
        const path = this.#path(left, depth);
        if (path?.[0] !== name) return before;
        const value = this.evaluate(right, depth + 1);
        if (text(assignment, 'operator') === '+=') {
            return {
                value: `${asText(before.value)}${asText(value.value)}`,
                joined: true,
            };
        }
        if (path.length === 1) return value;
        // What is put into something unknown does not make the rest of it known.
        if (!isJsonObject(before.value)) return before;
        return {
            value: withMember(before.value, path.slice(1), value.value),
            joined: before.joined || value.joined,
        };
    }

    /** The names in `a.b['c']`, or undefined for anything else. */
    #path(node: SyntaxNode, depth: number): string[] | undefined {
        const target = unwrap(node);
        if (target.type === 'Identifier') return [text(target, 'name')];
        if (target.type !== 'MemberExpression') return undefined;
        const [object, property] = [child(target, 'object'), child(target, 'property')];
        const before = object && this.#path(object, depth);
        if (before === undefined || property === undefined) return undefined;
        const { value } =
            target['computed'] === true
                ? this.evaluate(property, depth + 1)
                : { value: text(property, 'name') };
        return typeof value === 'string' ? [...before, value] : undefined;
    }

    #member(node: SyntaxNode, depth: number): Evaluated {
        const path = this.#path(node, depth);
        const object = child(node, 'object');
        const name = path?.at(-1);
        if (object !== undefined && name !== undefined && unwrap(object).type === 'Identifier') {
            const { value } = this.evaluate(object, depth + 1);
            if (isJsonObject(value) && Object.hasOwn(value, name)) {
                return { value: value[name] ?? null, joined: false };
            }
        }
        return { value: hole(nameOf(node)), joined: false };
    }

    #call(node: SyntaxNode, depth: number): Evaluated {
        const callee = child(node, 'callee');
        const [argument] = children(node, 'arguments');
        const path = callee && this.#path(callee, depth)?.join('.');
        if (path === 'JSON.stringify' && argument !== undefined) {
            return this.evaluate(argument, depth + 1);
        }
        return { value: hole(callee === undefined ? 'value' : nameOf(callee)), joined: false };
    }
}

function withMember(target: Json, [name = '', ...rest]: readonly string[], value: Json): Json {
    const object = isJsonObject(target) ? target : {};
    const inner = rest.length === 0 ? value : withMember(object[name] ?? {}, rest, value);
    return { ...object, [name]: inner };
}
