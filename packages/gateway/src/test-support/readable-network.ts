import { encodeTxReadWriteSet, ReadWriteSetBuilder, type Version } from '@goodput/rwset';
import { gateway } from '@hyperledger/fabric-protos';
import type { Call, Endorsed } from '../transport/transport.js';
import { FakeNetwork } from './fake-network.js';
import { preparedTransaction } from './prepared-transaction.js';

/** What an endorsed transaction tells of what it reads and writes. */
export interface Readable {
    readonly reads: Iterable<string>;
    /** The version at which it has read them. */
    readonly version: Version;
}

/** A fake network whose endorsed transactions can be decoded, as those of peers. */
export class ReadableNetwork extends FakeNetwork {
    override async endorse(call: Call): Promise<Endorsed> {
        const endorsed = await super.endorse(call);
        const { reads, version } = this.readableOf(call, endorsed.transactionId);
        const { chaincode } = call;
        const builder = new ReadWriteSetBuilder();
        for (const key of reads) builder.addRead(chaincode, key, version);
        for (const [key, value] of this.writesOf(endorsed.transactionId)) {
            builder.addWrite(chaincode, key, Buffer.from(String(value)));
        }
        const readWriteSet = encodeTxReadWriteSet(builder.build().rwset);
        return { ...endorsed, bytes: preparedTransaction(readWriteSet, endorsed.transactionId) };
    }

    override submit({ bytes }: Pick<Endorsed, 'bytes'>): Promise<void> {
        const prepared = gateway.PreparedTransaction.deserializeBinary(bytes);
        return super.submit({ bytes: Buffer.from(prepared.getTransactionId()) });
    }

    protected readableOf(_call: Call, transactionId: string): Readable {
        return { reads: this.readsOf(transactionId).keys(), version: { blockNum: 1, txNum: 0 } };
    }
}
