import { createPrivateKey } from 'node:crypto';
import { connect, signers, type Contract } from '@hyperledger/fabric-gateway';
import { dial, type Network } from '@goodput/network';
import { realTiming, type Timing } from '../load/open-loop.js';
import type { Random } from '../load/random.js';
import type { Outcome, OutcomeClass } from '../measure/outcome.js';
import { outcomeOfCode, outcomeOfError } from './classify.js';
import type { IdentifiedOperation, System } from './system.js';

/** Where operations go. */
export interface Target {
    readonly network: Network;
    /** Name of the identity; the first of the profile unless given. */
    readonly identity?: string;
    readonly chaincode: string;
    readonly contract?: string;
}

async function submitOnce(contract: Contract, operation: IdentifiedOperation): Promise<Outcome> {
    try {
        const submitted = await contract.submitAsync(operation.name, {
            arguments: [operation.id, ...operation.args],
        });
        const { code, transactionId } = await submitted.getStatus();
        const result = Buffer.from(submitted.getResult()).toString('utf8');
        return { class: outcomeOfCode(code), transactionId, result, transactions: 1 };
    } catch (error) {
        return outcomeOfError(error);
    }
}

/** The official client as its documentation shows it: its own signer, one call after the other. */
export function plainSystem(target: Target): System {
    const person = target.network.identity(target.identity);
    const client = dial(target.network.peer());
    const gateway = connect({
        client,
        identity: { mspId: person.mspId, credentials: Buffer.from(person.certificate) },
        signer: signers.newPrivateKeySigner(createPrivateKey(person.privateKey)),
    });
    const contract = gateway
        .getNetwork(target.network.channel)
        .getContract(target.chaincode, target.contract);
    return {
        name: 'plain fabric-gateway',
        submit: (operation) => submitOnce(contract, operation),
        close: () => {
            gateway.close();
            client.close();
            return Promise.resolve();
        },
    };
}

/** Attempts of {@link retrySystem} in all. */
const MAX_ATTEMPTS = 5;
/** First pause between attempts, doubled each time, in milliseconds. */
const FIRST_PAUSE_MS = 100;

/**
 * The official client in the loop that a sensible team writes around it: conflicts, overload and failed
 * endorsements are tried again, up to five attempts in all, with a growing, jittered pause. On a network of
 * several peers endorsements of a busy key fail more often than they conflict, because one peer is a block
 * ahead of the other. An unknown outcome is not tried again.
 */
export function retrySystem(target: Target, random: Random, timing: Timing = realTiming): System {
    const plain = plainSystem(target);
    const worthRetrying = new Set<OutcomeClass>([
        'mvcc-conflict',
        'phantom-conflict',
        'overload',
        'endorsement-failed',
    ]);
    return {
        name: 'plain + retry',
        close: () => plain.close(),
        submit: async (operation) => {
            let transactions = 0;
            for (let attempt = 1; ; attempt++) {
                const outcome = await plain.submit(operation);
                transactions += outcome.transactions ?? 0;
                if (!worthRetrying.has(outcome.class) || attempt === MAX_ATTEMPTS) {
                    return { ...outcome, transactions };
                }
                const pauseMs = FIRST_PAUSE_MS * 2 ** (attempt - 1);
                await timing.sleep(pauseMs * (0.5 + random.next()));
            }
        },
    };
}
