import { execFileSync } from 'node:child_process';
import {
    cpSync,
    existsSync,
    mkdirSync,
    mkdtempSync,
    realpathSync,
    rmSync,
    symlinkSync,
    writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { TEST_CERTIFICATE } from './memory-ledger.test.fixture.js';
import { mendSerializer } from './mend-serializer.js';

const load = createRequire(__filename);

/** Where a package is installed, whether it shows its package.json to everybody or not. */
function folderOf(name: string): string {
    const places = (load.resolve.paths(name) ?? []).map((each) => join(each, name));
    const found = places.find((each) => existsSync(join(each, 'package.json')));
    if (found === undefined) throw new Error(`${name} is not installed`);
    return realpathSync(found);
}

// What the bootstrap of a chaincode does: first the shim, then the contract; then one call.
const program = `
const Runner = require('fabric-shim/lib/contract-spi/chaincodefromcontract.js');
const { Contract, JSONSerializer, Object: DataType, Property, Transaction } = require('fabric-contract-api');
if (process.argv[2] === 'with') require('@goodput/chaincode');
class Asset { double() { return this.size * 2; } }
Property('size', 'number')(Asset.prototype, 'size');
DataType()(Asset);
class Store extends Contract {
  async put(ctx, asset) { return { doubled: asset.double() }; }
}
Reflect.defineMetadata('design:paramtypes', [Store.prototype.createContext().constructor, Asset], Store.prototype, 'put');
Transaction()(Store.prototype, 'put');
const serializers = { transaction: 'jsonSerializer', serializers: { jsonSerializer: JSONSerializer } };
const stub = {
  getBufferArgs: () => [Buffer.from('put'), Buffer.from('{"size":21}')],
  getTxID: () => '1'.repeat(64),
  getChannelID: () => 'channel',
  getCreator: () => ({ mspid: 'Org1MSP', idBytes: Buffer.from(process.env.TEST_CERTIFICATE) }),
};
new Runner([Store], serializers).Invoke(stub).then(({ status, message, payload }) => {
  console.log(status, message || Buffer.from(payload).toString());
});
`;

describe('a fresh install of a chaincode', () => {
    let folder: string;

    // A tree of its own, in which fabric-contract-api finds the class-transformer a fresh install takes.
    before(() => {
        folder = mkdtempSync(join(tmpdir(), 'goodput-install-'));
        const modules = join(folder, 'node_modules');
        mkdirSync(join(modules, '@goodput'), { recursive: true });
        const copied = ['fabric-contract-api', 'fabric-shim'];
        for (const name of copied) cpSync(folderOf(name), join(modules, name), { recursive: true });
        cpSync(folderOf('class-transformer-0.4.1'), join(modules, 'class-transformer'), {
            recursive: true,
        });
        cpSync(join(__dirname, '..', 'dist'), join(modules, '@goodput', 'chaincode', 'dist'), {
            recursive: true,
        });
        cpSync(
            join(__dirname, '..', 'package.json'),
            join(modules, '@goodput', 'chaincode', 'package.json'),
        );
        symlinkSync(folderOf('@goodput/keys'), join(modules, '@goodput', 'keys'));
        // Ours is another major version of ajv than the shim's.
        const nested = join(modules, '@goodput', 'chaincode', 'node_modules');
        mkdirSync(nested);
        for (const name of ['ajv', 'lru-cache', 'json-schema-traverse']) {
            symlinkSync(folderOf(name), join(nested, name));
        }
        writeFileSync(join(folder, 'program.cjs'), program);
    });

    after(() => {
        rmSync(folder, { recursive: true });
    });

    function run(how: 'with' | 'without'): string {
        const shimsModules = dirname(folderOf('winston'));
        return execFileSync(process.execPath, [join(folder, 'program.cjs'), how], {
            encoding: 'utf8',
            env: {
                ...process.env,
                NODE_PATH: shimsModules,
                CORE_CHAINCODE_LOGGING_LEVEL: 'CRITICAL',
                TEST_CERTIFICATE,
            },
        }).trim();
    }

    it('fails by itself at every object parameter', function () {
        this.timeout(180_000);
        expect(run('without')).to.match(/500 .*plainToClass\)? is not a function/);
    });

    it('works when this package is loaded, though after the contract API', function () {
        this.timeout(180_000);
        expect(run('with')).to.equal('200 {"doubled":42}');
    });

    it('is left alone when nothing is broken', () => {
        expect(mendSerializer()).to.equal(false);
    });
});
