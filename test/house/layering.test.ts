import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect } from 'chai';
import { importsIn, type FoundImport } from './imports.js';
import { packages, repositoryRoot, type PackageManifest } from './packages.js';

/** What runs inside an endorsing peer's trust boundary may depend on nothing else. */
const chaincodeSide = ['@goodput/keys', '@goodput/chaincode', '@goodput/contracts'];
const allowedInChaincode = ['fabric-contract-api', 'fabric-shim', 'ajv', 'lru-cache'];

const floors = new Map(packages.map((each) => [each.name, each.floor]));

/** Where a module is loaded by a name that only the run time knows, and why that must be. */
const loadedAtRunTime: Readonly<Record<string, string>> = {
    'packages/bench/src/workloads/find-workload.ts': 'the workload a person names by its file',
    'packages/chaincode/src/marshal.ts':
        'the class the shim itself converts with, which it does not export',
    'packages/chaincode/src/mend-serializer.ts':
        'each copy of the contract API that the shim may use',
    'packages/devnet/src/chaincode/folder-process.ts': 'the shim that a project has installed',
    'packages/devnet/src/chaincode/shim-server.ts':
        'each copy of the logger whose handlers it takes off',
    'packages/devnet/src/grpc/protocol-registry.ts': 'the protocol messages, loaded alone',
    'packages/goodput/src/load-exports.ts': 'the file a person names on the command line',
};

interface ImportSite {
    readonly file: string;
    readonly target: string;
}

function isProduction(file: string): boolean {
    return /\.[cm]?[jt]sx?$/.test(file) && !/\.test\.|^bench\/|(?:^|\/)test-support\//.test(file);
}

/** What a specifier leads to: a package, the file's own package (nothing to check), or out of it. */
function targetOf(file: string, specifier: string): string | undefined {
    if (specifier.startsWith('node:')) return undefined;
    if (specifier.startsWith('.')) {
        const reached = normalize(join(dirname(file), specifier));
        return reached.startsWith('..') ? `${specifier}, outside of src` : undefined;
    }
    const parts = specifier.split('/');
    return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}

function sourcesOf(each: PackageManifest): { file: string; imports: FoundImport[] }[] {
    const source = join(repositoryRoot, each.folder, 'src');
    const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(isProduction);
    return files.map((file) => ({
        file,
        imports: importsIn(readFileSync(join(source, file), 'utf8')),
    }));
}

function importsOf(each: PackageManifest): ImportSite[] {
    return sourcesOf(each).flatMap(({ file, imports }) =>
        imports.flatMap(({ specifier }) => {
            const target = targetOf(file, specifier ?? '.');
            return target === undefined ? [] : [{ file: join(each.folder, 'src', file), target }];
        }),
    );
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

            const used = new Set(mine.map(({ target }) => target));
            const unused = each.dependencies.filter((name) => floors.has(name) && !used.has(name));
            expect(unused, 'packages of ours declared and never imported').to.deep.equal([]);
        });
    }

    it('loads modules by a name made at run time only where that is listed with a reason', () => {
        const found = packages.flatMap((each) =>
            sourcesOf(each)
                .filter(({ imports }) => imports.some(({ specifier }) => specifier === undefined))
                .map(({ file }) => join(each.folder, 'src', file)),
        );
        expect(found.sort()).to.deep.equal(Object.keys(loadedAtRunTime).sort());
    });

    it('keeps the chaincode side down to the dependencies an auditor must read', () => {
        for (const each of packages.filter(({ name }) => chaincodeSide.includes(name))) {
            const foreign = [
                ...each.dependencies,
                ...each.peerDependencies,
                ...each.optionalDependencies,
            ].filter((name) => !allowedInChaincode.includes(name) && !chaincodeSide.includes(name));
            expect(foreign, each.name).to.deep.equal([]);
        }
        const keys = packages.find(({ name }) => name === '@goodput/keys');
        expect(keys?.dependencies).to.deep.equal([]);
    });
});
