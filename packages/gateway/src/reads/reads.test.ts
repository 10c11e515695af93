import { encodeTxReadWriteSet, ReadWriteSetBuilder } from '@goodput/rwset';
import { expect } from 'chai';
import { settingsOf } from '../client/settings.js';
import { silentLogger } from '../observe/logger.js';
import { KnownWrites } from '../reorder/known-writes.js';
import { FakeNetwork } from '../test-support/fake-network.js';
import { preparedTransaction } from '../test-support/prepared-transaction.js';
import type { Endorsed } from '../transport/transport.js';
import { Reads } from './reads.js';

const call = { chaincode: 'cc', transaction: 'get', args: ['k'] };

/** A peer whose state changes without a word of it in any block that can be read. */
class SilentlyChanging extends FakeNetwork {
    answer = 'one';

    override endorse(): Promise<Endorsed> {
        this.endorsements += 1;
        const builder = new ReadWriteSetBuilder();
        builder.addRead('cc', 'k', { blockNum: 0, txNum: 0 });
        const bytes = preparedTransaction(encodeTxReadWriteSet(builder.build().rwset));
        return Promise.resolve({ transactionId: 't', bytes, result: Buffer.from(this.answer) });
    }
}

describe('cached reads and the blocks', () => {
    it('are dropped by a block that cannot be read, as it may have changed anything', async () => {
        const transport = new SilentlyChanging();
        const settings = settingsOf({});
        const logged: string[] = [];
        const reads = new Reads({
            transport,
            settings,
            reader: 'anna',
            logger: { ...silentLogger, error: (_fields, text) => logged.push(text) },
            known: new KnownWrites(),
            secondLevel: undefined,
            live: () => true,
            ordered: () => 0,
            context: () => ({
                transport,
                limits: settings.timeouts,
                retry: settings.retry,
                stop: new AbortController().signal,
            }),
        });
        const read = async (): Promise<string> =>
            Buffer.from(await reads.read(call, {})).toString();
        expect([await read(), await read(), transport.endorsements]).to.deep.equal([
            'one',
            'one',
            1,
        ]);

        transport.answer = 'two';
        reads.block({ number: 1n, transactions: [], bytes: Buffer.from('not a block') });
        expect([await read(), await read(), transport.endorsements]).to.deep.equal([
            'two',
            'two',
            2,
        ]);
        expect(logged).to.deep.equal(['a block could not be read']);
        expect(reads.counts).to.include({ hits: 2, misses: 2 });
    });
});
