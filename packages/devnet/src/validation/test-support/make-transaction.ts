import { createHash, randomBytes } from 'node:crypto';
import { common, ledger, peer } from '@hyperledger/fabric-protos';
import type { SigningIdentity } from '../../identity/signing-identity.js';

const { HeaderType } = common;

/** What a made-up transaction does to one namespace. */
export interface MadeNamespace {
    readonly namespace: string;
    readonly puts?: readonly string[];
    /** Keys whose endorsement policy is set, to these bytes. */
    readonly policies?: Readonly<Record<string, Uint8Array>>;
    readonly collections?: Readonly<
        Record<
            string,
            {
                readonly puts?: readonly string[];
                readonly policies?: Readonly<Record<string, Uint8Array>>;
            }
        >
    >;
}

/** How a transaction is made up; every part can be spoilt before it is put into the next. */
export interface MakeOptions {
    readonly channel?: string;
    readonly chaincode?: string;
    readonly version?: string;
    readonly creator: SigningIdentity;
    readonly endorsers: readonly SigningIdentity[];
    readonly namespaces?: readonly MadeNamespace[];
    readonly headerType?: number;
    readonly channelHeader?: (header: common.ChannelHeader) => void;
    readonly signatureHeader?: (header: common.SignatureHeader) => void;
    readonly headerExtension?: (extension: peer.ChaincodeHeaderExtension) => void;
    readonly action?: (action: peer.ChaincodeAction) => void;
    readonly responsePayload?: (payload: peer.ProposalResponsePayload) => void;
    readonly endorsement?: (endorsement: peer.Endorsement, index: number) => void;
    readonly actionPayload?: (payload: peer.ChaincodeActionPayload) => void;
    readonly transaction?: (transaction: peer.Transaction) => void;
    readonly payload?: (payload: common.Payload) => void;
    readonly envelope?: (envelope: common.Envelope) => void;
}

function sha256(...parts: readonly Uint8Array[]): Buffer {
    const hash = createHash('sha256');
    for (const part of parts) hash.update(part);
    return hash.digest();
}

function entryOf(value: Uint8Array): ledger.rwset.kvrwset.KVMetadataEntry {
    const entry = new ledger.rwset.kvrwset.KVMetadataEntry();
    entry.setName('VALIDATION_PARAMETER');
    entry.setValue(value);
    return entry;
}

function rwsetOf(namespaces: readonly MadeNamespace[]): Uint8Array {
    const { kvrwset } = ledger.rwset;
    const whole = new ledger.rwset.TxReadWriteSet();
    for (const { namespace, puts = [], policies = {}, collections = {} } of namespaces) {
        const kv = new kvrwset.KVRWSet();
        for (const key of puts) {
            const write = new kvrwset.KVWrite();
            write.setKey(key);
            write.setValue(Buffer.from('value'));
            kv.addWrites(write);
        }
        for (const [key, value] of Object.entries(policies)) {
            const write = new kvrwset.KVMetadataWrite();
            write.setKey(key);
            write.addEntries(entryOf(value));
            kv.addMetadataWrites(write);
        }
        const made = new ledger.rwset.NsReadWriteSet();
        made.setNamespace(namespace);
        made.setRwset(kv.serializeBinary());
        for (const [name, what] of Object.entries(collections)) {
            const hashed = new kvrwset.HashedRWSet();
            for (const key of what.puts ?? []) {
                const write = new kvrwset.KVWriteHash();
                write.setKeyHash(sha256(Buffer.from(key)));
                write.setValueHash(sha256(Buffer.from('value')));
                hashed.addHashedWrites(write);
            }
            for (const [key, value] of Object.entries(what.policies ?? {})) {
                const write = new kvrwset.KVMetadataWriteHash();
                write.setKeyHash(sha256(Buffer.from(key)));
                write.addEntries(entryOf(value));
                hashed.addMetadataWrites(write);
            }
            const collection = new ledger.rwset.CollectionHashedReadWriteSet();
            collection.setCollectionName(name);
            collection.setHashedRwset(hashed.serializeBinary());
            made.addCollectionHashedRwset(collection);
        }
        whole.addNsRwset(made);
    }
    return whole.serializeBinary();
}

/** An envelope as a client would submit it, made without any peer. */
export function makeTransaction(options: MakeOptions): Uint8Array {
    const { chaincode = 'basic', version = '1.0', creator, endorsers } = options;
    const nonce = randomBytes(24);
    const extension = new peer.ChaincodeHeaderExtension();
    const id = new peer.ChaincodeID();
    id.setName(chaincode);
    extension.setChaincodeId(id);
    options.headerExtension?.(extension);

    const channelHeader = new common.ChannelHeader();
    channelHeader.setType(options.headerType ?? HeaderType.ENDORSER_TRANSACTION);
    channelHeader.setChannelId(options.channel ?? 'mychannel');
    channelHeader.setTxId(sha256(nonce, creator.serialized).toString('hex'));
    channelHeader.setExtension$(extension.serializeBinary());
    options.channelHeader?.(channelHeader);

    const signatureHeader = new common.SignatureHeader();
    signatureHeader.setCreator(creator.serialized);
    signatureHeader.setNonce(nonce);
    options.signatureHeader?.(signatureHeader);

    const header = new common.Header();
    header.setChannelHeader(channelHeader.serializeBinary());
    header.setSignatureHeader(signatureHeader.serializeBinary());

    const called = new peer.ChaincodeID();
    called.setName(chaincode);
    called.setVersion(version);
    const action = new peer.ChaincodeAction();
    action.setChaincodeId(called);
    action.setResults(rwsetOf(options.namespaces ?? [{ namespace: chaincode, puts: ['key'] }]));
    options.action?.(action);

    const proposal = Buffer.from('proposal');
    const response = new peer.ProposalResponsePayload();
    response.setExtension$(action.serializeBinary());
    response.setProposalHash(
        sha256(header.getChannelHeader_asU8(), header.getSignatureHeader_asU8(), proposal),
    );
    options.responsePayload?.(response);
    const endorsed = new peer.ChaincodeEndorsedAction();
    endorsed.setProposalResponsePayload(response.serializeBinary());
    endorsers.forEach((endorser, index) => {
        const endorsement = new peer.Endorsement();
        endorsement.setEndorser(endorser.serialized);
        endorsement.setSignature(
            endorser.sign(Buffer.concat([response.serializeBinary(), endorser.serialized])),
        );
        options.endorsement?.(endorsement, index);
        endorsed.addEndorsements(endorsement);
    });

    const actionPayload = new peer.ChaincodeActionPayload();
    actionPayload.setChaincodeProposalPayload(proposal);
    actionPayload.setAction(endorsed);
    options.actionPayload?.(actionPayload);
    const transactionAction = new peer.TransactionAction();
    transactionAction.setHeader(header.getSignatureHeader_asU8());
    transactionAction.setPayload(actionPayload.serializeBinary());
    const transaction = new peer.Transaction();
    transaction.addActions(transactionAction);
    options.transaction?.(transaction);

    const payload = new common.Payload();
    payload.setHeader(header);
    payload.setData(transaction.serializeBinary());
    options.payload?.(payload);
    const envelope = new common.Envelope();
    envelope.setPayload(payload.serializeBinary());
    envelope.setSignature(creator.sign(payload.serializeBinary()));
    options.envelope?.(envelope);
    return envelope.serializeBinary();
}
