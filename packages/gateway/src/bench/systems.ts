import { createPrivateKey } from 'node:crypto';
import { connect as connectOfficial, signers } from '@hyperledger/fabric-gateway';
import { dial, type Network } from '@goodput/network';
import { connect } from '../client/connect.js';
import type { StrategyChoice } from '../client/options.js';
import { Verdict } from '../failure/verdict.js';
import type { BenchOperation } from './workloads.js';

/** What became of an operation, as its system says. */
export type BenchOutcome = 'committed' | 'rejected' | 'failed';

/** A way to submit. */
export interface BenchSystem {
    readonly name: string;
    submit(id: string, operation: BenchOperation): Promise<BenchOutcome>;
    close(): Promise<void>;
}

/** Makes a system on a contract of the bench chaincode. */
export type MakeSystem = (network: Network, contract: string) => Promise<BenchSystem>;

const chaincodeName = (network: Network): string => network.chaincodes['bench'] ?? 'bench';

/** The official client as its documentation shows it, with its own signer. */
export const plain: MakeSystem = (network, contractName) => {
    const identity = network.identity();
    const client = dial(network.peer());
    const gateway = connectOfficial({
        client,
        identity: { mspId: identity.mspId, credentials: Buffer.from(identity.certificate) },
        signer: signers.newPrivateKeySigner(createPrivateKey(identity.privateKey)),
    });
    const contract = gateway
        .getNetwork(network.channel)
        .getContract(chaincodeName(network), contractName);
    return Promise.resolve({
        name: 'fabric-gateway',
        async submit(id, { name, args }) {
            try {
                const options = { arguments: [id, ...args] };
                const status = await (await contract.submitAsync(name, options)).getStatus();
                return status.code === Verdict.valid ? 'committed' : 'failed';
            } catch (error) {
                return JSON.stringify(error).includes('chaincode response') ? 'rejected' : 'failed';
            }
        },
        close: () => {
            gateway.close();
            client.close();
            return Promise.resolve();
        },
    });
};

const retryAttempts = 5;
const firstPauseMs = 100;

/** The same in the loop that a sensible team writes around it. */
export const plainRetry: MakeSystem = async (network, contractName) => {
    const once = await plain(network, contractName);
    return {
        ...once,
        name: 'fabric-gateway + retry',
        async submit(id, operation) {
            for (let attempt = 1; ; attempt++) {
                const outcome = await once.submit(id, operation);
                if (outcome !== 'failed' || attempt === retryAttempts) return outcome;
                const pauseMs = firstPauseMs * 2 ** (attempt - 1) * (0.5 + Math.random());
                await new Promise((resolve) => setTimeout(resolve, pauseMs));
            }
        },
    };
};

/** Our client. */
export function goodput(strategy: StrategyChoice): MakeSystem {
    return async (network, contractName) => {
        const client = await connect(network, { strategy });
        const contract = client.contract('bench', { contract: contractName });
        return {
            name: `goodput ${strategy}`,
            async submit(id, { name, args, keys }) {
                const ticket = await contract.submitAsync(name, [id, ...args], { keys });
                return (await ticket.receipt).outcome;
            },
            close: () => client.close({ drainMs: 12_000 }),
        };
    };
}
