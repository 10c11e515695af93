import { createPrivateKey, sign, X509Certificate } from 'node:crypto';
import { expect } from 'chai';
import { CertificateAuthority } from './certificate-authority.js';
import { extensionOf } from './certificate.js';
import {
    bitString,
    der,
    objectIdentifier,
    readInside,
    sequence,
    TAG,
    time,
    unsignedInteger,
} from './der.js';
import { Msp } from './msp.js';

const ECDSA_WITH_SHA256 = sequence(objectIdentifier('1.2.840.10045.4.3.2'));

/** A revocation list as RFC 5280 has it, signed by the authority or with another key. */
function revocationList(
    authority: CertificateAuthority,
    revoked: readonly string[],
    signer = authority,
): Buffer {
    const root = new X509Certificate(authority.rootCertificate);
    const subject = readInside(readInside(root.raw)[0]!.raw)[5]!.raw;
    const keyId = extensionOf(root, '2.5.29.14')!.subarray(2);
    const entries = revoked.map((pem) => {
        const serial = Buffer.from(new X509Certificate(pem).serialNumber, 'hex');
        return sequence(unsignedInteger(serial), time(new Date()));
    });
    const keyIdentifier = der(TAG.octetString, sequence(der(0x80, keyId)));
    const extensions = sequence(sequence(objectIdentifier('2.5.29.35'), keyIdentifier));
    const body = sequence(
        der(TAG.integer, Buffer.of(1)),
        ECDSA_WITH_SHA256,
        subject,
        time(new Date()),
        time(new Date(Date.now() + 1e9)),
        ...(entries.length > 0 ? [sequence(...entries)] : []),
        der(0xa0, extensions),
    );
    const key = createPrivateKey(signer.material().privateKey);
    return sequence(body, ECDSA_WITH_SHA256, bitString(sign('sha256', body, key)));
}

describe('revocation list', () => {
    let ca: CertificateAuthority;
    let good: string;
    let bad: string;
    let serialized: Record<string, Uint8Array>;
    before(async () => {
        ca = await CertificateAuthority.create({ mspId: 'Org1MSP', domain: 'org1.test' });
        const [one, other] = [
            await ca.enrol({ name: 'good', role: 'client' }),
            await ca.enrol({ name: 'bad', role: 'client' }),
        ];
        [good, bad] = [one.certificate, other.certificate];
        serialized = { good: one.serialized, bad: other.serialized };
    });

    const msp = (...revocationLists: Uint8Array[]): Msp =>
        new Msp({ mspId: 'Org1MSP', rootCertificates: [ca.rootCertificate], revocationLists });

    it('takes membership from whom it names, and from nobody else', () => {
        const org = msp(revocationList(ca, [bad]));
        expect(() => org.validate(serialized['bad']!))
            .to.throw('The certificate has been revoked')
            .with.property('code', 'DEVNET_IDENTITY_INVALID');
        expect(org.validate(serialized['good']!).mspId).to.equal('Org1MSP');
    });

    it('is read as PEM, too, and keeps its effect in a configuration', () => {
        const body = revocationList(ca, [good, bad])
            .toString('base64')
            .match(/.{1,64}/g)!;
        const pem = `-----BEGIN X509 CRL-----\n${body.join('\n')}\n-----END X509 CRL-----\n`;
        const org = Msp.fromConfig(msp(Buffer.from(pem)).toConfig());
        for (const each of Object.values(serialized)) {
            expect(() => org.validate(each)).to.throw('has been revoked');
        }
    });

    it('has no effect when it names nobody', () => {
        expect(msp(revocationList(ca, [])).validate(serialized['bad']!).mspId).to.equal('Org1MSP');
    });

    it('has no effect when the authority did not sign it', async () => {
        const forger = await CertificateAuthority.create({ mspId: 'X', domain: 'x.test' });
        const org = msp(revocationList(ca, [bad], forger));
        expect(org.validate(serialized['bad']!).mspId).to.equal('Org1MSP');
    });

    it('of another authority has no effect', async () => {
        const other = await CertificateAuthority.create({ mspId: 'X', domain: 'x.test' });
        const org = msp(revocationList(other, [bad]));
        expect(org.validate(serialized['bad']!).mspId).to.equal('Org1MSP');
    });
});
