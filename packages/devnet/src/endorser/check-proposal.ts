import { createHash } from 'node:crypto';
import { common } from '@hyperledger/fabric-protos';
import { accessDenied, refusal } from '../channel/access.js';
import type { Channel } from '../channel/channel.js';
import type { Member } from '../identity/member.js';
import type { Membership } from '../identity/membership.js';
import type { Proposal } from './proposal.js';

/** A proposal its creator should not have sent; the message is what a peer answers. */
export class RefusedProposal extends Error {
    override readonly name = 'RefusedProposal';
    /** Refused by what stands before the endorser: the answer is an error, not a response. */
    readonly unheard: boolean;

    constructor(message: string, unheard = false) {
        super(message);
        this.unheard = unheard;
    }
}

/** How far apart the clocks of client and peer may be. */
export const TIME_WINDOW_MS = 15 * 60 * 1000;

const { HeaderType } = common;

function refuse(message: string): never {
    throw new RefusedProposal(message);
}

function secondsOf(date: Date): string {
    return date.toISOString().replace(/\.\d+Z$/, 'Z');
}

function checkTime(proposal: Proposal, now: Date): void {
    const sent = proposal.timestamp ?? new Date(0);
    if (Math.abs(sent.getTime() - now.getTime()) <= TIME_WINDOW_MS) return;
    throw new RefusedProposal(
        `request unauthorized due to incorrect timestamp ${secondsOf(sent)}, peer time ${secondsOf(now)}, peer.authentication.timewindow 15m0s`,
        true,
    );
}

function headerTypeName(type: number): string {
    return Object.entries(HeaderType).find(([, value]) => value === type)?.[0] ?? String(type);
}

function checkHeader(proposal: Proposal): void {
    const { type, epoch, nonce, creator, txId } = proposal;
    if (type !== HeaderType.ENDORSER_TRANSACTION && type !== HeaderType.CONFIG) {
        refuse(`error validating proposal: invalid header type ${headerTypeName(type)}`);
    }
    if (epoch !== 0) refuse('error validating proposal: epoch is non-zero');
    if (nonce.length === 0) refuse('error validating proposal: nonce is empty');
    if (creator.length === 0) refuse('error validating proposal: creator is empty');
    const expected = createHash('sha256').update(nonce).update(creator).digest('hex');
    if (txId !== expected) {
        refuse(
            `error validating proposal: incorrectly computed txid '${txId}' -- expected '${expected}'`,
        );
    }
    if (proposal.signature.length === 0) refuse('error validating proposal: empty signature bytes');
}

function identify(proposal: Proposal, membership: Membership): Member {
    try {
        return membership.validate(proposal.creator);
    } catch {
        // A peer tells the client no more than this, so that it learns nothing from trying.
        return refuse(
            `error validating proposal: access denied: channel [${proposal.channelId}] creator org unknown, creator is malformed`,
        );
    }
}

function checkCreator(proposal: Proposal, membership: Membership, now: Date): Member {
    const member = identify(proposal, membership);
    if (member.notAfter < now) throw new RefusedProposal('proposal client identity expired', true);
    if (!member.verify(proposal.bytes, proposal.signature)) {
        refuse(
            `error validating proposal: access denied: channel [${proposal.channelId}] creator org [${member.mspId}]`,
        );
    }
    return member;
}

/** What checking a proposal needs to know. */
export interface ProposalContext {
    readonly channel: Channel;
    readonly now: Date;
    /** System chaincodes look after access themselves. */
    isSystemChaincode(name: string): boolean;
}

/** Checks everything a peer checks before it runs a chaincode; returns the creator. */
export function checkProposal(proposal: Proposal, context: ProposalContext): Member {
    checkTime(proposal, context.now);
    checkHeader(proposal);
    const { channel, now } = context;
    const member = checkCreator(proposal, channel.membership, now);
    if (channel.statusOf(proposal.txId) !== undefined) {
        const creator = Buffer.from(proposal.creator).toString('hex');
        refuse(`duplicate transaction found [${proposal.txId}]. Creator [${creator}]`);
    }
    if (!context.isSystemChaincode(proposal.chaincodeName)) {
        const why = refusal(channel, 'Writers', [member]);
        if (why !== undefined) refuse(accessDenied(channel.id, 'Writers', why));
    }
    return member;
}

/** The same for a proposal that names no channel: who may call is its chaincode's to say. */
export function checkLocalProposal(proposal: Proposal, membership: Membership, now: Date): Member {
    checkTime(proposal, now);
    checkHeader(proposal);
    return checkCreator(proposal, membership, now);
}
