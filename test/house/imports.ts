import ts from 'typescript';

/** One import of a file, however it is written. */
export interface FoundImport {
    /** What is imported, or `undefined` when that is only known at run time. */
    readonly specifier: string | undefined;
}

function specifierOf(node: ts.Node | undefined): FoundImport {
    return {
        specifier: node !== undefined && ts.isStringLiteralLike(node) ? node.text : undefined,
    };
}

/** `import(…)`, `require(…)`, and whatever makes or reaches another `require`. */
function loadedBy(node: ts.CallExpression): FoundImport | undefined {
    const { expression } = node;
    const [first] = node.arguments;
    if (expression.kind === ts.SyntaxKind.ImportKeyword) return specifierOf(first);
    const name = ts.isPropertyAccessExpression(expression) ? expression.expression : expression;
    if (!ts.isIdentifier(name)) return undefined;
    if (name.text === 'require') return specifierOf(first);
    return name.text === 'createRequire' ? { specifier: undefined } : undefined;
}

function importOf(node: ts.Node): FoundImport | undefined {
    if (ts.isImportDeclaration(node)) return specifierOf(node.moduleSpecifier);
    if (ts.isExportDeclaration(node)) {
        return node.moduleSpecifier === undefined ? undefined : specifierOf(node.moduleSpecifier);
    }
    if (ts.isExternalModuleReference(node)) return specifierOf(node.expression);
    if (ts.isImportTypeNode(node)) {
        return specifierOf(ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined);
    }
    return ts.isCallExpression(node) ? loadedBy(node) : undefined;
}

/** Every import of a source text, read by the compiler's own parser, so that no spelling slips past. */
export function importsIn(text: string): FoundImport[] {
    const found: FoundImport[] = [];
    const visit = (node: ts.Node): void => {
        const each = importOf(node);
        if (each !== undefined) found.push(each);
        ts.forEachChild(node, visit);
    };
    visit(ts.createSourceFile('file.ts', text, ts.ScriptTarget.ES2023));
    return found;
}
