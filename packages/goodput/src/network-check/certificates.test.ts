import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { expect } from 'chai';
import { CertificateAuthority, startNetwork, type Network } from '@goodput/devnet';
import type { NetworkProfile } from '@goodput/network';
import { run, type Ran } from '../run-command.test.fixture.js';

const fixtures = join(__dirname, '..', '..', 'fixtures', 'tls');
const fixture = (name: string): string => readFileSync(join(fixtures, name), 'utf8');

type Identity = NetworkProfile['identities'][number];

const DAY_MS = 24 * 3600 * 1000;
const daysFromNow = (days: number): Date => new Date(Date.now() + days * DAY_MS);

describe('goodput network check and certificates', function () {
    this.timeout(180_000);
    let folder: string;
    let network: Network;

    before(async () => {
        folder = mkdtempSync(join(tmpdir(), 'certificates-'));
        network = await startNetwork({ block: { timeoutMs: 50 } });
    });
    after(async () => {
        await network.stop();
        rmSync(folder, { recursive: true });
    });

    function check(changed: Partial<NetworkProfile>): Promise<Ran> {
        const file = join(folder, 'profile.json');
        writeFileSync(file, JSON.stringify({ ...network.profile, ...changed }));
        return run('network', 'check', file);
    }

    /** An identity of an authority of the same name and organisation that the network does not know. */
    async function stranger(clock = new Date(), notAfter?: Date): Promise<Identity> {
        const mspId = network.profile.identities[0]?.mspId ?? '';
        const named = { mspId, domain: 'org1.example.com', clock: () => clock };
        const authority = await CertificateAuthority.create(named);
        const enrolment = { name: 'sam', role: 'client', ...(notAfter && { notAfter }) } as const;
        const { certificate, privateKey } = await authority.enrol(enrolment);
        const pem = (text: string) => ({ pem: text });
        return { name: 'sam', mspId, certificate: pem(certificate), privateKey: pem(privateKey) };
    }

    const identities: [string, () => Promise<Identity>, RegExp][] = [
        [
            'has expired',
            () => stranger(daysFromNow(-20), daysFromNow(-1)),
            /✗ identity sam \(Org1MSP\): the certificate expired on [\s\S]*Re-enrol the identity/,
        ],
        [
            'is not valid yet',
            () => stranger(daysFromNow(2)),
            /✗ identity sam \(Org1MSP\): the certificate is not valid before [\s\S]*machine's clock/,
        ],
        [
            'is of an authority that the organisation does not have',
            () => stranger(),
            /✓ identity sam[\s\S]*✗ channel mychannel: [\s\S]*comes from a CA of that organisation/,
        ],
    ];
    for (const [what, identity, message] of identities) {
        it(`says so when that of an identity ${what}`, async () => {
            const { code, out } = await check({ identities: [await identity()] });
            expect(out).to.match(message);
            expect(code).to.equal(1);
        });
    }

    it('says so when that of an identity ends soon, which is no fault yet', async () => {
        const person = network.profile.identities[0];
        const enrolled = await network
            .organization(person?.mspId)
            .enrol({ name: 'soon', notAfter: daysFromNow(3) });
        const { code, out } = await check({
            identities: [
                {
                    name: 'soon',
                    mspId: enrolled.mspId,
                    certificate: { pem: enrolled.certificate },
                    privateKey: { pem: enrolled.privateKey },
                },
            ],
        });
        expect(out).to.match(/✓ identity soon .*which is soon$/m);
        expect(code).to.equal(0);
    });

    for (const [file, message] of [
        ['expired.crt', /its TLS certificate has expired\n {4}Renew/],
        [
            'not-yet-valid.crt',
            /its TLS certificate is not valid yet\n {4}Check this machine's clock/,
        ],
    ] as const) {
        it(`says so when the TLS certificate of a node is ${file.replace('.crt', '')}`, async () => {
            const cert = fixture(file);
            const server = createServer({ cert, key: fixture('server.key') });
            // The client hangs up in the middle of the handshake: that is what is tested.
            server.on('tlsClientError', () => undefined);
            server.listen(0, '127.0.0.1');
            await once(server, 'listening');
            try {
                const { port } = server.address() as AddressInfo;
                const peer = { ...network.profile.peers[0]!, tlsRootCert: { pem: cert } };
                const endpoint = `127.0.0.1:${port}`;
                const { code, out } = await check({
                    peers: [{ ...peer, endpoint, hostOverride: 'localhost' }],
                });
                expect(out).to.match(message);
                expect(out).to.not.contain('channel mychannel');
                expect(code).to.equal(1);
            } finally {
                server.close();
            }
        });
    }
});
