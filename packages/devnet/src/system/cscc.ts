import { common, peer } from '@hyperledger/fabric-protos';
import { accessDenied, noPolicies, refusal } from '../channel/access.js';
import type { Channel } from '../channel/channel.js';
import { decode } from '../grpc/decode.js';
import { localRefusal, type LocalPolicy } from './local-access.js';
import { failure, success, type SystemCall, type SystemChaincode } from './system-chaincode.js';

type Query = (call: SystemCall) => peer.Response;

/** A query about the peer itself, for those its organisation lets ask. */
function local(policy: LocalPolicy, query: Query): Query {
    return (call) => {
        const why = localRefusal(call, policy);
        if (why === undefined) return query(call);
        const [name = ''] = call.args.map((arg) => Buffer.from(arg).toString());
        return failure(`access denied for [${name}]: ${why}`);
    };
}

/** A query about a channel that the second argument names, for those who may read it. */
function ofChannel(query: (channel: Channel) => peer.Response): Query {
    return ({ args, channels, creator }) => {
        const [name = '', id = ''] = args.map((arg) => Buffer.from(arg).toString());
        if (id === '') return failure('empty channel name provided');
        const channel = channels.get(id);
        if (channel === undefined) {
            return failure(`access denied for [${name}][${id}]: ${noPolicies(id)}`);
        }
        const why = refusal(channel, 'Readers', [creator]);
        if (why === undefined) return query(channel);
        return failure(`access denied for [${name}][${id}]: ${accessDenied(id, 'Readers', why)}`);
    };
}

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

function genesisOf(channel: Channel): common.Block {
    return channel.ledger.blockByNumber(0) ?? new common.Block();
}

function firstPayload(block: common.Block): common.Payload {
    const [first = new Uint8Array()] = block.getData()?.getDataList_asU8() ?? [];
    const envelope = decode(common.Envelope, first, 'Envelope');
    return decode(common.Payload, envelope.getPayload_asU8(), 'Payload');
}

function channelConfig(channel: Channel): peer.Response {
    const data = firstPayload(genesisOf(channel)).getData_asU8();
    return success(common.ConfigEnvelope.deserializeBinary(data).getConfig()?.serializeBinary());
}

function idOfBlock(block: common.Block): string {
    const header = firstPayload(block).getHeader()?.getChannelHeader_asU8() ?? new Uint8Array();
    return decode(common.ChannelHeader, header, 'ChannelHeader').getChannelId();
}

/** Peers are on all channels there are, and there is no joining others. */
function joinChain(call: SystemCall): peer.Response {
    let id: string;
    try {
        id = idOfBlock(decode(common.Block, call.args[1] ?? new Uint8Array(), 'Block'));
    } catch (error) {
        return failure(`Failed to reconstruct the genesis block, ${(error as Error).message}`);
    }
    const why = localRefusal(call, 'Admins');
    if (why !== undefined) return failure(`access denied for [JoinChain][${id}]: [${why}]`);
    if (call.channels.has(id)) {
        return failure(
            `cannot create ledger from genesis block: ledger [${id}] already exists with state [ACTIVE]`,
        );
    }
    return failure(
        `an embedded network has all its peers on each of its channels; name [${id}] among the channels when you start it, or add it with addChannel()`,
    );
}

function joinBySnapshot({ args }: SystemCall): peer.Response {
    const folder = Buffer.from(args[1] ?? new Uint8Array()).toString();
    return failure(
        `an embedded network takes and gives no snapshots of ledgers: cannot join a channel from ${folder}`,
    );
}

const queries: Readonly<Record<string, { readonly args: number; readonly query: Query }>> = {
    GetChannels: { args: 1, query: local('Members', channelList) },
    JoinBySnapshotStatus: {
        args: 1,
        query: local('Admins', () => success(new peer.JoinBySnapshotStatus().serializeBinary())),
    },
    GetConfigBlock: {
        args: 2,
        query: ofChannel((channel) => success(genesisOf(channel).serializeBinary())),
    },
    GetChannelConfig: { args: 2, query: ofChannel(channelConfig) },
    JoinChain: { args: 2, query: joinChain },
    JoinChainBySnapshot: { args: 2, query: local('Admins', joinBySnapshot) },
};

function invoke(call: SystemCall): peer.Response {
    const { args, proposal } = call;
    const [first] = args;
    if (first === undefined) return failure('Incorrect number of arguments, 0');
    if (proposal.chaincodeName !== 'cscc') {
        return failure(
            `Rejecting invoke of CSCC from another chaincode, original invocation for '${proposal.chaincodeName}'`,
        );
    }
    const name = Buffer.from(first).toString();
    const wanted = Object.hasOwn(queries, name) ? queries[name] : undefined;
    if (args.length < (wanted?.args ?? 2)) {
        return failure(`Incorrect number of arguments, ${args.length}`);
    }
    return wanted?.query(call) ?? failure(`Requested function ${name} not found.`);
}

/** The chaincode that tells of a peer's channels and of their configuration. */
export const cscc: SystemChaincode = {
    simulates: false,
    invoke: (call) => Promise.resolve(invoke(call)),
};
