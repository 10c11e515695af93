import { common, peer } from '@hyperledger/fabric-protos';
import { accessDenied, refusal } from '../channel/access.js';
import { failure, success, type SystemCall, type SystemChaincode } from './system-chaincode.js';

function channelList({ channels }: SystemCall): peer.Response {
    const response = new peer.ChannelQueryResponse();
    response.setChannelsList(
        [...channels.keys()].map((id) => {
            const info = new peer.ChannelInfo();
            info.setChannelId(id);
            return info;
        }),
    );
    return success(response.serializeBinary());
}

function configBlock(call: SystemCall, wanted: 'block' | 'config'): peer.Response {
    const channelId = Buffer.from(call.args[1] ?? new Uint8Array()).toString();
    const channel = call.channels.get(channelId);
    if (channel === undefined) return failure(`Unknown chain ID, ${channelId}`);
    const name = wanted === 'block' ? 'GetConfigBlock' : 'GetChannelConfig';
    const why = refusal(channel, 'Readers', [call.creator]);
    if (why !== undefined) {
        const denied = accessDenied(channelId, 'Readers', why);
        return failure(`access denied for [${name}][${channelId}]: ${denied}`);
    }
    const block = channel.ledger.blockByNumber(0) ?? new common.Block();
    if (wanted === 'block') return success(block.serializeBinary());
    const [first = new Uint8Array()] = block.getData()?.getDataList_asU8() ?? [];
    const envelope = common.Envelope.deserializeBinary(first);
    const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
    const config = common.ConfigEnvelope.deserializeBinary(payload.getData_asU8()).getConfig();
    return success(config?.serializeBinary());
}

function invoke(call: SystemCall): peer.Response {
    const [first] = call.args;
    if (first === undefined) return failure('Incorrect number of arguments, 0');
    const name = Buffer.from(first).toString();
    switch (name) {
        case 'GetChannels':
            return channelList(call);
        case 'GetConfigBlock':
            return configBlock(call, 'block');
        case 'GetChannelConfig':
            return configBlock(call, 'config');
        default:
            return failure(`Requested function ${name} not found.`);
    }
}

/** The chaincode that tells of a channel's configuration. */
export const cscc: SystemChaincode = {
    simulates: false,
    invoke: (call) => Promise.resolve(invoke(call)),
};
