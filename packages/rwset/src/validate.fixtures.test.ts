import { expect } from 'chai';
import { decodeBlock } from './decode-block.js';
import { MemoryState } from './memory-state.js';
import type { Failure } from './validate.js';
import { validateBlock } from './validate.js';
import { isReadConflict, validationCodeName } from './validation-code.js';
import { FIXTURE_BLOCKS } from './test-support/fixture-blocks.js';

describe('Replaying a real peer from genesis', () => {
    const state = new MemoryState();
    const failures: Failure[] = [];
    const replayed = FIXTURE_BLOCKS.map((bytes) => {
        const block = decodeBlock(bytes);
        const validation = validateBlock(state, block);
        state.apply(validation.updates);
        failures.push(...validation.failures.values());
        return {
            peer: block.transactions.map(({ code }) => validationCodeName(code)),
            ours: validation.codes.map(validationCodeName),
        };
    });

    for (const [number, { peer, ours }] of replayed.entries()) {
        it(`reaches the peer's verdicts, block ${number}: ${peer.join(' ')}`, () => {
            expect(ours).to.deep.equal(peer);
        });
    }

    it('has seen conflicts of both kinds, so that agreement means something', () => {
        expect(failures.filter(({ kind }) => kind === 'read')).to.have.lengthOf(8);
        expect(failures.filter(({ kind }) => kind === 'range')).to.have.lengthOf(3);
        expect(
            FIXTURE_BLOCKS.flatMap((bytes) => decodeBlock(bytes).transactions).filter(({ code }) =>
                isReadConflict(code),
            ),
        ).to.have.lengthOf(11);
    });

    it('ends with the state the peer has', () => {
        expect(state.get('lab', 'w1')?.version).to.deep.equal({ blockNum: 13, txNum: 0 });
        expect(state.get('lab', 'w2')).to.equal(undefined);
        const policy = state.get('lab', 'w4');
        expect(policy?.metadata?.map(({ name }) => name)).to.deep.equal(['VALIDATION_PARAMETER']);
        expect(policy?.version).to.deep.equal({ blockNum: 35, txNum: 1 });
        expect([...state.range('lab', 'm', 'n')]).to.have.lengthOf(180);
    });
});
