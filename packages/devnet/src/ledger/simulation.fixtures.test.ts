import { decodeBlock, isReadConflict, VALIDATION_CODES } from '@goodput/rwset';
import type { Transaction } from '@goodput/rwset';
import { expect } from 'chai';

import { openLedger } from './ledger.js';
import type { Ledger } from './ledger.js';
import { sequenceKey } from './lifecycle.js';
import type { SimulationResult } from './simulation.js';
import { runLabContract } from './test-support/lab-contract.js';
import {
    ENDORSED_A_BLOCK_EARLIER,
    FIXTURE_BLOCKS,
    fixtureBlock,
    orderedBlock,
    recordedCodes,
    resultsOf,
} from './test-support/recorded-blocks.js';

describe('a simulation of what a real peer endorsed', () => {
    it('gives the same read/write set, byte for byte, for every recorded transaction', async () => {
        const ledger = await openLedger({
            channel: 'mychannel',
            organizations: ['Org1MSP', 'Org2MSP'],
        });
        let compared = 0;
        for (let number = 0; number < FIXTURE_BLOCKS; number++) {
            for (const early of [number, number + 1]) {
                if (early !== number && !ENDORSED_A_BLOCK_EARLIER.has(early)) continue;
                if (early === number && ENDORSED_A_BLOCK_EARLIER.has(number)) continue;
                if (early >= FIXTURE_BLOCKS) continue;
                compared += await compareBlock(ledger, early);
            }
            await commitRecorded(ledger, number);
        }
        expect(compared).to.equal(58);
    });
});

async function compareBlock(ledger: Ledger, number: number): Promise<number> {
    const block = fixtureBlock(number);
    const envelopes = block.getData()?.getDataList_asU8() ?? [];
    let compared = 0;
    for (const [index, tx] of decodeBlock(block.serializeBinary()).transactions.entries()) {
        if (tx.kind !== 'invoke') continue;
        const result = await simulate(ledger, tx);
        expect(
            Buffer.from(result.publicBytes).toString('hex'),
            `${tx.functionName}, transaction ${index} of block ${number}`,
        ).to.equal(Buffer.from(resultsOf(envelopes[index] ?? new Uint8Array())).toString('hex'));
        compared++;
    }
    return compared;
}

async function simulate(ledger: Ledger, tx: Transaction): Promise<SimulationResult> {
    const simulation = await ledger.simulate(tx.txId);
    // what the endorser itself reads before it calls the chaincode
    await simulation.getState('_lifecycle', sequenceKey('lab'));
    const args = tx.args.map((arg) => Buffer.from(arg).toString());
    await runLabContract(simulation, tx.functionName, args);
    return simulation.done();
}

async function commitRecorded(ledger: Ledger, number: number): Promise<void> {
    const codes = recordedCodes(fixtureBlock(number));
    const before = codes.map((code) =>
        isReadConflict(code) || code === VALIDATION_CODES.DUPLICATE_TXID ? 0 : code,
    );
    await ledger.commit(orderedBlock(number), before);
}
