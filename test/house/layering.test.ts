import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { packages, repositoryRoot, type PackageManifest } from './packages.js';

/** What runs inside an endorsing peer's trust boundary may depend on nothing else. */
const chaincodeSide = ['@goodput/keys', '@goodput/chaincode', '@goodput/contracts'];
const allowedInChaincode = ['fabric-contract-api', 'fabric-shim', 'ajv', 'lru-cache'];

const floors = new Map(packages.map((each) => [each.name, each.floor]));

interface ImportSite {
    readonly file: string;
    readonly target: string;
}

function isProduction(file: string): boolean {
    return file.endsWith('.ts') && !/\.test\.|bench\/|test-support\//.test(file);
}

function packageNameOf(specifier: string): string | undefined {
    if (specifier.startsWith('.') || specifier.startsWith('node:')) return undefined;
    const parts = specifier.split('/');
    return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}

function importsOf(each: PackageManifest): ImportSite[] {
    const source = join(repositoryRoot, each.folder, 'src');
    const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(isProduction);
    return files.flatMap((file) => {
        const text = readFileSync(join(source, file), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
        const found = text.matchAll(
            /(?:^|\n)\s*(?:import|export)[^'"`;]*?from\s+'([^']+)'|(?:import|require)\('([^']+)'\)/g,
        );
        return [...found].flatMap((match) => {
            const target = packageNameOf(match[1] ?? match[2] ?? '.');
            return target === undefined ? [] : [{ file: join(each.folder, 'src', file), target }];
        });
    });
}

describe('the house: an arrow of imports only ever points down', () => {
    for (const each of packages) {
        it(`${each.name} (floor ${each.floor}) imports only from below, and only what it declares`, () => {
            const mine = importsOf(each);
            const upward = mine.filter(({ target }) => (floors.get(target) ?? -1) >= each.floor);
            expect(upward, 'imports from the same floor or above').to.deep.equal([]);

            const declared = [
                ...each.dependencies,
                ...each.peerDependencies,
                ...each.optionalDependencies,
            ];
            const undeclared = mine.filter(({ target }) => !declared.includes(target));
            expect(undeclared, 'imports that package.json does not declare').to.deep.equal([]);
        });
    }

    it('keeps the chaincode side down to the dependencies an auditor must read', () => {
        for (const each of packages.filter(({ name }) => chaincodeSide.includes(name))) {
            const foreign = [...each.dependencies, ...each.peerDependencies].filter(
                (name) => !allowedInChaincode.includes(name) && !chaincodeSide.includes(name),
            );
            expect(foreign, each.name).to.deep.equal([]);
        }
        const keys = packages.find(({ name }) => name === '@goodput/keys');
        expect(keys?.dependencies).to.deep.equal([]);
    });
});
