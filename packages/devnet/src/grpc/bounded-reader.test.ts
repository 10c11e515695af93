import { common } from '@hyperledger/fabric-protos';
import { expect } from 'chai';
import fc from 'fast-check';
import { boundProtocolReader } from './bounded-reader.js';

describe('the bounded protocol reader', () => {
    before(() => {
        boundProtocolReader();
        boundProtocolReader(); // once is enough, and twice does no harm
    });

    // Field 1 of a payload is a message; these say that it has some 2.7 billion bytes.
    for (const hex of [
        '0af78080800a00022a',
        '0affffffff0f',
        '0affffffffffffffffff01',
        '0a',
        '0a80',
    ]) {
        it(`refuses ${hex} at once`, () => {
            expect(() => common.Payload.deserializeBinary(Buffer.from(hex, 'hex'))).to.throw();
        });
    }

    it('reads what is well formed as before', () => {
        fc.assert(
            fc.property(fc.uint8Array(), fc.uint8Array({ maxLength: 300 }), (data, channel) => {
                const header = new common.Header();
                header.setChannelHeader(channel);
                const payload = new common.Payload();
                payload.setHeader(header);
                payload.setData(data);
                const read = common.Payload.deserializeBinary(payload.serializeBinary());
                expect(read.serializeBinary()).to.deep.equal(payload.serializeBinary());
                expect(read.getHeader()!.getChannelHeader_asU8()).to.deep.equal(channel);
            }),
        );
    });

    it('comes to an end with any bytes', () => {
        const nasty = fc.array(fc.oneof(fc.constantFrom(10, 18, 128, 255, 15, 0), fc.nat(255)), {
            maxLength: 20,
        });
        fc.assert(
            fc.property(nasty, (bytes) => {
                try {
                    common.Payload.deserializeBinary(Uint8Array.from(bytes));
                } catch (error) {
                    expect(error).to.be.instanceOf(Error);
                }
            }),
            { numRuns: 20_000 },
        );
    });
});
