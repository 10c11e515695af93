import { expect } from 'chai';
import { networkSettings, type NetworkOptions } from './options.js';

describe('the form of the options of a network', () => {
    const wrong: readonly Readonly<Record<string, unknown>>[] = [
        { name: 5 },
        { channels: 'mychannel' },
        { channels: [5] },
        { organizations: 'Org1MSP' },
        { organizations: {} },
        { organizations: [null] },
        { organizations: [{}] },
        { organizations: [{ mspId: 'A', users: 'ann' }] },
        { organizations: [{ mspId: 'A', users: [5] }] },
        { organizations: [{ mspId: 'A', domain: 5 }] },
        { block: 5 },
        { block: null },
        { limits: [] },
        { dataDirectory: 5 },
        { ports: { peer: 7051 } },
        { ports: null },
        { tls: 'yes' },
    ];
    for (const options of wrong) {
        it(`is refused with what was got: ${JSON.stringify(options)}`, () => {
            const [name] = Object.keys(options);
            expect(() => networkSettings(options as NetworkOptions))
                .to.throw(new RegExp(`^${name} must be an? .*; got|^${name} must be true`))
                .with.property('code', 'DEVNET_OPTION_INVALID');
        });
    }

    it('is taken where it is right', () => {
        const options = {
            name: 'n',
            channels: ['a'],
            organizations: ['A', { mspId: 'B', users: [] }],
            block: { timeoutMs: 5 },
            ports: [0],
            tls: false,
        };
        expect(networkSettings(options).organizations).to.have.length(2);
    });
});
