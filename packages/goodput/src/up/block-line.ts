import { validationCodeName, VALIDATION_CODES, type Block } from '@goodput/rwset';

const codeColours = { good: '\u001b[32m', bad: '\u001b[31m', reset: '\u001b[0m' } as const;

function counted(names: readonly string[]): string[] {
    const counts = new Map<string, number>();
    for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
    return [...counts].map(([name, count]) => (count === 1 ? name : `${name} ×${count}`));
}

/** A block on one line: its number, its transactions by verdict, and what was called. */
export function blockLine(block: Block, codes: readonly number[], colour: boolean): string {
    const paint = (text: string, name: keyof typeof codeColours): string =>
        colour ? codeColours[name] + text + codeColours.reset : text;
    const valid = codes.filter((code) => code === VALIDATION_CODES.VALID).length;
    const invalid = counted(
        codes
            .filter((code) => code !== VALIDATION_CODES.VALID)
            .map((code) => validationCodeName(code)),
    );
    const calls = counted(
        block.transactions.map(({ chaincode, functionName, kind }) =>
            chaincode === undefined ? kind : `${chaincode.name}.${functionName}`,
        ),
    );
    return [
        `block ${String(block.number).padStart(5)}`,
        paint(`${String(valid).padStart(4)} valid`, 'good'),
        ...invalid.map((text) => paint(text, 'bad')),
        calls.join(', '),
    ].join('  ');
}
