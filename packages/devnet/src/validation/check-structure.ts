import { createHash } from 'node:crypto';
import { common, peer } from '@hyperledger/fabric-protos';
import { DevnetError } from '../errors.js';
import { readOr, reject } from './rejection.js';
import type { ValidationContext } from './validation-context.js';

const { ENDORSER_TRANSACTION, CONFIG, CONFIG_UPDATE } = common.HeaderType;

/** A transaction whose form, creator and binding to its proposal have been found right. */
export interface SoundTransaction {
    readonly channelHeader: common.ChannelHeader;
    /** Nothing for a configuration. */
    readonly endorsed: EndorsedAction | undefined;
}

/** What was endorsed, and by whom. */
export interface EndorsedAction {
    readonly proposalResponsePayload: Uint8Array;
    readonly endorsements: readonly peer.Endorsement[];
}

function headersOf(payload: common.Payload): {
    readonly header: common.Header;
    readonly channelHeader: common.ChannelHeader;
    readonly signatureHeader: common.SignatureHeader;
} {
    const header = payload.getHeader();
    if (header === undefined) return reject('BAD_COMMON_HEADER', 'nil header');
    const [channelHeader, signatureHeader] = readOr('BAD_COMMON_HEADER', 'header', () => [
        common.ChannelHeader.deserializeBinary(header.getChannelHeader_asU8()),
        common.SignatureHeader.deserializeBinary(header.getSignatureHeader_asU8()),
    ]);
    const type = channelHeader.getType();
    if (type !== ENDORSER_TRANSACTION && type !== CONFIG_UPDATE && type !== CONFIG) {
        reject('BAD_COMMON_HEADER', `invalid header type ${type}`);
    }
    if (channelHeader.getEpoch() !== 0) {
        reject('BAD_COMMON_HEADER', `invalid Epoch in ChannelHeader. Expected 0`);
    }
    checkSignatureHeader(signatureHeader);
    return { header, channelHeader, signatureHeader };
}

function checkSignatureHeader(
    header: common.SignatureHeader,
    code: 'BAD_COMMON_HEADER' | 'INVALID_ENDORSER_TRANSACTION' = 'BAD_COMMON_HEADER',
): void {
    if (header.getNonce_asU8().length === 0) reject(code, 'invalid nonce specified in the header');
    if (header.getCreator_asU8().length === 0) {
        reject(code, 'invalid creator specified in the header');
    }
}

function checkCreator(
    envelope: common.Envelope,
    creator: Uint8Array,
    { membership }: ValidationContext,
): void {
    try {
        const member = membership.validate(creator);
        if (member.verify(envelope.getPayload_asU8(), envelope.getSignature_asU8())) return;
    } catch (error) {
        if (!(error instanceof DevnetError)) throw error;
        reject('BAD_CREATOR_SIGNATURE', error.message);
    }
    reject('BAD_CREATOR_SIGNATURE', "creator's signature over the proposal is not valid");
}

function readAction(
    data: Uint8Array,
    header: common.Header,
): { readonly action: peer.ChaincodeEndorsedAction } {
    const code = 'INVALID_ENDORSER_TRANSACTION';
    const transaction = readOr(code, 'transaction', () => peer.Transaction.deserializeBinary(data));
    const [only, ...others] = transaction.getActionsList();
    if (only === undefined || others.length > 0) {
        return reject(
            code,
            `only one action per transaction is supported, tx contains ${others.length + (only ? 1 : 0)}`,
        );
    }
    checkSignatureHeader(
        readOr(code, 'action header', () =>
            common.SignatureHeader.deserializeBinary(only.getHeader_asU8()),
        ),
        code,
    );
    const payload = readOr(code, 'action', () =>
        peer.ChaincodeActionPayload.deserializeBinary(only.getPayload_asU8()),
    );
    const action = payload.getAction() ?? reject(code, 'no action in ChaincodeActionPayload');
    const response = readOr(code, 'proposal response', () =>
        peer.ProposalResponsePayload.deserializeBinary(action.getProposalResponsePayload_asU8()),
    );
    const hash = createHash('sha256')
        .update(header.getChannelHeader_asU8())
        .update(only.getHeader_asU8())
        .update(payload.getChaincodeProposalPayload_asU8())
        .digest();
    if (!hash.equals(response.getProposalHash_asU8())) {
        reject(code, 'proposal hash does not match');
    }
    return { action };
}

/** Checks everything that can be said of a transaction without looking at its endorsements. */
export function checkStructure(bytes: Uint8Array, context: ValidationContext): SoundTransaction {
    const envelope = readOr('INVALID_OTHER_REASON', 'envelope', () =>
        common.Envelope.deserializeBinary(bytes),
    );
    const payload = readOr('BAD_PAYLOAD', 'payload', () =>
        common.Payload.deserializeBinary(envelope.getPayload_asU8()),
    );
    const { header, channelHeader, signatureHeader } = headersOf(payload);
    const creator = signatureHeader.getCreator_asU8();
    checkCreator(envelope, creator, context);
    const type = channelHeader.getType();
    if (type === CONFIG_UPDATE) reject('UNSUPPORTED_TX_PAYLOAD', 'a configuration update');
    if (type === ENDORSER_TRANSACTION) {
        const txId = createHash('sha256')
            .update(signatureHeader.getNonce_asU8())
            .update(creator)
            .digest('hex');
        if (channelHeader.getTxId() !== txId) {
            reject('BAD_PROPOSAL_TXID', `invalid txid. got [${channelHeader.getTxId()}]`);
        }
    }
    const found =
        type === ENDORSER_TRANSACTION ? readAction(payload.getData_asU8(), header) : undefined;
    if (channelHeader.getChannelId() !== context.channel) {
        reject('TARGET_CHAIN_NOT_FOUND', `channel ${channelHeader.getChannelId()}`);
    }
    return {
        channelHeader,
        endorsed: found && {
            proposalResponsePayload: found.action.getProposalResponsePayload_asU8(),
            endorsements: found.action.getEndorsementsList(),
        },
    };
}
