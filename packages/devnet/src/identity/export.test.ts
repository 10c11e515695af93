import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadNetwork } from '@goodput/network';
import { expect } from 'chai';
import { CertificateAuthority } from './certificate-authority.js';
import { exportMsp } from './export-msp.js';
import { exportOrganization, type ExportedOrganization } from './export-organization.js';
import { networkProfile, writeProfile } from './network-profile.js';

async function organization(number: number): Promise<ExportedOrganization> {
    const domain = `org${number}.example.com`;
    const authority = await CertificateAuthority.create({ mspId: `Org${number}MSP`, domain });
    const name = `peer0.${domain}`;
    return {
        authority,
        peers: [
            {
                name,
                endpoint: `localhost:${7050 + number}`,
                identity: await authority.enrol({ name, role: 'peer' }),
                tls: await authority.tlsCertificate({ hosts: [name, 'localhost'] }),
            },
        ],
        users: [
            await authority.enrol({ name: 'User1', role: 'client' }),
            await authority.enrol({ name: `Admin@${domain}`, role: 'admin' }),
        ],
    };
}

describe('an organisation written down', () => {
    let folder: string;
    let org1: ExportedOrganization;
    before(async () => {
        org1 = await organization(1);
    });
    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), 'export-'));
    });
    afterEach(() => {
        rmSync(folder, { recursive: true });
    });

    it('is where the samples of the official client look for it', async () => {
        const cryptoPath = await exportOrganization(folder, org1);
        expect(cryptoPath).to.equal(join(folder, 'peerOrganizations', 'org1.example.com'));
        const only = (...path: string[]): string => {
            const directory = join(cryptoPath, ...path);
            const files = readdirSync(directory);
            expect(files).to.have.length(1);
            return readFileSync(join(directory, files[0]!), 'utf8');
        };
        const user = ['users', 'User1@org1.example.com', 'msp'];
        const certificate = new X509Certificate(only(...user, 'signcerts'));
        expect(certificate.checkPrivateKey(createPrivateKey(only(...user, 'keystore')))).to.equal(
            true,
        );
        const peer = join(cryptoPath, 'peers', 'peer0.org1.example.com');
        const tlsRoot = new X509Certificate(readFileSync(join(peer, 'tls', 'ca.crt')));
        const server = new X509Certificate(readFileSync(join(peer, 'tls', 'server.crt')));
        expect(server.verify(tlsRoot.publicKey)).to.equal(true);
        expect(server.checkHost('peer0.org1.example.com')).to.equal('peer0.org1.example.com');
        expect(readdirSync(join(cryptoPath, 'users'))).to.have.members([
            'User1@org1.example.com',
            'Admin@org1.example.com',
        ]);
        const connection = JSON.parse(
            readFileSync(join(cryptoPath, 'connection.json'), 'utf8'),
        ) as { peers: Record<string, { url: string }> };
        expect(connection.peers['peer0.org1.example.com']?.url).to.equal('grpcs://localhost:7051');
    });

    it('keeps private keys for the owner, and the authority’s own out of it', async () => {
        await exportOrganization(folder, org1);
        const material = org1.authority.material();
        const secrets = [material.privateKey, material.tlsPrivateKey].map((key) => key.trim());
        let keys = 0;
        for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
            if (!entry.isFile()) continue;
            const file = join(entry.parentPath, entry.name);
            const text = readFileSync(file, 'utf8');
            for (const secret of secrets) expect(text).to.not.contain(secret);
            if (!text.includes('PRIVATE KEY')) continue;
            keys++;
            expect(statSync(file).mode & 0o077).to.equal(0);
        }
        expect(keys).to.equal(4);
    });

    it('has node OUs in the form the peer command reads', async () => {
        await exportMsp(join(folder, 'msp'), org1.authority, org1.users[0]);
        const yaml = readFileSync(join(folder, 'msp', 'config.yaml'), 'utf8');
        expect(yaml).to.equal(
            [
                'NodeOUs:',
                '  Enable: true',
                ...['Client', 'Peer', 'Admin', 'Orderer'].flatMap((role) => [
                    `  ${role}OUIdentifier:`,
                    '    Certificate: cacerts/ca.org1.example.com-cert.pem',
                    `    OrganizationalUnitIdentifier: ${role.toLowerCase()}`,
                ]),
                '',
            ].join('\n'),
        );
        expect(readdirSync(join(folder, 'msp')).sort()).to.deep.equal([
            'cacerts',
            'config.yaml',
            'keystore',
            'signcerts',
            'tlscacerts',
        ]);
    });
});

describe('the network profile', () => {
    it('is one that the profile’s reader takes, with every identity under a name of its own', async () => {
        const folder = mkdtempSync(join(tmpdir(), 'profile-'));
        const organizations = [await organization(1), await organization(2)];
        const file = join(folder, 'deeper', 'profile.json');
        const profile = networkProfile({
            name: 'devnet',
            channel: 'mychannel',
            organizations,
            chaincodes: { lab: 'lab' },
            couchdbUrl: 'http://localhost:5984',
        });
        await writeProfile(file, profile);
        await writeProfile(file, profile);
        expect(statSync(file).mode & 0o077).to.equal(0);
        const network = loadNetwork(file);
        expect(network.identities.map(({ name }) => name)).to.deep.equal([
            'User1@Org1MSP',
            'Admin@org1.example.com',
            'User1@Org2MSP',
            'Admin@org2.example.com',
        ]);
        const user = network.identity('User1@Org2MSP');
        const fromKey = createPublicKey(user.privateKey).export({ type: 'spki', format: 'pem' });
        const fromCertificate = new X509Certificate(user.certificate).publicKey;
        expect(fromKey).to.equal(fromCertificate.export({ type: 'spki', format: 'pem' }));
        expect(network.peer('peer0.org2.example.com').hostOverride).to.equal(
            'peer0.org2.example.com',
        );
        expect(network.couchdbUrl).to.equal('http://localhost:5984');
        expect(readdirSync(join(folder, 'deeper'))).to.deep.equal(['profile.json']);
        rmSync(folder, { recursive: true });
    });
});
