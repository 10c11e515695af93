import { common } from '@hyperledger/fabric-protos';
import { expect } from 'chai';
import fc from 'fast-check';
import { DevnetError } from '../errors.js';
import { CertificateAuthority } from '../identity/certificate-authority.js';
import { Membership } from '../identity/membership.js';
import { Msp } from '../identity/msp.js';
import { RevocationList } from '../identity/revocation-list.js';
import { ChannelPolicies } from '../policy/channel-policies.js';
import { parseSignaturePolicy, SignaturePolicy } from '../policy/signature-policy.js';
import { makeTransaction } from './test-support/make-transaction.js';
import { TransactionValidator } from './validate-transactions.js';

const RUNS = { numRuns: 10_000 };
const bytes = fc.uint8Array({ maxLength: 200 });

/** Only the errors that are meant for callers may come out. */
function typed(work: () => unknown): void {
    try {
        work();
    } catch (error) {
        if (!(error instanceof DevnetError)) throw error;
    }
}

describe('what comes from outside', function () {
    this.timeout(300_000);

    it('is refused as a policy’s text with a typed error, whatever it is', () => {
        const text = fc.oneof(
            fc.string(),
            fc.stringMatching(/^(AND|OR|OutOf|[('", )\d]|A\.peer)*$/, { size: 'small' }),
        );
        fc.assert(
            fc.property(text, (any) => {
                typed(() => parseSignaturePolicy(any));
            }),
            RUNS,
        );
    });

    it('is refused as a policy’s bytes with a typed error, and a policy answers whatever is asked', () => {
        fc.assert(
            fc.property(bytes, (any) => {
                typed(() => {
                    const policy = SignaturePolicy.fromBytes(any);
                    policy.satisfiedBy([]);
                    policy.orgCombinations(['A', 'B']);
                    String(policy);
                });
            }),
            RUNS,
        );
        const policy = parseSignaturePolicy("AND('A.peer', OutOf(1, 'B.peer', 'C.member'))");
        mutations(policy.toBytes(), (changed) => {
            typed(() => SignaturePolicy.fromBytes(changed).orgCombinations(['A', 'B', 'C']));
        });
    });

    /** Changes, cuts and doubles bytes. */
    function mutations(original: Uint8Array, check: (changed: Uint8Array) => void): void {
        const place = fc.nat(original.length - 1);
        fc.assert(
            fc.property(place, fc.integer({ min: 1, max: 255 }), place, (at, flip, end) => {
                const changed = Uint8Array.from(original);
                changed[at] = (changed[at] ?? 0) ^ flip;
                check(changed);
                check(changed.subarray(0, end));
                check(Buffer.concat([changed, original.subarray(end)]));
            }),
            { numRuns: 2_000 },
        );
    }

    describe('on a channel', () => {
        let org: Msp;
        let validator: TransactionValidator;
        let envelope: Uint8Array;
        before(async () => {
            const ca = await CertificateAuthority.create({ mspId: 'Org1MSP', domain: 'a.test' });
            org = new Msp({ mspId: 'Org1MSP', rootCertificates: [ca.rootCertificate] });
            const [creator, peer] = [
                await ca.enrol({ name: 'user', role: 'client' }),
                await ca.enrol({ name: 'peer', role: 'peer' }),
            ];
            envelope = makeTransaction({ creator, endorsers: [peer] });
            validator = new TransactionValidator({
                channel: 'mychannel',
                membership: new Membership([org]),
                policies: ChannelPolicies.standard(['Org1MSP']),
                chaincode: () => undefined,
                hasTransaction: () => false,
                keyMetadata: () => undefined,
                privateMetadata: () => undefined,
            });
        });

        it('is refused as an identity with a typed error', () => {
            fc.assert(
                fc.property(bytes, (any) => {
                    typed(() => org.validate(any));
                }),
                RUNS,
            );
        });

        it('is refused as a configuration with a typed error', () => {
            mutations(org.toConfig(), (changed) => {
                try {
                    Msp.fromConfig(changed);
                } catch (error) {
                    // What cannot even be taken apart fails as every protocol message does.
                    expect(error).to.be.instanceOf(Error);
                }
            });
        });

        it('is refused as a revocation list with a typed error', () => {
            fc.assert(
                fc.property(bytes, (any) => {
                    typed(() => new RevocationList(any));
                }),
                RUNS,
            );
        });

        it('gets a verdict as a transaction, and never is one', () => {
            const codes = (each: Uint8Array): number =>
                validator.validateBlock([each])[0]?.code ?? 0;
            fc.assert(
                fc.property(bytes, (any) => {
                    expect(codes(any)).to.not.equal(0);
                }),
                RUNS,
            );
            mutations(envelope, (changed) => {
                expect(codes(changed)).to.not.equal(0);
            });
            const empty = new common.Envelope();
            fc.assert(
                fc.property(bytes, bytes, (payload, signature) => {
                    empty.setPayload(payload);
                    empty.setSignature(signature);
                    expect(codes(empty.serializeBinary())).to.not.equal(0);
                }),
                RUNS,
            );
        });
    });
});
