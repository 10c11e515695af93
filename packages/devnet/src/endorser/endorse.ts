import { peer } from '@hyperledger/fabric-protos';
import type { RememberingMembership } from '../channel/remembering-membership.js';
import type { SigningIdentity } from '../identity/signing-identity.js';
import type { SimulationResult } from '../ledger/simulation.js';
import type { Proposal } from './proposal.js';

/** What came of running a chaincode for a proposal. */
export interface Execution {
    readonly response: peer.Response;
    readonly event: peer.ChaincodeEvent | undefined;
    /** Absent for system chaincodes that read the ledger itself. */
    readonly simulation: SimulationResult | undefined;
    readonly version: string;
}

/** From this status on, a chaincode's response is an error and nothing is endorsed. */
const ERROR_THRESHOLD = 400;
const ERROR = 500;

function responsePayload(proposal: Proposal, execution: Execution): Uint8Array {
    const id = new peer.ChaincodeID();
    id.setName(proposal.chaincodeName);
    id.setVersion(execution.version);
    const action = new peer.ChaincodeAction();
    action.setResults(execution.simulation?.publicBytes ?? new Uint8Array());
    action.setEvents(execution.event?.serializeBinary() ?? new Uint8Array());
    action.setResponse(execution.response);
    action.setChaincodeId(id);
    const payload = new peer.ProposalResponsePayload();
    payload.setProposalHash(proposal.hash);
    payload.setExtension$(action.serializeBinary());
    return payload.serializeBinary();
}

/** An answer that nobody can submit: the result alone, or, if it is an error, with its payload. */
export function unendorsed(proposal: Proposal, execution: Execution): peer.ProposalResponse {
    const answer = new peer.ProposalResponse();
    answer.setResponse(execution.response);
    if (execution.response.getStatus() >= ERROR) {
        answer.setPayload(responsePayload(proposal, execution));
    }
    return answer;
}

async function endorsementOf(
    identity: SigningIdentity,
    payload: Uint8Array,
    membership: RememberingMembership,
): Promise<peer.Endorsement> {
    const message = Buffer.concat([payload, identity.serialized]);
    const signature = await identity.signBeside(message);
    membership.remember({ message, identity: identity.serialized, signature });
    const endorsement = new peer.Endorsement();
    endorsement.setEndorser(identity.serialized);
    endorsement.setSignature(signature);
    return endorsement;
}

/** What a peer answers to a proposal it has run: endorsed if the chaincode was content. */
export async function endorse(
    proposal: Proposal,
    execution: Execution,
    identity: SigningIdentity,
    membership: RememberingMembership,
): Promise<peer.ProposalResponse> {
    const { response } = execution;
    if (response.getStatus() >= ERROR_THRESHOLD) return unendorsed(proposal, execution);
    const answer = new peer.ProposalResponse();
    answer.setResponse(response);
    const payload = responsePayload(proposal, execution);
    answer.setPayload(payload);
    answer.setVersion(1);
    answer.setEndorsement(await endorsementOf(identity, payload, membership));
    return answer;
}

/** The answer when a proposal could not be run: the error in the response, nothing endorsed. */
export function failedResponse(message: string): peer.ProposalResponse {
    const response = new peer.Response();
    response.setStatus(ERROR);
    response.setMessage(message);
    const answer = new peer.ProposalResponse();
    answer.setResponse(response);
    return answer;
}
