import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import { typesOf } from './write-types.js';

const metadata = {
    contracts: {
        'stock-room': {
            name: 'stock-room',
            contractInstance: { default: true },
            transactions: [
                {
                    name: 'take',
                    tag: ['submitTx'],
                    parameters: [
                        { name: 'item', schema: { type: 'string' } },
                        { name: 'amount', schema: { type: 'number' } },
                    ],
                    returns: { type: 'number' },
                },
                {
                    name: 'find-all',
                    parameters: [{ name: '0', schema: { $ref: '#/components/schemas/Filter' } }],
                    returns: { type: 'array', items: { $ref: '#/components/schemas/Item' } },
                },
                {
                    name: 'executeBatch',
                    parameters: [{ name: 'batch', schema: { type: 'string' } }],
                },
                { name: 'ping' },
            ],
        },
        'org.hyperledger.fabric': { name: 'org.hyperledger.fabric', transactions: [] },
    },
    components: {
        schemas: {
            Item: {
                type: 'object',
                properties: { id: { type: 'string' }, state: { enum: ['new', 'used'] } },
                required: ['id'],
            },
            Filter: { anyOf: [{ type: 'string' }, { type: ['number', 'null'] }] },
        },
    },
};

describe('the types of a contract', function () {
    this.timeout(180_000);

    it('are written from its metadata', () => {
        const text = typesOf(metadata);
        expect(text).to.contain('export interface StockRoom {');
        expect(text).to.contain('take: { args: [item: string, amount: number]; result: number };');
        expect(text).to.contain('"find-all": { args: [arg0: Filter]; result: readonly Item[] };');
        expect(text).to.contain('readonly state?: "new" | "used"');
        expect(text).to.contain('ping: { args: []; result: unknown };');
        expect(text).to.not.contain('executeBatch');
        expect(text).to.not.contain('hyperledger');
    });

    it('are TypeScript that compiles', () => {
        const folder = mkdtempSync(join(tmpdir(), 'goodput-types-'));
        try {
            const file = join(folder, 'contract.d.ts');
            writeFileSync(file, typesOf(metadata));
            const compiler = join(
                dirname(require.resolve('@typescript/native/package.json')),
                'bin',
                'tsc',
            );
            execFileSync(process.execPath, [
                compiler,
                '--ignoreConfig',
                '--noEmit',
                '--strict',
                file,
            ]);
        } finally {
            rmSync(folder, { recursive: true, force: true });
        }
    });

    it('are refused for what is not metadata', () => {
        for (const wrong of [undefined, null, 'x', {}, { contracts: 'none' }]) {
            expect(() => typesOf(wrong))
                .to.throw()
                .with.property('code', 'GATEWAY_RESPONSE_MALFORMED');
        }
    });
});
