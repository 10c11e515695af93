import { ledger as ledgerProtocol, peer, type common } from '@hyperledger/fabric-protos';
import type { Channel } from '../channel/channel.js';
import type { Member } from '../identity/member.js';
import type { PrivateWrites } from '../ledger/simulation.js';
import type { Seek } from './seek.js';

const { rwset } = ledgerProtocol;

/** Whether the client may see the data of the collection: members may, and others where they are let. */
function maySee(channel: Channel, client: Member, writes: PrivateWrites): boolean {
    const collection = channel.ledger.collection(writes.namespace, writes.collection);
    if (collection === undefined) return false;
    return !collection.memberOnlyRead || channel.isMember(collection.memberPolicy, client);
}

function privateSet(
    writes: readonly PrivateWrites[],
): InstanceType<typeof rwset.TxPvtReadWriteSet> {
    const set = new rwset.TxPvtReadWriteSet();
    set.setDataModel(rwset.TxReadWriteSet.DataModel.KV);
    const namespaces = new Map<string, InstanceType<typeof rwset.NsPvtReadWriteSet>>();
    for (const { namespace, bytes } of writes) {
        let part = namespaces.get(namespace);
        if (part === undefined) {
            part = new rwset.NsPvtReadWriteSet();
            part.setNamespace(namespace);
            namespaces.set(namespace, part);
            set.addNsPvtRwset(part);
        }
        part.addCollectionPvtRwset(rwset.CollectionPvtReadWriteSet.deserializeBinary(bytes));
    }
    return set;
}

/** A block with the private data of its transactions that the client may see. */
export function privateDataOf(block: common.Block, seek: Seek): peer.BlockAndPrivateData {
    const { channel } = seek;
    const client = channel.membership.validate(seek.creator);
    const result = new peer.BlockAndPrivateData();
    result.setBlock(block);
    for (const [index, writes] of channel.ledger.privateData(block.getHeader()?.getNumber() ?? 0)) {
        const seen = writes.filter((each) => maySee(channel, client, each));
        if (seen.length > 0) result.getPrivateDataMapMap().set(index, privateSet(seen));
    }
    return result;
}
