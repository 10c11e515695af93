import { expect } from 'chai';
import { KeyError, type KeyErrorCode } from '../index.js';

/** The refusal that `work` must meet, of exactly this code. */
export function refusal(code: KeyErrorCode, work: () => unknown): KeyError {
    try {
        work();
    } catch (error) {
        expect(error).to.be.instanceOf(KeyError);
        expect((error as KeyError).code, (error as KeyError).message).to.equal(code);
        return error as KeyError;
    }
    throw new Error(`was accepted, but ${code} was expected`);
}
