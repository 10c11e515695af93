/** What a program promises to print: `console.log(...); // => text`, further lines as `// => text`. */
export function promisedOutput(code: string): string[] {
    const promises = code.matchAll(/^(?:.*console\.log\(.*| *)\/\/ => (.*)$/gm);
    return [...promises].map((match) => match[1] ?? '');
}

/** The first promised line that was not printed after those before it; others may lie in between. */
export function missingInOrder(
    printed: readonly string[],
    promised: readonly string[],
): string | undefined {
    let from = 0;
    for (const line of promised) {
        const found = printed.indexOf(line, from);
        if (found < 0) return line;
        from = found + 1;
    }
    return undefined;
}
