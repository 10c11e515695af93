import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { packages, repositoryRoot } from './packages.js';

function documentedCodes(): Map<string, string[]> {
    const text = readFileSync(join(repositoryRoot, 'docs', 'errors.md'), 'utf8');
    const sections = text.split(/^## /m).slice(1);
    return new Map(
        sections.map((section) => {
            const name = section.slice(0, section.indexOf('\n')).trim();
            const rows = section.matchAll(/^\|\s*`([A-Z0-9_]+)`/gm);
            return [name, [...rows].map((row) => row[1] ?? '')];
        }),
    );
}

describe('docs/errors.md', () => {
    const documented = documentedCodes();

    for (const { name } of packages) {
        it(`lists exactly the codes of ${name}`, async () => {
            const loaded = (await import(name)) as { ERROR_CODES?: Record<string, string> };
            const codes = Object.keys(loaded.ERROR_CODES ?? {});
            expect([...(documented.get(name) ?? [])].sort()).to.deep.equal(codes.sort());
        });
    }

    it('uses no code twice', () => {
        const all = [...documented.values()].flat();
        expect(all).to.have.length(new Set(all).size);
    });

    it('has no section for a package that is not there', () => {
        const names = packages.map(({ name }) => name);
        expect([...documented.keys()].filter((name) => !names.includes(name))).to.deep.equal([]);
    });
});
