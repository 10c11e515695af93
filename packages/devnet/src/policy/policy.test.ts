import { common, msp, peer } from '@hyperledger/fabric-protos';
import { expect } from 'chai';
import fc from 'fast-check';
import { CertificateAuthority } from '../identity/certificate-authority.js';
import type { Member, MemberRole } from '../identity/member.js';
import { Membership } from '../identity/membership.js';
import { Msp } from '../identity/msp.js';
import type { SigningIdentity } from '../identity/signing-identity.js';
import { fixtureBlock } from '../ledger/test-support/recorded-blocks.js';
import { applicationPolicy, ChannelPolicies } from './channel-policies.js';
import { ImplicitMetaPolicy } from './implicit-meta-policy.js';
import { rolePrincipal } from './principal.js';
import { parseSignaturePolicy, SignaturePolicy } from './signature-policy.js';
import { validSigners } from './valid-signers.js';

let serial = 0;
function member(mspId: string, role: MemberRole, more: Partial<Member> = {}): Member {
    return {
        mspId,
        certificatePem: '',
        certificateDer: Buffer.alloc(0),
        identifier: `${mspId}:${++serial}`,
        roles: new Set(['member', role]),
        organizationalUnits: [role],
        certifiersIdentifier: Buffer.alloc(0),
        notAfter: new Date(0),
        attributes: {},
        verify: () => true,
        ...more,
    };
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

describe('signature policy text', () => {
    // Bytes that a real network's peers and tools made of these texts.
    const real: [string, string][] = [
        [
            "OR('Org1MSP.member', 'Org2MSP.member')",
            'EgwSCggBEgIIABICCAEaCxIJCgdPcmcxTVNQGgsSCQoHT3JnMk1TUA==',
        ],
        ["OR('Org1MSP.member')", 'EggSBggBEgIIABoLEgkKB09yZzFNU1A='],
    ];
    for (const [text, bytes] of real) {
        it(`gives the bytes a peer's tools give for ${text}`, () => {
            expect(base64(parseSignaturePolicy(text).toBytes())).to.equal(bytes);
            expect(
                base64(SignaturePolicy.fromBytes(Buffer.from(bytes, 'base64')).toBytes()),
            ).to.equal(bytes);
        });
    }

    it('numbers the principals of nested gates first', () => {
        const policy = parseSignaturePolicy(
            "OR('A.member', AND('B.member', 'C.member'))",
        ).toMessage();
        const names = policy
            .getIdentitiesList()
            .map((each) =>
                msp.MSPRole.deserializeBinary(each.getPrincipal_asU8()).getMspIdentifier(),
            );
        expect(names).to.deep.equal(['B', 'C', 'A']);
        const [first, second] = policy.getRule()!.getNOutOf()!.getRulesList();
        expect(first!.getSignedBy()).to.equal(2);
        expect(
            second!
                .getNOutOf()!
                .getRulesList()
                .map((each) => each.getSignedBy()),
        ).to.deep.equal([0, 1]);
    });

    const same: [string, string][] = [
        ["and('A.peer','B.peer')", "AND('A.peer', 'B.peer')"],
        ['Or( "A.admin" , "B.client" )', "OR('A.admin', 'B.client')"],
        [
            "OutOf('2', 'A.peer', 'B.peer', 'C.orderer')",
            "OutOf(2, 'A.peer', 'B.peer', 'C.orderer')",
        ],
        ["OutOf(1, 'A.peer', 'B.peer')", "OR('A.peer', 'B.peer')"],
        ["OutOf(2, 'A.peer', 'B.peer')", "AND('A.peer', 'B.peer')"],
        ["AND('A.peer')", "OutOf(1, 'A.peer')"],
        ["OR('M.S-P.peer', 'x.y.z.member')", "OR('M.S-P.peer', 'x.y.z.member')"],
        ["OutOf(0, 'A.peer')", "OutOf(0, 'A.peer')"],
        ["OutOf(2, 'A.peer')", "OutOf(2, 'A.peer')"],
    ];
    for (const [text, shown] of same) {
        it(`reads ${text} as ${shown}`, () => {
            const policy = parseSignaturePolicy(text);
            expect(String(policy)).to.equal(shown);
            expect(parseSignaturePolicy(shown).toBytes()).to.deep.equal(policy.toBytes());
        });
    }

    const wrong: [string, string][] = [
        ['', 'ends too early'],
        ["'A.peer'", 'is no AND'],
        ["OR('A.member', Bmember)", 'unexpected'],
        ["OR('A.member', 'Bmember')", 'Bmember'],
        ["OR('A.boss')", 'A.boss'],
        ["OR('A B.peer')", 'A B.peer'],
        ['OutOf(1)', 'nothing to choose from'],
        ["OutOf(true, 'A.member')", 'unexpected'],
        ['OutOf(1, 2)', 'number among the signers'],
        ["OutOf(3, 'A.member')", 'asks for 3 out of 1'],
        ["OutOf(-1, 'A.member')", 'unexpected'],
        ["AND('A.member'", 'does not close'],
        ["AND('A.member' 'B.member')", 'does not close'],
        ["AND('A.member'))", 'goes on after its end'],
        ["XOR('A.member')", 'unknown gate XOR'],
        ["aNd('A.member')", 'unknown gate'],
        ['AND()', 'unexpected'],
        [`${'OR('.repeat(200)}'A.member'${')'.repeat(200)}`, 'nested deeper'],
    ];
    for (const [text, message] of wrong) {
        it(`refuses ${text.length > 60 ? 'endless nesting' : text || 'nothing'}`, () => {
            expect(() => parseSignaturePolicy(text))
                .to.throw(message)
                .with.property('code', 'DEVNET_POLICY_INVALID');
        });
    }

    it('reads back what it shows, whatever the policy', () => {
        fc.assert(
            fc.property(policyText, (text) => {
                const policy = parseSignaturePolicy(text);
                const again = parseSignaturePolicy(String(policy));
                expect(again.toBytes()).to.deep.equal(policy.toBytes());
                expect(SignaturePolicy.fromBytes(policy.toBytes()).toBytes()).to.deep.equal(
                    policy.toBytes(),
                );
            }),
            { numRuns: 500 },
        );
    });
});

const principalText = fc
    .tuple(fc.constantFrom('A', 'B', 'C'), fc.constantFrom('peer', 'member', 'admin'))
    .map(([org, role]) => `'${org}.${role}'`);
const { policyText } = fc.letrec<{ policyText: string; part: string }>((tie) => ({
    policyText: fc
        .tuple(
            fc.constantFrom('AND', 'OR', 'OutOf'),
            fc.nat(4),
            fc.array(tie('part'), { minLength: 1, maxLength: 3 }),
        )
        .map(([gate, count, parts]) =>
            gate === 'OutOf'
                ? `OutOf(${Math.min(count, parts.length + 1)}, ${parts.join(', ')})`
                : `${gate}(${parts.join(', ')})`,
        ),
    part: fc.oneof({ depthSize: 'small' }, principalText, tie('policyText')),
}));

describe('signature policy', () => {
    it('is satisfied by the right roles of the right organisations', () => {
        const policy = parseSignaturePolicy("AND('A.peer', OR('B.admin', 'C.member'))");
        const [a, b, c] = [member('A', 'peer'), member('B', 'admin'), member('C', 'client')];
        expect(policy.satisfiedBy([a, b])).to.equal(true);
        expect(policy.satisfiedBy([c, a])).to.equal(true);
        expect(policy.satisfiedBy([a])).to.equal(false);
        expect(policy.satisfiedBy([a, member('B', 'peer')])).to.equal(false);
        expect(policy.satisfiedBy([member('A', 'client'), b])).to.equal(false);
        expect(policy.refusal([a])).to.equal('signature set did not satisfy policy');
        expect(policy.refusal([a, c])).to.equal(undefined);
    });

    it('counts each signature once', () => {
        const two = parseSignaturePolicy("AND('A.peer', 'A.peer')");
        const peer1 = member('A', 'peer');
        expect(two.satisfiedBy([peer1])).to.equal(false);
        expect(two.satisfiedBy([peer1, member('A', 'peer')])).to.equal(true);
    });

    it('takes signatures in the order of the rules, without going back', () => {
        // The first rule takes the only peer, who could have been left to the second.
        const policy = parseSignaturePolicy("AND('A.member', 'A.peer')");
        const [peer1, admin] = [member('A', 'peer'), member('A', 'admin')];
        expect(policy.satisfiedBy([peer1, admin])).to.equal(false);
        expect(policy.satisfiedBy([admin, peer1])).to.equal(true);
    });

    it('gives back what a failed gate had taken', () => {
        const policy = parseSignaturePolicy("OR(AND('A.peer', 'B.peer'), 'A.peer')");
        expect(policy.satisfiedBy([member('A', 'peer')])).to.equal(true);
        const both = parseSignaturePolicy("OutOf(2, AND('A.peer', 'B.peer'), 'A.peer', 'C.peer')");
        expect(both.satisfiedBy([member('A', 'peer'), member('C', 'peer')])).to.equal(true);
    });

    it('lets a satisfied gate go on taking signatures, as a peer does', () => {
        const policy = parseSignaturePolicy("AND(OutOf(1, 'A.peer', 'B.peer'), 'B.peer')");
        expect(policy.satisfiedBy([member('A', 'peer'), member('B', 'peer')])).to.equal(false);
        expect(policy.satisfiedBy([member('B', 'peer'), member('B', 'peer')])).to.equal(true);
    });

    it('knows the other kinds of principals', async () => {
        const ca = await CertificateAuthority.create({ mspId: 'A', domain: 'a.test' });
        const org = new Msp({ mspId: 'A', rootCertificates: [ca.rootCertificate] });
        const alice = await ca.enrol({ name: 'alice', role: 'client', ou: 'ward' });
        const bob = org.validate((await ca.enrol({ name: 'bob', role: 'client' })).serialized);
        const her = org.validate(alice.serialized);
        const unit = new msp.OrganizationUnit();
        unit.setMspIdentifier('A');
        unit.setOrganizationalUnitIdentifier('ward');
        unit.setCertifiersIdentifier(her.certifiersIdentifier);
        const combined = new msp.CombinedPrincipal();
        combined.setPrincipalsList([
            rolePrincipal('A', 'client'),
            principal(msp.MSPPrincipal.Classification.ORGANIZATION_UNIT, unit.serializeBinary()),
        ]);
        const anonymity = new msp.MSPIdentityAnonymity();
        const only = (classification: number, bytes: Uint8Array): SignaturePolicy =>
            policyOf(principal(classification as 0, bytes));
        const { Classification } = msp.MSPPrincipal;
        for (const [policy, accepts] of [
            [only(Classification.ORGANIZATION_UNIT, unit.serializeBinary()), 'her'],
            [only(Classification.IDENTITY, alice.serialized), 'her'],
            [only(Classification.COMBINED, combined.serializeBinary()), 'her'],
            [only(Classification.COMBINED, new msp.CombinedPrincipal().serializeBinary()), 'none'],
            [only(Classification.ANONYMITY, anonymity.serializeBinary()), 'both'],
            [only(17, Buffer.alloc(0)), 'none'],
        ] as const) {
            expect(policy.satisfiedBy([her]), accepts).to.equal(accepts !== 'none');
            expect(policy.satisfiedBy([bob])).to.equal(accepts === 'both');
        }
    });

    function principal(classification: 0 | 1 | 2 | 3 | 4, bytes: Uint8Array): msp.MSPPrincipal {
        const made = new msp.MSPPrincipal();
        made.setPrincipalClassification(classification);
        made.setPrincipal(bytes);
        return made;
    }

    function policyOf(...identities: msp.MSPPrincipal[]): SignaturePolicy {
        const rule = new common.SignaturePolicy();
        rule.setSignedBy(0);
        const envelope = new common.SignaturePolicyEnvelope();
        envelope.setRule(rule);
        envelope.setIdentitiesList(identities);
        return new SignaturePolicy(envelope);
    }

    it('refuses what is no policy', () => {
        const refused: (() => unknown)[] = [
            () => SignaturePolicy.fromBytes(Buffer.from('ffff', 'hex')),
            () => SignaturePolicy.fromBytes(Buffer.alloc(0)),
            () => policyOf(),
        ];
        for (const make of refused) {
            expect(make).to.throw().with.property('code', 'DEVNET_POLICY_INVALID');
        }
    });

    it('plans with the smallest sets of organisations', () => {
        const plan = (text: string, ...available: string[]): unknown =>
            parseSignaturePolicy(text).orgCombinations(available);
        expect(plan("OR('A.peer', 'B.peer')", 'B', 'A')).to.deep.equal([['B'], ['A']]);
        expect(plan("AND('A.peer', OR('B.peer', 'C.member'))", 'A', 'B', 'C')).to.deep.equal([
            ['A', 'B'],
            ['A', 'C'],
        ]);
        expect(plan("OutOf(2, 'A.peer', 'B.peer', 'C.peer')", 'A', 'C')).to.deep.equal([
            ['A', 'C'],
        ]);
        expect(plan("AND('A.peer', 'A.peer')", 'A')).to.deep.equal([]);
        expect(plan("AND('A.peer', 'A.peer')", 'A', 'A')).to.deep.equal([['A', 'A']]);
        expect(plan("OR('A.admin')", 'A')).to.deep.equal([]);
        expect(plan("OR('A.peer', AND('A.peer', 'B.peer'))", 'A', 'B')).to.deep.equal([['A']]);
        expect(plan("OutOf(0, 'A.peer')", 'A')).to.deep.equal([[]]);
    });

    const pool = ['A', 'A', 'B', 'C', 'C'];
    const smaller = (part: string, whole: string): boolean =>
        part !== whole &&
        [...new Set(part)].every((org) => part.split(org).length <= whole.split(org).length);

    function satisfyingSets(policy: SignaturePolicy): string[] {
        const satisfied = new Set<string>();
        for (let mask = 0; mask < 1 << pool.length; mask++) {
            const set = pool.filter((_, index) => mask & (1 << index));
            if (policy.satisfiedBy(set.map((org) => member(org, 'peer')))) {
                satisfied.add(set.join(''));
            }
        }
        return [...satisfied];
    }

    it('plans exactly the minimal sets there are', () => {
        fc.assert(
            fc.property(policyText, (text) => {
                const policy = parseSignaturePolicy(text);
                const satisfied = satisfyingSets(policy);
                const minimal = satisfied.filter(
                    (set) => !satisfied.some((other) => smaller(other, set)),
                );
                const found = policy.orgCombinations(pool).map((set) => set.join(''));
                expect(found.toSorted()).to.deep.equal(minimal.toSorted());
            }),
            { numRuns: 500 },
        );
    });

    it('plans only minimal sets among many organisations, and finds one if rules are sensible', () => {
        const many = [...pool, 'D', 'E', 'F', 'G', 'H'];
        fc.assert(
            fc.property(policyText, (text) => {
                const policy = parseSignaturePolicy(text);
                const satisfied = satisfyingSets(policy);
                const found = policy.orgCombinations(many).map((set) => set.join(''));
                for (const set of found) {
                    expect(satisfied).to.include(set);
                    expect(found.some((other) => smaller(other, set))).to.equal(false);
                }
                const sensible = !text.includes('OutOf(0') && !text.includes('OutOf(1');
                if (sensible && satisfied.length > 0 && !text.includes('OR')) {
                    expect(found).to.not.deep.equal([]);
                }
            }),
            { numRuns: 500 },
        );
    });
});

describe('channel policies', () => {
    const channel = ChannelPolicies.standard(['Org1MSP', 'Org2MSP', 'Org3MSP']);
    const peers = ['Org1MSP', 'Org2MSP', 'Org3MSP'].map((org) => member(org, 'peer'));

    it('are what a real network of these tools has in its first block', () => {
        const block = fixtureBlock(0);
        const envelope = common.Envelope.deserializeBinary(block.getData()!.getDataList_asU8()[0]!);
        const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
        const config = common.ConfigEnvelope.deserializeBinary(payload.getData_asU8()).getConfig()!;
        const application = config.getChannelGroup()!.getGroupsMap().get('Application')!;
        for (const org of ['Org1MSP', 'Org2MSP']) {
            const policies = application.getGroupsMap().get(org)!.getPoliciesMap();
            for (const name of ['Readers', 'Writers', 'Admins', 'Endorsement']) {
                const bytes = policies.get(name)!.getPolicy()!.getValue_asU8();
                const ours = channel.get(`/Channel/Application/${org}/${name}`) as SignaturePolicy;
                expect(base64(ours.toBytes())).to.equal(base64(bytes));
            }
        }
        application.getPoliciesMap().forEach((each, name) => {
            const value = each.getPolicy()!.getValue_asU8();
            const meta = common.ImplicitMetaPolicy.deserializeBinary(value);
            const ours = channel.get(`/Channel/Application/${name}`)!;
            expect(ours.refusal([])).to.contain(`of the '${meta.getSubPolicy()}' sub-policies`);
            const needed = meta.getRule() === common.ImplicitMetaPolicy.Rule.ANY ? 1 : 2;
            expect(ours.refusal([])).to.contain(`requires ${needed} of`);
        });
    });

    it('let a majority endorse', () => {
        const policy = channel.resolve(applicationPolicy());
        expect(policy.satisfiedBy(peers.slice(0, 1))).to.equal(false);
        expect(policy.satisfiedBy(peers.slice(1))).to.equal(true);
        expect(policy.refusal(peers.slice(0, 1))).to.equal(
            "implicit policy evaluation failed - 1 sub-policies were satisfied, but this policy requires 2 of the 'Endorsement' sub-policies to be satisfied",
        );
        expect(policy.orgCombinations(['Org2MSP', 'Org1MSP', 'Org3MSP'])).to.deep.equal([
            ['Org2MSP', 'Org1MSP'],
            ['Org2MSP', 'Org3MSP'],
            ['Org1MSP', 'Org3MSP'],
        ]);
        expect(policy.orgCombinations(['Org2MSP'])).to.deep.equal([]);
    });

    it('know any and all, and are satisfied without organisations', () => {
        const parts = ["OR('A.peer')", "OR('B.peer')"].map(parseSignaturePolicy);
        const any = new ImplicitMetaPolicy('ANY', 'Readers', parts);
        const all = new ImplicitMetaPolicy('ALL', 'Readers', parts);
        expect(any.satisfiedBy([member('B', 'peer')])).to.equal(true);
        expect(all.satisfiedBy([member('B', 'peer')])).to.equal(false);
        expect(all.orgCombinations(['A', 'B'])).to.deep.equal([['A', 'B']]);
        expect(new ImplicitMetaPolicy('MAJORITY', 'Readers', []).satisfiedBy([])).to.equal(true);
        expect(new ImplicitMetaPolicy('ANY', 'Readers', []).orgCombinations([])).to.deep.equal([
            [],
        ]);
    });

    it('count one signature for every policy it satisfies', () => {
        const parts = ["OR('A.peer')", "OR('A.peer')"].map(parseSignaturePolicy);
        const all = new ImplicitMetaPolicy('ALL', 'Readers', parts);
        expect(all.satisfiedBy([member('A', 'peer')])).to.equal(true);
        expect(all.orgCombinations(['A'])).to.deep.equal([['A']]);
    });

    it('let only clients and admins write', () => {
        const writers = channel.get('/Channel/Application/Writers')!;
        expect(writers.satisfiedBy([member('Org2MSP', 'client')])).to.equal(true);
        expect(writers.satisfiedBy([member('Org2MSP', 'admin')])).to.equal(true);
        expect(writers.satisfiedBy(peers)).to.equal(false);
        expect(writers.satisfiedBy([member('Org9MSP', 'client')])).to.equal(false);
    });

    it('resolve a chaincode policy of its own, and refuse a reference to nothing', () => {
        const own = channel.resolve(applicationPolicy("OR('Org2MSP.peer')"));
        expect(own.satisfiedBy(peers.slice(0, 1))).to.equal(false);
        expect(own.satisfiedBy(peers.slice(1))).to.equal(true);
        for (const bytes of [applicationPolicy('/Channel/Nothing'), Buffer.alloc(0)]) {
            expect(() => channel.resolve(bytes))
                .to.throw('failed to retrieve policy for reference')
                .with.property('code', 'DEVNET_POLICY_INVALID');
        }
        expect(
            peer.ApplicationPolicy.deserializeBinary(
                applicationPolicy(),
            ).getChannelConfigPolicyReference(),
        ).to.equal('/Channel/Application/Endorsement');
    });
});

describe('valid signers', () => {
    it('are those who signed, each once', async () => {
        const ca = await CertificateAuthority.create({ mspId: 'A', domain: 'a.test' });
        const other = await CertificateAuthority.create({ mspId: 'B', domain: 'b.test' });
        const membership = new Membership([
            new Msp({ mspId: 'A', rootCertificates: [ca.rootCertificate] }),
        ]);
        const [alice, bob] = [
            await ca.enrol({ name: 'alice', role: 'peer' }),
            await ca.enrol({ name: 'bob', role: 'peer' }),
        ];
        const stranger = await other.enrol({ name: 'mallory', role: 'peer' });
        const message = Buffer.from('message');
        const by = (who: SigningIdentity, signature = who.sign(message)) => ({
            message,
            identity: who.serialized,
            signature,
        });
        const signers = validSigners(
            [
                by(alice, bob.sign(message)), // wrong, and no obstacle to the right one after it
                by(alice),
                by(alice),
                by(stranger),
                { ...by(bob), identity: Buffer.from('junk') },
                by(bob),
            ],
            membership,
        );
        expect(signers.map(({ certificatePem }) => certificatePem)).to.deep.equal([
            alice.certificate,
            bob.certificate,
        ]);
    });
});
