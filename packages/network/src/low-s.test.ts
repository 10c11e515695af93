import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import { isLowS, nativeSigner, toLowS } from './index.js';

const curves = [
    { curve: 'P-256', namedCurve: 'prime256v1' },
    { curve: 'P-384', namedCurve: 'secp384r1' },
] as const;

describe('low-S signatures', () => {
    for (const { curve, namedCurve } of curves) {
        it(`turns every ${curve} signature into a low one that still verifies`, () => {
            const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve });
            let flipped = 0;
            fc.assert(
                fc.property(fc.uint8Array({ maxLength: 64 }), (message) => {
                    const der = sign('sha256', message, { key: privateKey, dsaEncoding: 'der' });
                    const low = toLowS(der, curve);
                    if (!isLowS(der, curve)) flipped++;
                    expect(isLowS(low, curve)).to.equal(true);
                    expect(verify('sha256', message, publicKey, low)).to.equal(true);
                    expect(toLowS(low, curve)).to.equal(low);
                }),
                { numRuns: 300 },
            );
            expect(flipped).to.be.greaterThan(50);
        });
    }

    it('refuses what is no DER signature', () => {
        const broken = [
            '',
            '30',
            '3003020101',
            '300602010102010',
            '31060201010201aa',
            '30060201010201aa00',
        ];
        for (const hex of broken) {
            expect(() => toLowS(Buffer.from(hex, 'hex')))
                .to.throw()
                .with.property('code', 'NETWORK_SIGNATURE_MALFORMED');
        }
    });
});

describe('native signer', () => {
    it('signs with ECDSA keys so that Fabric accepts it', async () => {
        for (const { curve, namedCurve } of curves) {
            const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve });
            const signer = nativeSigner(
                privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
            );
            for (let i = 0; i < 50; i++) {
                const message = Buffer.from(`message ${i}`);
                const signature = await signer.sign(message);
                expect(isLowS(signature, curve)).to.equal(true);
                expect(verify('sha256', message, publicKey, signature)).to.equal(true);
            }
        }
    });

    it('signs with Ed25519 keys', () => {
        const { privateKey, publicKey } = generateKeyPairSync('ed25519');
        const signer = nativeSigner(privateKey.export({ type: 'pkcs8', format: 'pem' }) as string);
        const message = Buffer.from('message');
        expect(verify(null, message, publicKey, signer.signSync(message))).to.equal(true);
    });

    it('refuses keys Fabric does not know, naming what it got', () => {
        const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'secp256k1' });
        expect(() => nativeSigner(privateKey.export({ type: 'pkcs8', format: 'pem' }) as string))
            .to.throw('secp256k1')
            .with.property('code', 'NETWORK_KEY_UNSUPPORTED');
    });
});
