import { status } from '@grpc/grpc-js';
import { GatewayError, type Gateway } from '@hyperledger/fabric-gateway';
import { connectOfficial } from '@goodput/bench';
import type { Finding, Network } from '@goodput/network';

/** How long one question to a peer may take, in milliseconds. */
const DEADLINE_MS = 10_000;

const fixes: Readonly<Record<number, string>> = {
    [status.PERMISSION_DENIED]:
        'The peer does not accept the identity for this channel: check its mspId, and that its certificate comes from a CA of that organisation.',
    [status.NOT_FOUND]: 'Correct "channel", or join the peer to it.',
    [status.UNAVAILABLE]: 'Check that the peer runs and that the endpoint is its gateway.',
    [status.UNIMPLEMENTED]:
        'The node does not offer the gateway service: it is older than Fabric 2.4, an orderer, or has peer.gateway.enabled switched off.',
};

function explain(error: unknown): Pick<Finding, 'message' | 'fix'> {
    if (!(error instanceof GatewayError)) return { message: String(error) };
    const message = error.details[0]?.message ?? error.message;
    // A peer that does not know the identity says so in words only: the status is UNKNOWN.
    const denied = message.includes('access denied');
    const fix = fixes[denied ? status.PERMISSION_DENIED : error.code];
    return { message, ...(fix !== undefined && { fix }) };
}

async function ask(
    gateway: Gateway,
    channel: string,
    question: { chaincode: string; name: string; args: string[]; subject: string; answer: string },
    fix?: string,
): Promise<Finding> {
    const { subject, answer } = question;
    try {
        const contract = gateway.getNetwork(channel).getContract(question.chaincode);
        await contract.evaluate(question.name, { arguments: question.args });
        return { subject, ok: true, message: answer };
    } catch (error) {
        const explained = explain(error);
        return { subject, ok: false, ...explained, ...(fix !== undefined && { fix }) };
    }
}

/** Whether the first peer lets the first identity into the channel, and has every chaincode of the profile. */
export async function checkChannel(network: Network): Promise<Finding[]> {
    const { gateway, close } = connectOfficial(network, { evaluateMs: DEADLINE_MS });
    try {
        const { channel, chaincodes } = network;
        const findings = [
            await ask(gateway, channel, {
                chaincode: 'qscc',
                name: 'GetChainInfo',
                args: [channel],
                subject: `channel ${channel}`,
                answer: `${network.identity().name} may read it`,
            }),
        ];
        if (findings[0]?.ok !== true) return findings;
        for (const [purpose, chaincode] of Object.entries(chaincodes)) {
            const question = {
                chaincode,
                name: 'org.hyperledger.fabric:GetMetadata',
                args: [],
                subject: `chaincode ${chaincode} (${purpose})`,
                answer: 'answers',
            };
            const fix = `Commit the chaincode definition "${chaincode}" on ${channel}, start the chaincode, or correct "chaincodes" in the profile.`;
            findings.push(await ask(gateway, channel, question, fix));
        }
        return findings;
    } finally {
        close();
    }
}
