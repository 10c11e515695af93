import { common } from '@hyperledger/fabric-protos';
import { isReadConflict, VALIDATION_CODES } from '@goodput/rwset';
import { expect } from 'chai';

import {
    FIXTURE_BLOCKS,
    fixtureBlock,
    orderedBlock,
    recordedCodes,
} from './test-support/recorded-blocks.js';
import { openLedger } from './ledger.js';

describe('a ledger given the blocks of a real peer', () => {
    it('comes to the same verdicts and the same chain of commit hashes', async () => {
        const ledger = await openLedger({
            channel: 'mychannel',
            organizations: ['Org1MSP', 'Org2MSP'],
        });
        for (let number = 0; number < FIXTURE_BLOCKS; number++) {
            const recorded = fixtureBlock(number);
            const codes = recordedCodes(recorded);
            const before = codes.map((code) =>
                isReadConflict(code) || code === VALIDATION_CODES.DUPLICATE_TXID ? 0 : code,
            );
            const committed = await ledger.commit(orderedBlock(number), before);
            expect(committed.codes, `verdicts of block ${number}`).to.deep.equal(codes);
            expect(metadataAt(committed.block, 4), `commit hash of block ${number}`).to.equal(
                metadataAt(recorded, 4),
            );
            expect(metadataAt(committed.block, 2)).to.equal(metadataAt(recorded, 2));
        }
        expect(ledger.height).to.equal(FIXTURE_BLOCKS);
    });
});

function metadataAt(block: common.Block, index: number): string {
    return Buffer.from(block.getMetadata()?.getMetadataList_asU8()[index] ?? []).toString('hex');
}
