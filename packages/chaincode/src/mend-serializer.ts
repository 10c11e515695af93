import { createRequire } from 'node:module';
import { ChaincodeError } from './errors.js';

type Transformer = Record<string, unknown>;

interface SerializerClass {
    readonly prototype: Record<string, unknown>;
}

// The serializer of fabric-contract-api takes these two out of class-transformer when it is loaded.
const renamed = { plainToClass: 'plainToInstance', classToPlain: 'instanceToPlain' } as const;

const SERIALIZER = 'fabric-contract-api/lib/jsontransactionserializer.js';

/** Gives the transformer its old names back; tells whether any was missing. */
function restoreNames(transformer: Transformer): boolean {
    const missing = Object.entries(renamed).filter(
        ([old]) => typeof transformer[old] !== 'function',
    );
    for (const [old, current] of missing) {
        if (typeof transformer[current] !== 'function') {
            throw new ChaincodeError(
                'CHAINCODE_SETUP_INVALID',
                `the class-transformer that fabric-contract-api loads has neither ${old} nor ${current}; install 0.5.1 by "overrides": { "class-transformer": "0.5.1" } in package.json`,
            );
        }
        transformer[old] = transformer[current];
    }
    return missing.length > 0;
}

/** Mends the copy of fabric-contract-api that is loaded from there; tells whether it was broken. */
function mendCopy(load: NodeJS.Require): boolean {
    const path = load.resolve(SERIALIZER);
    const inside = createRequire(path);
    if (!restoreNames(inside('class-transformer') as Transformer)) return false;
    // It has taken what was missing already. A second reading of the module takes what is there now, and
    // the class everybody has gets its methods from that.
    const broken = inside(path) as SerializerClass;
    const cached = inside.cache[path];
    Reflect.deleteProperty(inside.cache, path);
    const mended = inside(path) as SerializerClass;
    inside.cache[path] = cached;
    for (const name of Object.getOwnPropertyNames(mended.prototype)) {
        if (name !== 'constructor') broken.prototype[name] = mended.prototype[name];
    }
    return true;
}

/**
 * Makes object parameters and object results work whichever class-transformer is installed.
 *
 * fabric-contract-api 2.5.8 asks for `class-transformer ^0.4.0`, and 0.4.1, which a fresh install takes,
 * has renamed the two functions it needs: every transaction with an object parameter or result fails
 * with "plainToClass is not a function". Loading this package calls this, so that nobody else need.
 *
 * @returns whether anything was broken
 */
export function mendSerializer(): boolean {
    const ours = createRequire(__filename);
    const shims = createRequire(ours.resolve('fabric-shim'));
    // The shim may have a copy of the contract API of its own, and it is the one that converts.
    const copies = new Map([ours, shims].map((load) => [load.resolve(SERIALIZER), load]));
    return [...copies.values()].map(mendCopy).includes(true);
}

mendSerializer();
