import { encodeTxReadWriteSet, ReadWriteSetBuilder } from '@goodput/rwset';
import { expect } from 'chai';
import { preparedTransaction } from '../test-support/prepared-transaction.js';
import { KeyLearner } from './key-learner.js';
import type { Operation } from './operation.js';

const call = { chaincode: 'cc', transaction: 'f', args: ['a'] };
const operation = { scope: 'cc', call } as unknown as Operation;
const version = { blockNum: 1, txNum: 0 };

describe('learning from what is endorsed', () => {
    const see = (learner: KeyLearner, build?: (builder: ReadWriteSetBuilder) => void): void => {
        const builder = new ReadWriteSetBuilder();
        builder.addRead('cc', 'k', version);
        build?.(builder);
        const bytes = preparedTransaction(encodeTxReadWriteSet(builder.build().rwset));
        const endorsed = { transactionId: 't', bytes, result: Buffer.alloc(0) };
        learner.transaction({ operations: [operation], endorseMs: 1, endorsed });
    };

    it('knows that a function only reads once it was seen to, and until it writes', () => {
        const learner = new KeyLearner();
        expect(learner.onlyReads(call), 'never seen').to.equal(false);
        see(learner);
        expect(learner.onlyReads(call)).to.equal(true);
        expect(learner.onlyReads({ ...call, transaction: 'g' }), 'another').to.equal(false);
        see(learner, (builder) => {
            builder.addWrite('cc', 'k', undefined);
        });
        see(learner);
        expect(learner.onlyReads(call)).to.equal(false);
    });

    it('takes private data and metadata for written as well', () => {
        const writes: ((builder: ReadWriteSetBuilder) => void)[] = [
            (builder) => {
                builder.addPrivateWrite('cc', 'own', 'k', Buffer.from('v'));
            },
            (builder) => {
                builder.addMetadataWrite('cc', 'k', []);
            },
        ];
        for (const write of writes) {
            const learner = new KeyLearner();
            see(learner, write);
            expect(learner.onlyReads(call)).to.equal(false);
        }
    });

    it('takes nothing for known of what cannot be read', () => {
        const learner = new KeyLearner();
        const endorsed = { transactionId: 't', bytes: Buffer.from('x'), result: Buffer.alloc(0) };
        learner.transaction({ operations: [operation], endorseMs: 1, endorsed });
        expect(learner.onlyReads(call)).to.equal(false);
    });
});
