import { peer } from '@hyperledger/fabric-protos';
import { expect } from 'chai';
import { VALIDATION_CODES, validationCodeName } from './validation-code.js';

describe('Validation codes', () => {
    it('are those of Fabric', () => {
        expect(VALIDATION_CODES).to.deep.equal({ ...peer.TxValidationCode });
    });

    it('have names, and an unknown one is shown as its number', () => {
        expect(validationCodeName(11)).to.equal('MVCC_READ_CONFLICT');
        expect(validationCodeName(77)).to.equal('77');
    });
});
