import { peer } from '@hyperledger/fabric-protos';
import { expect } from 'chai';
import { connectClient } from '../test-support/connect-client.js';
import { startNetwork } from '../network/start-network.js';
import { ScriptedChaincode, type ChaincodeStream } from '../test-support/scripted-chaincode.js';

const { Type } = peer.ChaincodeMessage;
type Kind = peer.ChaincodeMessage.TypeMap[keyof peer.ChaincodeMessage.TypeMap];

function message(
    type: Kind,
    payload: Uint8Array,
    to?: peer.ChaincodeMessage,
): peer.ChaincodeMessage {
    const made = new peer.ChaincodeMessage();
    made.setType(type);
    made.setPayload(payload);
    made.setTxid(to?.getTxid() ?? '');
    made.setChannelId(to?.getChannelId() ?? '');
    return made;
}

function batch(): Uint8Array {
    const { Type: Record } = peer.WriteRecord;
    const state = new peer.WriteBatchState();
    for (const key of ['a', 'b', 'c']) {
        const record = new peer.WriteRecord();
        record.setType(Record.PUT_STATE);
        record.setKey(key);
        record.setValue(Buffer.from(`value of ${key}`));
        state.addRec(record);
    }
    const gone = new peer.WriteRecord();
    gone.setType(Record.DEL_STATE);
    gone.setKey('b');
    state.addRec(gone);
    return state.serializeBinary();
}

function keys(): Uint8Array {
    const request = new peer.GetStateMultiple();
    request.setKeysList(['a', 'b', 'c']);
    return request.serializeBinary();
}

/** A chaincode that speaks the protocol of Fabric 3.1: it writes and reads in batches. */
class BatchingChaincode extends ScriptedChaincode {
    readonly parameters: peer.ChaincodeAdditionalParams[] = [];

    protected chat(stream: ChaincodeStream): void {
        let running: peer.ChaincodeMessage | undefined;
        stream.on('data', (received: peer.ChaincodeMessage) => {
            switch (received.getType()) {
                case Type.READY:
                    this.parameters.push(
                        peer.ChaincodeAdditionalParams.deserializeBinary(
                            received.getPayload_asU8(),
                        ),
                    );
                    break;
                case Type.TRANSACTION:
                    running = received;
                    this.#begin(stream, received);
                    break;
                case Type.RESPONSE:
                    this.#complete(stream, received, received.getPayload_asU8());
                    break;
                case Type.ERROR:
                    this.#complete(stream, running ?? received, received.getPayload_asU8());
                    break;
            }
        });
        const id = new peer.ChaincodeID();
        id.setName('batching');
        stream.write(message(Type.REGISTER, id.serializeBinary()));
    }

    #begin(stream: ChaincodeStream, transaction: peer.ChaincodeMessage): void {
        const [name] = peer.ChaincodeInput.deserializeBinary(
            transaction.getPayload_asU8(),
        ).getArgsList_asU8();
        const writes = Buffer.from(name ?? []).toString() === 'write';
        stream.write(
            writes
                ? message(Type.WRITE_BATCH_STATE, batch(), transaction)
                : message(Type.GET_STATE_MULTIPLE, keys(), transaction),
        );
    }

    #complete(stream: ChaincodeStream, to: peer.ChaincodeMessage, payload: Uint8Array): void {
        const response = new peer.Response();
        response.setStatus(200);
        response.setPayload(payload);
        stream.write(message(Type.COMPLETED, response.serializeBinary(), to));
    }
}

describe('a chaincode that writes and reads in batches, as since Fabric 3.1', function () {
    this.timeout(180_000);

    it('is told that it may, and is served', async () => {
        const chaincode = new BatchingChaincode();
        const port = await chaincode.start();
        const network = await startNetwork({ block: { timeoutMs: 20 } });
        const client = connectClient(network);
        try {
            await network.deploy({
                name: 'batching',
                connection: { address: `127.0.0.1:${port}` },
            });
            const contract = client.contract('batching');
            await contract.submitTransaction('write');
            const values = peer.GetStateMultipleResult.deserializeBinary(
                await contract.evaluateTransaction('read'),
            ).getValuesList_asU8();
            expect(values.map((value) => Buffer.from(value).toString())).to.deep.equal([
                'value of a',
                '',
                'value of c',
            ]);
            expect(chaincode.parameters[0]?.toObject()).to.deep.equal({
                useWriteBatch: true,
                maxSizeWriteBatch: 1000,
                useGetMultipleKeys: true,
                maxSizeGetMultipleKeys: 1000,
            });
        } finally {
            client.close();
            await network.stop();
            chaincode.stop();
        }
    });
});
