import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { upConfig } from './up-config.js';

describe('the configuration of goodput up', () => {
    let folder: string;
    let config: string;
    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), 'up config '));
        config = join(folder, 'network.json');
    });
    afterEach(() => {
        rmSync(folder, { recursive: true });
    });

    it('has paths from where its file is', () => {
        writeFileSync(
            config,
            JSON.stringify({
                network: { dataDirectory: 'kept' },
                chaincodes: [
                    { name: 'a', folder: './a', indexes: 'a' },
                    { name: 'b', connection: 'b.json' },
                    { name: 'c', connection: { address: 'localhost:1' } },
                ],
            }),
        );
        const { network, chaincodes } = upConfig({ folders: [], config });
        expect(network).to.deep.equal({ dataDirectory: join(folder, 'kept') });
        expect(chaincodes).to.deep.equal([
            { name: 'a', folder: join(folder, 'a'), indexes: join(folder, 'a') },
            { name: 'b', connection: join(folder, 'b.json') },
            { name: 'c', connection: { address: 'localhost:1' } },
        ]);
    });

    it('leaves what is no path to be refused by its name', () => {
        const given = {
            network: { dataDirectory: 5 },
            chaincodes: [
                { name: 'a', folder: 5 },
                { name: 'b', folder: '', indexes: null },
                { name: 'c', connection: true },
            ],
        };
        writeFileSync(config, JSON.stringify(given));
        expect(upConfig({ folders: [], config })).to.deep.equal(given);
    });
});
