import { peer } from '@hyperledger/fabric-protos';
import { GatewayError } from '@hyperledger/fabric-gateway';
import { expect } from 'chai';
import type { Network } from '../network/network.js';
import { startNetwork } from '../network/start-network.js';
import { connectClient, type Client } from '../test-support/connect-client.js';
import { ScriptedChaincode, type ChaincodeStream } from '../test-support/scripted-chaincode.js';

const { Type } = peer.ChaincodeMessage;
type Kind = peer.ChaincodeMessage.TypeMap[keyof peer.ChaincodeMessage.TypeMap];

/** What a chaincode does with a message of the peer's; `begun` is the transaction it began last. */
type Behaviour = (
    stream: ChaincodeStream,
    received: peer.ChaincodeMessage,
    begun: peer.ChaincodeMessage,
) => void;

function message(
    type: Kind,
    to: peer.ChaincodeMessage,
    payload: Uint8Array = new Uint8Array(),
): peer.ChaincodeMessage {
    const made = new peer.ChaincodeMessage();
    made.setType(type);
    made.setPayload(payload);
    made.setTxid(to.getTxid());
    made.setChannelId(to.getChannelId());
    return made;
}

function response(payload: string, status = 200): Uint8Array {
    const made = new peer.Response();
    made.setStatus(status);
    made.setPayload(Buffer.from(payload));
    return made.serializeBinary();
}

function completed(to: peer.ChaincodeMessage, payload = 'done'): peer.ChaincodeMessage {
    return message(Type.COMPLETED, to, response(payload));
}

function getState(to: peer.ChaincodeMessage, key: string): peer.ChaincodeMessage {
    const request = new peer.GetState();
    request.setKey(key);
    return message(Type.GET_STATE, to, request.serializeBinary());
}

function putState(
    to: peer.ChaincodeMessage,
    key: string,
    value: Uint8Array,
): peer.ChaincodeMessage {
    const request = new peer.PutState();
    request.setKey(key);
    request.setValue(value);
    return message(Type.PUT_STATE, to, request.serializeBinary());
}

const GARBAGE = Buffer.from([0xff, 0xff, 0xff, 0xff, 0x07, 0x99]);
const TEN_MEBIBYTES = Buffer.alloc(10 * 1024 * 1024, 'v');

/** Answers that a test gives when nobody waits for them any more. */
const late: (() => void)[] = [];

/** By the name of the transaction. One that answers well is `well`. */
const behaviours: Readonly<Record<string, Behaviour>> = {
    well: (stream, received, begun) => {
        if (received.getType() === Type.TRANSACTION) stream.write(completed(begun));
    },
    never: () => undefined,
    late: (stream, received, begun) => {
        if (received.getType() !== Type.TRANSACTION) return;
        late.push(() => {
            stream.write(getState(begun, 'late'));
            stream.write(putState(begun, 'late', Buffer.from('1')));
            stream.write(completed(begun));
        });
    },
    'another transaction’s': (stream, received, begun) => {
        if (received.getType() !== Type.TRANSACTION) return;
        const other = message(Type.COMPLETED, begun, response('done'));
        other.setTxid('0'.repeat(64));
        stream.write(other);
    },
    'another channel’s': (stream, received, begun) => {
        if (received.getType() !== Type.TRANSACTION) return;
        const other = message(Type.COMPLETED, begun, response('done'));
        other.setChannelId('elsewhere');
        stream.write(other);
    },
    twice: (stream, received, begun) => {
        if (received.getType() !== Type.TRANSACTION) return;
        stream.write(completed(begun, 'first'));
        stream.write(completed(begun, 'second'));
        stream.write(message(Type.ERROR, begun, Buffer.from('third')));
    },
    garbage: (stream, received, begun) => {
        if (received.getType() === Type.TRANSACTION) {
            stream.write(message(Type.COMPLETED, begun, GARBAGE));
        }
    },
    nothing: (stream, received, begun) => {
        if (received.getType() === Type.TRANSACTION) stream.write(message(Type.COMPLETED, begun));
    },
    error: (stream, received, begun) => {
        if (received.getType() === Type.TRANSACTION) {
            stream.write(message(Type.ERROR, begun, Buffer.from('no sense')));
        }
    },
    'a garbled request': (stream, received, begun) => {
        if (received.getType() === Type.TRANSACTION) {
            stream.write(message(Type.GET_STATE_BY_RANGE, begun, GARBAGE));
        } else stream.write(completed(begun, Buffer.from(received.getPayload_asU8()).toString()));
    },
    'a peer’s message': (stream, received, begun) => {
        if (received.getType() === Type.TRANSACTION) stream.write(message(Type.RESPONSE, begun));
    },
    'a registration': (stream, received, begun) => {
        if (received.getType() === Type.TRANSACTION) stream.write(message(Type.REGISTER, begun));
    },
    'the end': (stream, received) => {
        if (received.getType() === Type.TRANSACTION) stream.end();
    },
    'an iterator nobody opened': (stream, received, begun) => {
        if (received.getType() === Type.TRANSACTION) {
            const request = new peer.QueryStateNext();
            request.setId('17');
            stream.write(message(Type.QUERY_STATE_NEXT, begun, request.serializeBinary()));
        } else stream.write(completed(begun, Buffer.from(received.getPayload_asU8()).toString()));
    },
    'a large value': (stream, received, begun) => {
        if (received.getType() === Type.TRANSACTION) {
            stream.write(putState(begun, 'large', TEN_MEBIBYTES.subarray(0, 9 * 1024 * 1024)));
        } else stream.write(completed(begun));
    },
    'too large a value': (stream, received, begun) => {
        if (received.getType() === Type.TRANSACTION) {
            stream.write(putState(begun, 'large', TEN_MEBIBYTES));
        } else stream.write(completed(begun));
    },
    'a flood': (stream, received, begun) => {
        if (received.getType() !== Type.TRANSACTION) return;
        for (let count = 0; count < 5_000; count += 1) stream.write(getState(begun, `k${count}`));
        stream.write(completed(begun));
    },
    'no status': (stream, received, begun) => {
        if (received.getType() === Type.TRANSACTION) {
            stream.write(message(Type.COMPLETED, begun, response('done', 0)));
        }
    },
};

/** A service that behaves as the transaction's name says. */
class HostileChaincode extends ScriptedChaincode {
    readonly #awaited = new Map<string, () => void>();

    /** Resolves when it is next given a transaction of this name. */
    given(name: string): Promise<void> {
        return new Promise((resolve) => this.#awaited.set(name, resolve));
    }

    protected chat(stream: ChaincodeStream): void {
        const running = new Map<string, { behave: Behaviour; begun: peer.ChaincodeMessage }>();
        stream.on('error', () => undefined);
        stream.on('end', () => stream.end());
        stream.on('data', (received: peer.ChaincodeMessage) => {
            const txId = received.getTxid();
            if (received.getType() === Type.TRANSACTION) {
                const input = peer.ChaincodeInput.deserializeBinary(received.getPayload_asU8());
                const name = Buffer.from(input.getArgsList_asU8()[0] ?? []).toString();
                running.set(txId, { behave: behaviours[name]!, begun: received });
                this.#awaited.get(name)?.();
            }
            const found = running.get(txId);
            found?.behave(stream, received, found.begun);
        });
        const id = new peer.ChaincodeID();
        id.setName('hostile');
        const register = new peer.ChaincodeMessage();
        register.setType(Type.REGISTER);
        register.setPayload(id.serializeBinary());
        stream.write(register);
    }
}

describe('a chaincode that does not keep to the protocol', function () {
    this.timeout(180_000);
    let chaincode: HostileChaincode;
    let network: Network;
    let client: Client;

    before(async () => {
        chaincode = new HostileChaincode();
        const address = `127.0.0.1:${await chaincode.start()}`;
        network = await startNetwork({ block: { timeoutMs: 20 } });
        await network.deploy({ name: 'hostile', connection: { address } });
        client = connectClient(network);
    });
    after(async () => {
        client.close();
        await network.stop();
        chaincode.stop();
    });

    async function outcomeOf(name: string): Promise<string> {
        try {
            return Buffer.from(await client.contract('hostile').submitTransaction(name)).toString();
        } catch (error) {
            expect(error).to.be.instanceOf(GatewayError);
            const { details, message: text } = error as GatewayError;
            return [text, ...details.map((each) => each.message)].join(' | ');
        }
    }

    /** How long a chaincode has, for those that will not answer and for those that will. */
    function allow(milliseconds: number): void {
        for (const { runtime } of network.peers) runtime.executeTimeoutMs = milliseconds;
    }

    const TIMEOUT = 'timeout expired while executing transaction';
    const TERMINATED = 'chaincode stream terminated';
    const outcomes: readonly [name: string, outcome: string | RegExp][] = [
        ['never', TIMEOUT],
        ['late', TIMEOUT],
        ['another transaction’s', TIMEOUT],
        ['another channel’s', TIMEOUT],
        ['twice', /^first$/],
        ['garbage', 'failed to unmarshal response for transaction'],
        ['nothing', 'chaincode response 0'],
        ['no status', 'chaincode response 0'],
        ['error', 'transaction returned with failure: no sense'],
        [
            'a garbled request',
            /^GET_STATE_BY_RANGE failed: transaction ID: [0-9a-f]{64}: unmarshal/,
        ],
        ['a peer’s message', TERMINATED],
        ['a registration', TERMINATED],
        ['the end', TERMINATED],
        [
            'an iterator nobody opened',
            /^QUERY_STATE_NEXT failed: transaction ID: [0-9a-f]{64}: query iterator not found/,
        ],
        ['a large value', /^done$/],
        ['too large a value', 'exceeds maximum allowed 10485760 bytes'],
        ['a flood', /^done$/],
    ];
    for (const [name, outcome] of outcomes) {
        it(`fails alone, and others go on: ${name}`, async () => {
            allow(outcome === TIMEOUT ? 300 : 30_000);
            const given = chaincode.given(name);
            const ending = outcomeOf(name);
            // Its time is counted from here; others have as much as a busy machine may need.
            if (outcome === TIMEOUT) await given;
            allow(30_000);
            const [ended, beside] = await Promise.all([ending, outcomeOf('well')]);
            if (typeof outcome === 'string') expect(ended).to.include(outcome);
            else expect(ended).to.match(outcome);
            // What runs on a stream that ends, ends with it; it is called again on the next one.
            if (outcome !== TERMINATED) expect(beside).to.equal('done');
            expect(await outcomeOf('well')).to.equal('done');
        });
    }

    it('can answer late what nobody waits for, and write nothing by it', async () => {
        const { ledger } = network.channel();
        allow(300);
        expect(await outcomeOf('late')).to.include(TIMEOUT);
        allow(30_000);
        late.at(-1)?.();
        // On the same stream, and so behind it.
        expect(await outcomeOf('well')).to.equal('done');
        const simulation = await ledger.simulate('look', { readOnly: true });
        expect(await simulation.getState('hostile', 'late')).to.equal(undefined);
        simulation.done();
    });
});
