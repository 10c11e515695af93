import { createSecureContext, connect as tlsConnect, createServer } from 'node:tls';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createHash, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { inspect } from 'node:util';
import { isLowS } from '@goodput/network';
import { expect } from 'chai';
import fc from 'fast-check';
import { restoreProtocol } from '../grpc/protocol-registry.js';
import { CertificateAuthority } from './certificate-authority.js';
import { issueCertificate, sanitizedCertificate } from './certificate.js';
import { bitString, objectIdentifier, readInside, sequence, time } from './der.js';
import { Membership } from './membership.js';
import { Msp } from './msp.js';
import { serializeIdentity, signingIdentity } from './signing-identity.js';

describe('certificate authority', () => {
    let ca: CertificateAuthority;
    let org1: Msp;
    before(async () => {
        ca = await CertificateAuthority.create({ mspId: 'Org1MSP', domain: 'org1.example.com' });
        org1 = new Msp({ mspId: 'Org1MSP', rootCertificates: [ca.rootCertificate] });
    });

    it('issues a root that verifies itself and may certify', () => {
        for (const pem of [ca.rootCertificate, ca.tlsRootCertificate]) {
            const root = new X509Certificate(pem);
            expect(root.ca).to.equal(true);
            expect(root.verify(root.publicKey)).to.equal(true);
            expect(root.subject).to.equal(root.issuer);
        }
    });

    for (const role of ['client', 'peer', 'admin', 'orderer'] as const) {
        it(`enrols a ${role} whom the MSP knows as one`, async () => {
            const someone = await ca.enrol({ name: `${role}1`, role });
            const member = org1.validate(someone.serialized);
            expect([...member.roles]).to.deep.equal(['member', role]);
            const message = Buffer.from('hello');
            expect(member.verify(message, someone.sign(message))).to.equal(true);
            expect(member.verify(Buffer.from('other'), someone.sign(message))).to.equal(false);
        });
    }

    it('enrols with Ed25519 keys too', async () => {
        const someone = await ca.enrol({ name: 'ed', role: 'client', keyType: 'ed25519' });
        const message = Buffer.from('hello');
        const member = org1.validate(someone.serialized);
        expect(member.verify(message, someone.sign(message))).to.equal(true);
        expect(member.verify(message, Buffer.alloc(64))).to.equal(false);
        expect(member.verify(message, Buffer.alloc(3))).to.equal(false);
    });

    it('puts attributes where chaincode finds them', async () => {
        const doctor = await ca.enrol({
            name: 'dora',
            role: 'client',
            ou: 'hospital.ward3',
            attributes: { doctor: 'yes', 'ward.leader': 'no' },
        });
        const { ChaincodeStub, ClientIdentity } = await import('fabric-shim');
        restoreProtocol();
        const creator = { mspid: 'Org1MSP', idBytes: Buffer.from(doctor.certificate) };
        const stub = Object.assign(
            Object.create(ChaincodeStub.prototype) as InstanceType<typeof ChaincodeStub>,
            {
                getCreator: () => creator,
                getChannelID: () => 'mychannel',
                getTxID: () => 'tx',
            },
        );
        const identity = new ClientIdentity(stub);
        expect(identity.getMSPID()).to.equal('Org1MSP');
        expect(identity.getAttributeValue('doctor')).to.equal('yes');
        expect(identity.assertAttributeValue('ward.leader', 'no')).to.equal(true);
        expect(identity.getAttributeValue('hf.EnrollmentID')).to.equal('dora');
        expect(identity.getAttributeValue('hf.Affiliation')).to.equal('hospital.ward3');
        expect(identity.getAttributeValue('hf.Type')).to.equal('client');
        expect(identity.getAttributeValue('nurse')).to.equal(null);
        const member = org1.validate(doctor.serialized);
        expect(member.organizationalUnits).to.deep.equal(['client', 'hospital', 'ward3']);
        expect(member.attributes['doctor']).to.equal('yes');
    });

    it('keeps the private key out of what is printed', async () => {
        const someone = await ca.enrol({ name: 'quiet', role: 'client' });
        expect(someone.privateKey).to.contain('PRIVATE KEY');
        expect(inspect(someone, { depth: 5 })).to.not.contain('PRIVATE KEY');
        expect(JSON.stringify(someone)).to.not.contain('PRIVATE KEY');
    });

    it('goes on after being restored from its material', async () => {
        const again = CertificateAuthority.restore(ca.material());
        const someone = await again.enrol({ name: 'late', role: 'client' });
        expect(org1.validate(someone.serialized).mspId).to.equal('Org1MSP');
        expect(again.rootCertificate).to.equal(ca.rootCertificate);
        const { certificate } = await again.tlsCertificate({ hosts: ['localhost'] });
        const issued = new X509Certificate(certificate);
        expect(issued.verify(new X509Certificate(ca.tlsRootCertificate).publicKey)).to.equal(true);
    });

    it('issues at the time of its clock', async () => {
        const clock = () => new Date('2051-03-04T05:06:07Z');
        const later = await CertificateAuthority.create({ mspId: 'A', domain: 'a.test', clock });
        const someone = await later.enrol({ name: 'x', role: 'client' });
        const certificate = new X509Certificate(someone.certificate);
        expect(new Date(certificate.validFrom).toISOString()).to.equal('2051-03-04T05:01:07.000Z');
        const short = await later.enrol({
            name: 'y',
            role: 'client',
            notAfter: new Date('2049-12-31T23:59:59Z'),
        });
        const member = new Msp({
            mspId: 'A',
            rootCertificates: [ca.rootCertificate, later.rootCertificate],
        });
        expect(() => member.validate(short.serialized)).to.throw('expired or is not yet valid');
        expect(member.validate(someone.serialized).notAfter.getUTCFullYear()).to.equal(2061);
    });

    it('refuses what it does not issue', async () => {
        const refused: [() => Promise<unknown>, string][] = [
            [() => ca.enrol({ name: ' ', role: 'client' }), 'needs a name'],
            [() => ca.enrol({ name: '../x', role: 'client' }), 'no slashes'],
            [() => ca.enrol({ name: 'a\u0000', role: 'client' }), 'no slashes'],
            [() => ca.enrol({ name: 'x', role: 'boss' as 'client' }), '"boss"'],
            [
                () => ca.enrol({ name: 'x', role: 'client', attributes: { n: 1 as never } }),
                'an attribute',
            ],
            [() => ca.enrol({ name: 'x', role: 'client', notAfter: new Date(NaN) }), 'notAfter'],
            [() => ca.tlsCertificate({ hosts: [] }), 'at least one host'],
            [() => CertificateAuthority.create({ mspId: 'a b', domain: 'x' }), "MSP's id"],
        ];
        for (const [ask, message] of refused) {
            const error = await ask().then(
                () => undefined,
                (reason: unknown) => reason as Error & { code: string },
            );
            expect(error?.code).to.equal('DEVNET_ENROLMENT_INVALID');
            expect(error?.message.toLowerCase()).to.contain(message.toLowerCase());
        }
    });

    it('issues TLS certificates that a TLS connection accepts, by name and by address', async () => {
        const { certificate, privateKey } = await ca.tlsCertificate({
            hosts: ['localhost', '127.0.0.1', '::1', 'peer0.org1.example.com'],
        });
        const server = createServer({ cert: certificate, key: privateKey }, (socket) =>
            socket.end('served'),
        );
        server.listen(0, '127.0.0.1');
        await once(server, 'listening');
        const { port } = server.address() as AddressInfo;
        const secureContext = createSecureContext({ ca: ca.tlsRootCertificate });
        for (const servername of ['localhost', 'peer0.org1.example.com']) {
            const socket = tlsConnect({ port, host: '127.0.0.1', servername, secureContext });
            const [data] = (await once(socket, 'data')) as [Buffer];
            expect(data.toString()).to.equal('served');
            socket.destroy();
        }
        const issued = new X509Certificate(certificate);
        expect(issued.checkIP('127.0.0.1')).to.equal('127.0.0.1');
        expect(issued.checkIP('::1')).to.not.equal(undefined);
        server.close();
        await once(server, 'close');
    });

    it('writes object identifiers, lengths and times as DER has them', () => {
        expect(objectIdentifier('1.2.3.4.5.6.7.8.1').toString('hex')).to.equal(
            '06082a03040506070801',
        );
        expect(objectIdentifier('1.2.840.10045.4.3.2').toString('hex')).to.equal(
            '06082a8648ce3d040302',
        );
        expect(time(new Date('2049-12-31T23:59:59Z')).toString('latin1')).to.contain(
            '491231235959Z',
        );
        expect(time(new Date('2050-01-01T00:00:00Z')).toString('latin1')).to.contain(
            '20500101000000Z',
        );
        fc.assert(
            fc.property(fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 5 }), (parts) => {
                const bytes = sequence(...parts.map((part) => bitString(part)));
                const read = readInside(bytes).map(({ content }) => [...content.subarray(1)]);
                expect(read).to.deep.equal(parts.map((part) => [...part]));
            }),
        );
    });
});

describe('membership service provider', () => {
    let ca: CertificateAuthority;
    let org1: Msp;
    before(async () => {
        ca = await CertificateAuthority.create({ mspId: 'Org1MSP', domain: 'org1.example.com' });
        org1 = new Msp({ mspId: 'Org1MSP', rootCertificates: [ca.rootCertificate] });
    });

    function refuses(msp: Msp | Membership, serialized: Uint8Array, message: string): void {
        // Twice: the second verdict comes from memory and must be the same.
        for (let time = 0; time < 2; time++) {
            expect(() => msp.validate(serialized))
                .to.throw(message)
                .with.property('code', 'DEVNET_IDENTITY_INVALID');
        }
    }

    it('refuses who is not certified by its authorities', async () => {
        const other = await CertificateAuthority.create({
            mspId: 'Org1MSP',
            domain: 'org1.example.com',
        });
        const stranger = await other.enrol({ name: 'mallory', role: 'client' });
        refuses(
            org1,
            stranger.serialized,
            'the supplied identity is not valid: x509: certificate signed by unknown authority',
        );
    });

    it('refuses who says to be of another organisation', async () => {
        const someone = await ca.enrol({ name: 'x', role: 'client' });
        refuses(
            org1,
            serializeIdentity('Org2MSP', someone.certificate),
            'expected MSP ID Org1MSP, received Org2MSP',
        );
        refuses(
            new Membership([org1]),
            serializeIdentity('Org2MSP', someone.certificate),
            'MSP Org2MSP is not defined on channel',
        );
    });

    it('refuses an authority as an identity', () => {
        refuses(
            org1,
            serializeIdentity('Org1MSP', ca.rootCertificate),
            'Certificate Authority equals true cannot be used as an identity',
        );
    });

    it('refuses bytes that are no identity', () => {
        refuses(org1, Buffer.from([0xff, 0xff]), 'could not deserialize a SerializedIdentity');
        refuses(
            new Membership([org1]),
            Buffer.from([0xff, 0xff]),
            'could not deserialize a SerializedIdentity',
        );
        refuses(
            org1,
            serializeIdentity('Org1MSP', 'nothing'),
            'could not decode the PEM structure',
        );
        const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
        refuses(org1, serializeIdentity('Org1MSP', broken), 'parseCertificate failed');
    });

    it('refuses an identity with any byte changed, or takes it for the same', async () => {
        const someone = await ca.enrol({ name: 'someone', role: 'client' });
        const { identifier } = org1.validate(someone.serialized);
        fc.assert(
            fc.property(
                fc.nat(someone.serialized.length - 1),
                fc.integer({ min: 1, max: 255 }),
                (at, flip) => {
                    const changed = Uint8Array.from(someone.serialized);
                    changed[at] = (changed[at] ?? 0) ^ flip;
                    try {
                        expect(org1.validate(changed).identifier).to.equal(identifier);
                    } catch (error) {
                        expect(error).to.have.property('code', 'DEVNET_IDENTITY_INVALID');
                    }
                },
            ),
            { numRuns: 2000 },
        );
    });

    it('wants exactly one role', async () => {
        const two = await ca.enrol({ name: 'two', role: 'client', ou: 'admin' });
        refuses(org1, two.serialized, 'not a combination of them. OUs: [client admin]');
        const renamed = new Msp({
            mspId: 'Org1MSP',
            rootCertificates: [ca.rootCertificate],
            nodeOus: { peer: { unit: 'peer' } },
        });
        const none = await ca.enrol({ name: 'none', role: 'client' });
        refuses(renamed, none.serialized, 'does not have an OU that resolves to client');
    });

    it('knows only members and named admins when node OUs are off', async () => {
        const [boss, someone] = await Promise.all([
            ca.enrol({ name: 'boss', role: 'client' }),
            ca.enrol({ name: 'someone', role: 'admin' }),
        ]);
        const plain = new Msp({
            mspId: 'Org1MSP',
            rootCertificates: [ca.rootCertificate],
            admins: [boss.certificate],
            nodeOus: false,
        });
        expect([...plain.validate(boss.serialized).roles]).to.deep.equal(['member', 'admin']);
        expect([...plain.validate(someone.serialized).roles]).to.deep.equal(['member']);
    });

    it('accepts identities of an intermediate authority, and then none of the root', async () => {
        const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
        const { privateKey } = ca.material();
        const rootSubject = [
            ['C', 'US'],
            ['ST', 'California'],
            ['L', 'San Francisco'],
            ['O', 'org1.example.com'],
            ['CN', 'ca.org1.example.com'],
        ] as const;
        const dates = { notBefore: new Date(), notAfter: new Date(Date.now() + 1e9) };
        const { createPrivateKey } = await import('node:crypto');
        const intermediate = issueCertificate(
            { subject: [['CN', 'ica']], publicKey: keys.publicKey, use: 'authority', ...dates },
            { subject: rootSubject, privateKey: createPrivateKey(privateKey) },
        );
        const leaf = generateKeyPairSync('ec', { namedCurve: 'P-384' });
        const certificate = issueCertificate(
            {
                subject: [
                    ['OU', 'client'],
                    ['CN', 'lea'],
                ],
                publicKey: leaf.publicKey,
                use: 'identity',
                ...dates,
            },
            { subject: [['CN', 'ica']], privateKey: keys.privateKey },
        );
        const msp = new Msp({
            mspId: 'Org1MSP',
            rootCertificates: [ca.rootCertificate],
            intermediateCertificates: [intermediate],
        });
        const lea = signingIdentity({
            mspId: 'Org1MSP',
            name: 'lea',
            certificate,
            privateKey: leaf.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
        });
        const member = msp.validate(lea.serialized);
        expect(member.verify(Buffer.from('m'), lea.sign(Buffer.from('m')))).to.equal(true);
        refuses(org1, lea.serialized, 'unknown authority');
        const direct = await ca.enrol({ name: 'direct', role: 'client' });
        refuses(msp, direct.serialized, 'Parent certificate should be a leaf');
    });

    it('takes a signature in high-S form for none', async () => {
        const someone = await ca.enrol({ name: 'high', role: 'client' });
        const member = org1.validate(someone.serialized);
        const message = Buffer.from('message');
        const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
        const [r, s] = readInside(someone.sign(message));
        const high = order - BigInt(`0x${s!.content.toString('hex')}`);
        const bytes = Buffer.from(high.toString(16).padStart(64, '0'), 'hex');
        const forged = sequence(r!.raw, Buffer.concat([Buffer.of(2, 33, 0), bytes]));
        expect(new X509Certificate(someone.certificate)).to.have.property('publicKey');
        expect(isLowS(forged)).to.equal(false);
        expect(member.verify(message, forged)).to.equal(false);
        expect(member.verify(message, Buffer.from('junk'))).to.equal(false);
        expect(member.verify(message, Buffer.alloc(0))).to.equal(false);
    });

    it('takes two encodings of a certificate for one identity', async () => {
        const someone = await ca.enrol({ name: 'twice', role: 'client' });
        const certificate = new X509Certificate(someone.certificate);
        const [body, algorithm, signature] = readInside(certificate.raw);
        const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
        const [r, s] = readInside(signature!.content.subarray(1));
        const high = order - BigInt(`0x${s!.content.toString('hex')}`);
        const bytes = Buffer.from(high.toString(16).padStart(64, '0'), 'hex');
        const flipped = bitString(sequence(r!.raw, Buffer.concat([Buffer.of(2, 33, 0), bytes])));
        const twin = new X509Certificate(sequence(body!.raw, algorithm!.raw, flipped));
        expect(twin.raw.equals(certificate.raw)).to.equal(false);
        expect(sanitizedCertificate(twin).equals(certificate.raw)).to.equal(true);
        const members = [certificate, twin].map((each) =>
            org1.validate(serializeIdentity('Org1MSP', each.toString())),
        );
        expect(members[0]?.identifier).to.equal(members[1]?.identifier);
        const digest = createHash('sha256').update(certificate.raw).digest('hex');
        expect(members[0]?.identifier).to.equal(`Org1MSP:${digest}`);
    });

    it('is the same after a turn through its configuration', async () => {
        const options = {
            mspId: 'Org1MSP',
            rootCertificates: [ca.rootCertificate],
            tlsRootCertificates: [ca.tlsRootCertificate],
            nodeOus: { client: { unit: 'client', certifier: ca.rootCertificate } },
        };
        const msp = new Msp(options);
        const again = Msp.fromConfig(msp.toConfig());
        expect(again.toConfig()).to.deep.equal(msp.toConfig());
        const someone = await ca.enrol({ name: 'x', role: 'client' });
        expect([...again.validate(someone.serialized).roles]).to.deep.equal(['member', 'client']);
    });

    it('refuses a configuration it could not work with', async () => {
        const other = await CertificateAuthority.create({ mspId: 'B', domain: 'b.test' });
        const leaf = await ca.enrol({ name: 'x', role: 'client' });
        const wrong = [
            { rootCertificates: [] },
            { rootCertificates: ['junk'] },
            { rootCertificates: [leaf.certificate] },
            {
                rootCertificates: [ca.rootCertificate],
                nodeOus: { client: { unit: 'client', certifier: other.rootCertificate } },
            },
            { rootCertificates: [ca.rootCertificate], revocationLists: [Buffer.from('junk')] },
        ];
        for (const options of wrong) {
            expect(() => new Msp({ mspId: 'Org1MSP', ...options }))
                .to.throw()
                .with.property('code')
                .that.is.oneOf(['DEVNET_MSP_INVALID', 'DEVNET_CERTIFICATE_MALFORMED']);
        }
    });
});
