import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { expect } from 'chai';
import { loadNetwork, validateProfile } from './index.js';

const good = {
    name: 'lab',
    channel: 'mychannel',
    peers: [
        {
            name: 'peer0',
            mspId: 'Org1MSP',
            endpoint: 'localhost:7051',
            tlsRootCert: { path: 'ca.pem' },
        },
    ],
    identities: [
        {
            name: 'alice',
            mspId: 'Org1MSP',
            certificate: { pem: 'CERT' },
            privateKey: { path: 'keys/../alice.key' },
        },
    ],
};

describe('network profile', () => {
    let folder: string;
    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), 'profile-'));
        writeFileSync(join(folder, 'ca.pem'), 'ROOT');
        writeFileSync(join(folder, 'alice.key'), 'SECRET');
    });
    afterEach(() => {
        rmSync(folder, { recursive: true });
    });

    function write(value: unknown): string {
        const file = join(folder, 'profile.json');
        writeFileSync(file, typeof value === 'string' ? value : JSON.stringify(value));
        return file;
    }

    it('reads the files it points to, relative to itself', () => {
        const network = loadNetwork(write(good));
        expect(network.peer().tlsRootCert).to.equal('ROOT');
        expect(network.identity('alice').privateKey).to.equal('SECRET');
        expect(network.orderers).to.deep.equal([]);
    });

    it('never shows a private key when it is printed', () => {
        const network = loadNetwork(write(good));
        expect(inspect(network, { depth: null })).to.not.contain('SECRET');
        expect(JSON.stringify(network)).to.not.contain('SECRET');
    });

    it('names what it does not have', () => {
        const network = loadNetwork(write(good));
        expect(() => network.identity('bob'))
            .to.throw('no identity "bob"; it has alice')
            .with.property('code', 'NETWORK_IDENTITY_UNKNOWN');
        expect(() => network.peer('peer9'))
            .to.throw()
            .with.property('code', 'NETWORK_PEER_UNKNOWN');
    });

    it('says which file is missing', () => {
        rmSync(join(folder, 'ca.pem'));
        expect(() => loadNetwork(write(good)))
            .to.throw('the TLS root of peer0')
            .with.property('code', 'NETWORK_PROFILE_UNREADABLE');
        expect(() => loadNetwork(join(folder, 'absent.json')))
            .to.throw('the network profile')
            .with.property('code', 'NETWORK_PROFILE_UNREADABLE');
    });

    it('refuses what is not JSON', () => {
        expect(() => loadNetwork(write('{')))
            .to.throw()
            .with.property('code', 'NETWORK_PROFILE_NOT_JSON');
    });

    const wrong: [string, unknown, string][] = [
        ['a list', [], 'outermost value must be an object'],
        ['no channel', { ...good, channel: undefined }, 'channel'],
        ['no peers', { ...good, peers: [] }, 'peers'],
        ['two of one name', { ...good, peers: [good.peers[0], good.peers[0]] }, 'given twice'],
        [
            'a URL',
            { ...good, peers: [{ ...good.peers[0], endpoint: 'grpcs://x:1' }] },
            'peers[0].endpoint',
        ],
        ['an unknown member', { ...good, peer: [] }, 'made of name, channel'],
        [
            'both forms of a PEM',
            {
                ...good,
                identities: [{ ...good.identities[0], certificate: { pem: 'a', path: 'b' } }],
            },
            'identities[0].certificate',
        ],
        ['a couchdb that is no URL', { ...good, couchdb: { url: 'nowhere' } }, 'couchdb.url'],
        ['an empty chaincode name', { ...good, chaincodes: { bench: '' } }, 'chaincodes.bench'],
    ];
    for (const [what, value, message] of wrong) {
        it(`refuses ${what}, naming the member`, () => {
            expect(() => validateProfile(value))
                .to.throw(message)
                .with.property('code', 'NETWORK_PROFILE_INVALID');
        });
    }

    it('never repeats a private key put in the wrong place', () => {
        const pem = '-----BEGIN PRIVATE KEY-----abc';
        const misplaced = { ...good, identities: [{ ...good.identities[0], privateKey: pem }] };
        expect(() => validateProfile(misplaced)).to.throw('not shown');
    });
});
