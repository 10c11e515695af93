import { createHash } from 'node:crypto';
import { common, peer } from '@hyperledger/fabric-protos';
import { validationCodeName, type ValidationCodeName } from '@goodput/rwset';
import { expect } from 'chai';
import fc from 'fast-check';
import { CertificateAuthority } from '../identity/certificate-authority.js';
import { Membership } from '../identity/membership.js';
import { Msp } from '../identity/msp.js';
import type { SigningIdentity } from '../identity/signing-identity.js';
import { applicationPolicy, ChannelPolicies } from '../policy/channel-policies.js';
import { parseSignaturePolicy } from '../policy/signature-policy.js';
import { makeTransaction, type MakeOptions } from './test-support/make-transaction.js';
import { TransactionValidator, validateTransaction } from './validate-transactions.js';
import type { ValidationContext } from './validation-context.js';

const ORGS = ['Org1MSP', 'Org2MSP', 'Org3MSP'];
const bytesOf = (policy: string): Uint8Array => parseSignaturePolicy(policy).toBytes();

describe('transaction validation', () => {
    let peers: SigningIdentity[];
    let client: SigningIdentity;
    let stranger: SigningIdentity;
    let context: ValidationContext;
    const metadata = new Map<string, Uint8Array>();
    const committed = new Set<string>();

    before(async () => {
        const authorities = await Promise.all(
            ORGS.map((mspId) => CertificateAuthority.create({ mspId, domain: `${mspId}.test` })),
        );
        peers = await Promise.all(
            authorities.map((ca) => ca.enrol({ name: 'peer0', role: 'peer' })),
        );
        client = await authorities[0]!.enrol({ name: 'user1', role: 'client' });
        const elsewhere = await CertificateAuthority.create({ mspId: 'Org1MSP', domain: 'x.test' });
        stranger = await elsewhere.enrol({ name: 'user1', role: 'client' });
        const membership = new Membership(
            authorities.map(
                ({ mspId, rootCertificate }) =>
                    new Msp({ mspId, rootCertificates: [rootCertificate] }),
            ),
        );
        const policies: Record<string, Uint8Array> = {
            basic: new Uint8Array(),
            one: applicationPolicy("OR('Org1MSP.peer')"),
            two: applicationPolicy("AND('Org1MSP.peer', 'Org2MSP.peer')"),
            dangling: applicationPolicy('/Channel/Application/Nothing'),
        };
        context = {
            channel: 'mychannel',
            membership,
            policies: ChannelPolicies.standard(ORGS),
            chaincode: (name) => {
                const policy = policies[name];
                return policy && { policy, collections };
            },
            hasTransaction: (txId) => committed.has(txId),
            keyMetadata: (namespace, key) => metadataOf(`${namespace}/${key}`),
            privateMetadata: (namespace, collection, hash) =>
                metadataOf(`${namespace}/${collection}/${Buffer.from(hash).toString('hex')}`),
        };
    });

    const collections = new peer.CollectionConfigPackage();
    for (const [name, policy] of [
        ['plain', undefined],
        ['org2Only', "OR('Org2MSP.peer')"],
    ] as const) {
        const config = new peer.StaticCollectionConfig();
        config.setName(name);
        if (policy !== undefined) {
            config.setEndorsementPolicy(
                peer.ApplicationPolicy.deserializeBinary(applicationPolicy(policy)),
            );
        }
        const holder = new peer.CollectionConfig();
        holder.setStaticCollectionConfig(config);
        collections.addConfig(holder);
    }

    function metadataOf(path: string): ReadonlyMap<string, Uint8Array> | undefined {
        const policy = metadata.get(path);
        return policy && new Map([['VALIDATION_PARAMETER', policy]]);
    }

    beforeEach(() => {
        metadata.clear();
        committed.clear();
    });

    function make(options: Partial<MakeOptions> = {}): Uint8Array {
        return makeTransaction({ creator: client, endorsers: peers.slice(0, 2), ...options });
    }

    function codes(...envelopes: Uint8Array[]): string[] {
        const verdicts = new TransactionValidator(context).validateBlock(envelopes);
        for (const { code, reason } of verdicts) expect(reason === undefined).to.equal(code === 0);
        return verdicts.map(({ code }) => validationCodeName(code));
    }

    const junk = Buffer.from('ff', 'hex');
    const spoilt: [ValidationCodeName, string, Partial<MakeOptions>][] = [
        ['VALID', 'a sound transaction', {}],
        ['VALID', 'one that neither reads nor writes', { namespaces: [] }],
        [
            'BAD_PAYLOAD',
            'a payload that is none',
            {
                envelope: (e) => {
                    e.setPayload(junk);
                },
            },
        ],
        [
            'BAD_COMMON_HEADER',
            'no payload',
            {
                envelope: (e) => {
                    e.setPayload('');
                },
            },
        ],
        [
            'BAD_COMMON_HEADER',
            'no header',
            {
                payload: (p) => {
                    p.clearHeader();
                },
            },
        ],
        [
            'BAD_COMMON_HEADER',
            'a broken channel header',
            {
                payload: (p) => {
                    p.getHeader()!.setChannelHeader(junk);
                },
            },
        ],
        [
            'BAD_COMMON_HEADER',
            'a broken signature header',
            {
                payload: (p) => {
                    p.getHeader()!.setSignatureHeader(junk);
                },
            },
        ],
        ['BAD_COMMON_HEADER', 'a type no peer validates', { headerType: 5 }],
        [
            'BAD_COMMON_HEADER',
            'another epoch',
            {
                channelHeader: (h) => {
                    h.setEpoch(1);
                },
            },
        ],
        [
            'BAD_COMMON_HEADER',
            'no nonce',
            {
                signatureHeader: (h) => {
                    h.setNonce('');
                },
            },
        ],
        [
            'BAD_COMMON_HEADER',
            'no creator',
            {
                signatureHeader: (h) => {
                    h.setCreator('');
                },
            },
        ],
        [
            'BAD_CREATOR_SIGNATURE',
            'a signature over something else',
            {
                envelope: (e) => {
                    e.setSignature(client.sign(junk));
                },
            },
        ],
        [
            'BAD_CREATOR_SIGNATURE',
            'no signature',
            {
                envelope: (e) => {
                    e.setSignature('');
                },
            },
        ],
        [
            'BAD_CREATOR_SIGNATURE',
            'a creator that is no identity',
            {
                signatureHeader: (h) => {
                    h.setCreator(junk);
                },
            },
        ],
        ['UNSUPPORTED_TX_PAYLOAD', 'a configuration update', { headerType: 2 }],
        ['VALID', 'a configuration', { headerType: 1 }],
        [
            'BAD_PROPOSAL_TXID',
            "another transaction's id",
            {
                channelHeader: (h) => {
                    h.setTxId('00'.repeat(32));
                },
            },
        ],
        [
            'INVALID_ENDORSER_TRANSACTION',
            'bytes that are no transaction',
            {
                payload: (p) => {
                    p.setData(junk);
                },
            },
        ],
        [
            'INVALID_ENDORSER_TRANSACTION',
            'no action',
            {
                transaction: (t) => {
                    t.clearActionsList();
                },
            },
        ],
        [
            'INVALID_ENDORSER_TRANSACTION',
            'two actions',
            { transaction: (t) => t.addActions(t.getActionsList()[0]) },
        ],
        [
            'INVALID_ENDORSER_TRANSACTION',
            'an action without header',
            {
                transaction: (t) => {
                    t.getActionsList()[0]!.setHeader('');
                },
            },
        ],
        [
            'INVALID_ENDORSER_TRANSACTION',
            'an action that is none',
            {
                transaction: (t) => {
                    t.getActionsList()[0]!.setPayload(junk);
                },
            },
        ],
        [
            'INVALID_ENDORSER_TRANSACTION',
            'nothing endorsed',
            {
                actionPayload: (p) => {
                    p.clearAction();
                },
            },
        ],
        [
            'INVALID_ENDORSER_TRANSACTION',
            'a result of another proposal',
            {
                responsePayload: (p) => {
                    p.setProposalHash(junk);
                },
            },
        ],
        [
            'INVALID_ENDORSER_TRANSACTION',
            'a proposal changed after its endorsement',
            {
                actionPayload: (p) => {
                    p.setChaincodeProposalPayload(junk);
                },
            },
        ],
        ['TARGET_CHAIN_NOT_FOUND', 'another channel', { channel: 'elsewhere' }],
        [
            'BAD_RESPONSE_PAYLOAD',
            'a result without extension',
            {
                responsePayload: (p) => {
                    p.setExtension$('');
                },
            },
        ],
        [
            'BAD_RESPONSE_PAYLOAD',
            'a result that is none',
            {
                responsePayload: (p) => {
                    p.setExtension$(junk);
                },
            },
        ],
        [
            'BAD_RWSET',
            'a read/write set that is none',
            {
                action: (a) => {
                    a.setResults(junk);
                },
            },
        ],
        [
            'BAD_HEADER_EXTENSION',
            'a header extension that is none',
            {
                channelHeader: (h) => {
                    h.setExtension$(junk);
                },
            },
        ],
        [
            'INVALID_OTHER_REASON',
            'no chaincode in the header',
            {
                headerExtension: (e) => {
                    e.clearChaincodeId();
                },
            },
        ],
        [
            'INVALID_OTHER_REASON',
            'no chaincode in the result',
            {
                action: (a) => {
                    a.clearChaincodeId();
                },
            },
        ],
        [
            'INVALID_OTHER_REASON',
            'an event that is none',
            {
                action: (a) => {
                    a.setEvents(junk);
                },
            },
        ],
        [
            'INVALID_OTHER_REASON',
            'an event of another chaincode',
            {
                action: (a) => {
                    const event = new peer.ChaincodeEvent();
                    event.setChaincodeId('other');
                    a.setEvents(event.serializeBinary());
                },
            },
        ],
        [
            'INVALID_CHAINCODE',
            'a chaincode without name',
            {
                headerExtension: (e) => {
                    e.getChaincodeId()!.setName('');
                },
            },
        ],
        [
            'INVALID_CHAINCODE',
            'the result of another chaincode',
            {
                action: (a) => {
                    a.getChaincodeId()!.setName('one');
                },
            },
        ],
        ['INVALID_CHAINCODE', 'a chaincode without version', { version: '' }],
        ['INVALID_CHAINCODE', 'a chaincode nobody defined', { chaincode: 'unknown' }],
        [
            'INVALID_CHAINCODE',
            'writes into a chaincode nobody defined',
            { namespaces: [{ namespace: 'unknown', puts: ['k'] }] },
        ],
        [
            'ILLEGAL_WRITESET',
            'a namespace given twice',
            {
                namespaces: [
                    { namespace: 'basic', puts: ['a'] },
                    { namespace: 'basic', puts: ['b'] },
                ],
            },
        ],
        [
            'ENDORSEMENT_POLICY_FAILURE',
            'a policy that refers to nothing',
            { chaincode: 'dangling' },
        ],
        [
            'ENDORSEMENT_POLICY_FAILURE',
            'a collection that is not there',
            { namespaces: [{ namespace: 'basic', collections: { none: { puts: ['k'] } } }] },
        ],
    ];
    for (const [code, what, options] of spoilt) {
        it(`gives ${code} to ${what}`, () => {
            expect(codes(make(options))).to.deep.equal([code]);
        });
    }

    it('gives INVALID_OTHER_REASON to bytes that are no envelope, and takes none for one', () => {
        expect(codes(junk, Buffer.alloc(0))).to.deep.equal([
            'INVALID_OTHER_REASON',
            'BAD_COMMON_HEADER',
        ]);
    });

    it('gives BAD_CREATOR_SIGNATURE to a stranger', () => {
        expect(codes(make({ creator: stranger }))).to.deep.equal(['BAD_CREATOR_SIGNATURE']);
    });

    it('answers for a single transaction too', async () => {
        expect(await validateTransaction(make(), context)).to.equal(0);
        expect(await validateTransaction(make({ endorsers: [] }), context)).to.equal(10);
    });

    it('marks the second of two transactions with one id, unless the first failed', () => {
        const envelope = make();
        expect(codes(envelope, envelope, make())).to.deep.equal([
            'VALID',
            'DUPLICATE_TXID',
            'VALID',
        ]);
        const failing = make({ endorsers: [] });
        expect(codes(failing, failing)).to.deep.equal([
            'ENDORSEMENT_POLICY_FAILURE',
            'ENDORSEMENT_POLICY_FAILURE',
        ]);
    });

    it('marks a transaction the ledger has already, before it looks at endorsements', () => {
        const failing = make({
            endorsers: [],
            channelHeader: (header) => committed.add(header.getTxId()),
        });
        expect(codes(failing)).to.deep.equal(['DUPLICATE_TXID']);
    });

    describe('of endorsements', () => {
        const failure = 'ENDORSEMENT_POLICY_FAILURE';
        const by = (...numbers: number[]): SigningIdentity[] => numbers.map((n) => peers[n - 1]!);

        it('needs a majority of organisations by default', () => {
            expect(
                codes(
                    make({ endorsers: by(1) }),
                    make({ endorsers: by(1, 1) }),
                    make({ endorsers: by(2, 3) }),
                    make({ endorsers: by(1, 2, 3) }),
                ),
            ).to.deep.equal([failure, failure, 'VALID', 'VALID']);
        });

        it('does not count clients, strangers and wrong signatures', () => {
            expect(
                codes(
                    make({ endorsers: [client, peers[1]!] }),
                    make({ endorsers: [stranger, peers[1]!] }),
                    make({
                        endorsement: (e, index) => {
                            if (index === 0) e.setSignature(junk);
                        },
                    }),
                    make({ endorsers: [stranger, client, ...by(1, 2)] }),
                ),
            ).to.deep.equal([failure, failure, failure, 'VALID']);
        });

        it('follows the policy of the chaincode, for each namespace written', () => {
            const writes = (chaincode: string, ...namespaces: string[]): Uint8Array =>
                make({
                    chaincode,
                    endorsers: by(1),
                    namespaces: namespaces.map((namespace) => ({ namespace, puts: ['k'] })),
                });
            expect(
                codes(
                    writes('one', 'one'),
                    writes('two', 'two'),
                    writes('one', 'one', 'two'),
                    writes('two', 'one'),
                    writes('two'),
                ),
            ).to.deep.equal(['VALID', failure, failure, failure, failure]);
        });

        it('lets a key have a policy of its own, which replaces the chaincode’s', () => {
            metadata.set('two/own', bytesOf("OR('Org3MSP.peer')"));
            const write = (...keys: string[]) => ({
                chaincode: 'two',
                namespaces: [{ namespace: 'two', puts: keys }],
            });
            expect(
                codes(
                    make({ ...write('own'), endorsers: by(3) }),
                    make({ ...write('own'), endorsers: by(1, 2) }),
                    make({ ...write('own', 'other'), endorsers: by(3) }),
                    make({ ...write('own', 'other'), endorsers: by(1, 2, 3) }),
                    make({ ...write('other'), endorsers: by(1, 2) }),
                ),
            ).to.deep.equal(['VALID', failure, failure, 'VALID', 'VALID']);
        });

        it('asks a key’s policy when that policy is to be changed', () => {
            metadata.set('two/own', bytesOf("OR('Org3MSP.peer')"));
            const change = {
                chaincode: 'two',
                namespaces: [
                    { namespace: 'two', policies: { own: bytesOf("OR('Org1MSP.peer')") } },
                ],
            };
            expect(codes(make({ ...change, endorsers: by(1, 2) }))).to.deep.equal([failure]);
            expect(codes(make({ ...change, endorsers: by(3) }))).to.deep.equal(['VALID']);
        });

        it('refuses a write to a key whose policy an earlier transaction of the block changes', () => {
            const change = (endorsers: SigningIdentity[]): Uint8Array =>
                make({
                    chaincode: 'two',
                    endorsers,
                    namespaces: [
                        { namespace: 'two', policies: { own: bytesOf("OR('Org1MSP.peer')") } },
                    ],
                });
            const write = (key: string): Uint8Array =>
                make({ chaincode: 'two', namespaces: [{ namespace: 'two', puts: [key] }] });
            expect(codes(change(by(1, 2)), write('own'), write('other'))).to.deep.equal([
                'VALID',
                failure,
                'VALID',
            ]);
            // One that fails changes nothing.
            expect(codes(change(by(1)), write('own'))).to.deep.equal([failure, 'VALID']);
            // And one that comes later is no obstacle.
            expect(codes(write('own'), change(by(1, 2)))).to.deep.equal(['VALID', 'VALID']);
        });

        it('does the same for private keys', () => {
            const hash = createHash('sha256').update('own').digest('hex');
            metadata.set(`two/plain/${hash}`, bytesOf("OR('Org3MSP.peer')"));
            const write = (...keys: string[]) => ({
                chaincode: 'two',
                namespaces: [{ namespace: 'two', collections: { plain: { puts: keys } } }],
            });
            const change = {
                chaincode: 'two',
                namespaces: [
                    {
                        namespace: 'two',
                        collections: { plain: { policies: { own: bytesOf("OR('A.peer')") } } },
                    },
                ],
            };
            expect(
                codes(
                    make({ ...write('own'), endorsers: by(3) }),
                    make({ ...write('other'), endorsers: by(3) }),
                    make({ ...change, endorsers: by(3) }),
                    make({ ...write('own'), endorsers: by(3) }),
                ),
            ).to.deep.equal(['VALID', failure, 'VALID', failure]);
        });

        it('follows a collection’s policy, and the chaincode’s where it has none', () => {
            const write = (collection: string, endorsers: SigningIdentity[], puts?: string[]) =>
                make({
                    chaincode: 'two',
                    endorsers,
                    namespaces: [
                        {
                            namespace: 'two',
                            ...(puts && { puts }),
                            collections: { [collection]: { puts: ['k'] } },
                        },
                    ],
                });
            expect(
                codes(
                    write('org2Only', by(2)),
                    write('org2Only', by(1)),
                    write('org2Only', by(2), ['public']),
                    write('plain', by(2)),
                    write('plain', by(1, 2)),
                    write('_implicit_org_Org3MSP', by(3)),
                    write('_implicit_org_Org3MSP', by(1, 2)),
                    write('_implicit_org_Org9MSP', by(1, 2)),
                ),
            ).to.deep.equal([
                'VALID',
                failure,
                failure,
                failure,
                'VALID',
                'VALID',
                failure,
                failure,
            ]);
        });

        it('treats a key’s policy that is none as satisfied by nobody', () => {
            metadata.set('one/own', junk);
            const write = { chaincode: 'one', namespaces: [{ namespace: 'one', puts: ['own'] }] };
            expect(codes(make(write))).to.deep.equal([failure]);
            metadata.set('one/own', new Uint8Array());
            expect(codes(make(write))).to.deep.equal(['VALID']);
        });

        it('lets a majority define chaincodes', () => {
            const define = (endorsers: SigningIdentity[]): Uint8Array =>
                make({
                    chaincode: '_lifecycle',
                    version: 'syscc',
                    endorsers,
                    namespaces: [{ namespace: '_lifecycle', puts: ['k'] }],
                });
            expect(codes(define(by(1)), define(by(1, 3)))).to.deep.equal([failure, 'VALID']);
        });
    });

    it('never gives a changed envelope another verdict than invalid, and never breaks', () => {
        const envelope = make();
        fc.assert(
            fc.property(
                fc.nat(envelope.length - 1),
                fc.integer({ min: 1, max: 255 }),
                (at, flip) => {
                    const changed = Uint8Array.from(envelope);
                    changed[at] = (changed[at] ?? 0) ^ flip;
                    const [code] = codes(changed);
                    // Only what stands outside of what is signed could change and stay valid.
                    if (code === 'VALID') {
                        const read = common.Envelope.deserializeBinary(changed);
                        const before = common.Envelope.deserializeBinary(envelope);
                        expect(read.getPayload_asU8()).to.deep.equal(before.getPayload_asU8());
                    }
                },
            ),
            { numRuns: 1000 },
        );
    });
});
