import { createHash } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import {
    consistencyProof,
    inclusionProof,
    leafHash,
    merkleRoot,
    verifyConsistency,
    verifyInclusion,
} from './merkle-tree.js';

/** The definition of RFC 6962, section 2.1, word for word and without a thought for speed. */
function definedRoot(entries: readonly Uint8Array[]): Buffer {
    const sha = (...parts: Uint8Array[]): Buffer =>
        createHash('sha256').update(Buffer.concat(parts)).digest();
    if (entries.length === 0) return sha();
    if (entries.length === 1) return sha(Buffer.of(0), entries[0]!);
    let k = 1;
    while (k * 2 < entries.length) k *= 2;
    return sha(Buffer.of(1), definedRoot(entries.slice(0, k)), definedRoot(entries.slice(k)));
}

const entries = (count: number): Buffer[] =>
    Array.from({ length: count }, (_, index) => Buffer.from(`entry ${index}`));
const sizes = fc.integer({ min: 1, max: 200 });

describe('the Merkle tree of RFC 6962', () => {
    it('has the roots that Certificate Transparency publishes for its test entries', () => {
        const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657'];
        const leaves = inputs.map((hex) => leafHash(Buffer.from(hex, 'hex')));
        const roots = [
            '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
            'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
            'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
            'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
            '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
            '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
            'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
        ];
        roots.forEach((root, index) => {
            expect(merkleRoot(leaves.slice(0, index + 1)).toString('hex')).to.equal(root);
        });
    });

    it('has the root its definition gives, at every size', () => {
        for (let size = 0; size <= 130; size++) {
            const all = entries(size);
            expect(merkleRoot(all.map(leafHash))).to.deep.equal(definedRoot(all));
        }
    });

    it('proves every leaf of every tree, and at no other place', () => {
        fc.assert(
            fc.property(sizes, fc.nat(), fc.nat(), (size, a, b) => {
                const leaves = entries(size).map(leafHash);
                const [index, other] = [a % size, b % size];
                const proof = inclusionProof(leaves, index);
                const claim = {
                    leaf: leaves[index]!,
                    index,
                    size,
                    proof,
                    root: merkleRoot(leaves),
                };
                expect(verifyInclusion(claim)).to.equal(true);
                if (other !== index) {
                    expect(verifyInclusion({ ...claim, index: other })).to.equal(false);
                    expect(verifyInclusion({ ...claim, leaf: leaves[other]! })).to.equal(false);
                }
                expect(verifyInclusion({ ...claim, index: size })).to.equal(false);
                expect(verifyInclusion({ ...claim, proof: [...proof, leaves[0]!] })).to.equal(
                    false,
                );
                if (size > 1)
                    expect(verifyInclusion({ ...claim, proof: proof.slice(1) })).to.equal(false);
            }),
            { numRuns: 1000 },
        );
    });

    it('proves that a tree grew from each of its beginnings, and from nothing else', () => {
        fc.assert(
            fc.property(sizes, fc.nat(), (size, a) => {
                const smallSize = 1 + (a % size);
                const leaves = entries(size).map(leafHash);
                const root = merkleRoot(leaves);
                const smallRoot = merkleRoot(leaves.slice(0, smallSize));
                const proof = consistencyProof(leaves, smallSize);
                const claim = { smallSize, smallRoot, size, root, proof };
                expect(verifyConsistency(claim)).to.equal(true);
                const forged = merkleRoot([
                    ...leaves.slice(1, smallSize),
                    leafHash(Buffer.from('x')),
                ]);
                expect(verifyConsistency({ ...claim, smallRoot: forged })).to.equal(false);
                expect(verifyConsistency({ ...claim, root: forged })).to.equal(false);
                expect(verifyConsistency({ ...claim, proof: [...proof, root] })).to.equal(false);
            }),
            { numRuns: 1000 },
        );
    });

    it('notices one flipped bit of a proof', () => {
        const leaves = entries(50).map(leafHash);
        const proof = inclusionProof(leaves, 17);
        proof.forEach((each, at) => {
            const flipped = Buffer.from(each);
            flipped[5]! ^= 1;
            const claim = {
                leaf: leaves[17]!,
                index: 17,
                size: 50,
                root: merkleRoot(leaves),
                proof: proof.map((hash, index) => (index === at ? flipped : hash)),
            };
            expect(verifyInclusion(claim)).to.equal(false);
        });
    });

    it('refuses indexes and sizes that do not exist', () => {
        const leaves = entries(3).map(leafHash);
        expect(() => inclusionProof(leaves, 3)).to.throw(RangeError);
        expect(() => inclusionProof([], 0)).to.throw(RangeError);
        expect(() => consistencyProof(leaves, 0)).to.throw(RangeError);
        expect(() => consistencyProof(leaves, 4)).to.throw(RangeError);
    });
});
