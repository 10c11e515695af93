import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import { isLowS, nativeSigner, toLowS } from './index.js';

const curves = [
    { curve: 'P-256', namedCurve: 'prime256v1' },
    { curve: 'P-384', namedCurve: 'secp384r1' },
] as const;

const orders = [
    {
        curve: 'P-256',
        order: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
    },
    {
        curve: 'P-384',
        order: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
    },
] as const;

function derInteger(value: bigint): Buffer {
    const digits = value.toString(16);
    const bytes = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex');
    const content = (bytes[0] ?? 0) < 0x80 ? bytes : Buffer.concat([Buffer.of(0), bytes]);
    return Buffer.concat([Buffer.of(2, content.length), content]);
}

function derOf(r: bigint, s: bigint): Buffer {
    const content = Buffer.concat([derInteger(r), derInteger(s)]);
    return Buffer.concat([Buffer.of(0x30, content.length), content]);
}

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

    for (const { curve, order } of orders) {
        it(`calls low on ${curve} what is at most half the order`, () => {
            const near = (middle: bigint) =>
                fc.bigInt({ min: -3n, max: 3n }).map((step) => middle + step);
            const anyS = fc.oneof(
                fc.bigInt({ min: 1n, max: order - 1n }),
                fc.bigInt({ min: 1n, max: 1n << 64n }),
                near(order / 2n),
                near(order - 4n),
                near(4n),
            );
            fc.assert(
                fc.property(anyS, (s) => {
                    const der = derOf(1n, s);
                    const low = s <= order / 2n;
                    expect(isLowS(der, curve)).to.equal(low);
                    const expected = low ? der : derOf(1n, order - s);
                    expect(Buffer.from(toLowS(der, curve))).to.deep.equal(expected);
                }),
                { numRuns: 1000 },
            );
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
                for (const signature of [await signer.sign(message), signer.signSync(message)]) {
                    expect(isLowS(signature, curve)).to.equal(true);
                    expect(verify('sha256', message, publicKey, signature)).to.equal(true);
                }
            }
        }
    });

    it('signs with Ed25519 keys', async () => {
        const { privateKey, publicKey } = generateKeyPairSync('ed25519');
        const signer = nativeSigner(privateKey.export({ type: 'pkcs8', format: 'pem' }) as string);
        const message = Buffer.from('message');
        expect(verify(null, message, publicKey, signer.signSync(message))).to.equal(true);
        expect(verify(null, message, publicKey, await signer.sign(message))).to.equal(true);
    });

    it('refuses keys Fabric does not know, naming what it got', () => {
        const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'secp256k1' });
        expect(() => nativeSigner(privateKey.export({ type: 'pkcs8', format: 'pem' }) as string))
            .to.throw('secp256k1')
            .with.property('code', 'NETWORK_KEY_UNSUPPORTED');
    });
});
