import { peer } from '@hyperledger/fabric-protos';
import { answerTo } from './answer-request.js';
import { ChaincodeFailure } from './chaincode-failure.js';
import { OpenQueries, type TransactionContext } from './transaction-context.js';

const { Type } = peer.ChaincodeMessage;

/** The half of a stream that leads to a chaincode. */
export interface ChaincodeStream {
    send(message: peer.ChaincodeMessage): void;
    close(): void;
}

interface Running {
    /** Resolves when the transaction has ended. */
    readonly ended: Promise<void>;
    readonly tx: TransactionContext;
    readonly queries: OpenQueries;
    /** A second request before the first is answered is dropped, as a peer drops it. */
    busy: boolean;
    finish(outcome: peer.ChaincodeMessage | ChaincodeFailure): void;
}

/** What the READY message tells shims of Fabric 3.1 and later that they may use. */
function readyParameters(): Uint8Array {
    const parameters = new peer.ChaincodeAdditionalParams();
    parameters.setUseWriteBatch(true);
    parameters.setMaxSizeWriteBatch(1000);
    parameters.setUseGetMultipleKeys(true);
    parameters.setMaxSizeGetMultipleKeys(1000);
    return parameters.serializeBinary();
}

function message(type: number, txId = '', channelId = ''): peer.ChaincodeMessage {
    const made = new peer.ChaincodeMessage();
    made.setType(type as peer.ChaincodeMessage.TypeMap[keyof peer.ChaincodeMessage.TypeMap]);
    made.setTxid(txId);
    made.setChannelId(channelId);
    return made;
}

/** The peer's side of the conversation with one running chaincode. */
export class ChaincodeConnection {
    /** The id the chaincode registered with; empty until then. */
    id = '';
    readonly #stream: ChaincodeStream;
    readonly #running = new Map<string, Running>();
    readonly #ready: Promise<void>;
    readonly #accept: (id: string) => void;
    #settle!: { resolve: () => void; reject: (error: Error) => void };
    #state: 'created' | 'ready' | 'closed' = 'created';

    /** @param accept - throws if a chaincode may not register under that id */
    constructor(stream: ChaincodeStream, accept: (id: string) => void) {
        this.#stream = stream;
        this.#accept = accept;
        this.#ready = new Promise((resolve, reject) => {
            this.#settle = { resolve, reject };
        });
        // Whoever waits sees the rejection; that nobody waits is no error.
        this.#ready.catch(() => undefined);
    }

    /** Resolves once the chaincode has registered; rejects if it goes away before that. */
    get ready(): Promise<void> {
        return this.#ready;
    }

    get isOpen(): boolean {
        return this.#state !== 'closed';
    }

    /** Takes a message the chaincode sent. */
    receive(received: peer.ChaincodeMessage): void {
        const type = received.getType();
        if (this.#state === 'closed' || type === Type.KEEPALIVE) return;
        if (this.#state === 'created') {
            this.#register(received);
            return;
        }
        if (type === Type.COMPLETED || type === Type.ERROR) {
            this.#running.get(received.getChannelId() + received.getTxid())?.finish(received);
            return;
        }
        const answer = answerTo(type);
        if (answer === undefined) {
            this.close();
            return;
        }
        void this.#answer(received, answer);
    }

    /** The stream has ended, for whatever reason: everything that runs on it fails. */
    close(): void {
        if (this.#state === 'closed') return;
        this.#state = 'closed';
        this.#settle.reject(new Error('chaincode stream terminated'));
        for (const running of this.#running.values()) {
            running.finish(new ChaincodeFailure('chaincode stream terminated'));
        }
        this.#stream.close();
    }

    /** Has the chaincode run a transaction; resolves to its COMPLETED or ERROR message. */
    async execute(
        tx: TransactionContext,
        input: peer.ChaincodeInput,
        timeoutMs: number,
    ): Promise<peer.ChaincodeMessage> {
        const context = tx.channelId + tx.txId;
        // The shim tells transactions apart by these alone: where one process serves several peers,
        // their runs of one transaction take turns. A chaincode cannot call itself.
        for (;;) {
            const running = this.#running.get(context);
            if (running === undefined) break;
            if (running.tx.peerName === tx.peerName) {
                throw new ChaincodeFailure(`txid: ${tx.txId}(${tx.channelId}) exists`);
            }
            await running.ended;
        }
        if (!this.isOpen) throw new ChaincodeFailure('chaincode stream terminated');
        return this.#run(context, tx, input, timeoutMs);
    }

    #run(
        context: string,
        tx: TransactionContext,
        input: peer.ChaincodeInput,
        timeoutMs: number,
    ): Promise<peer.ChaincodeMessage> {
        let end = (): void => undefined;
        const ended = new Promise<void>((resolve) => {
            end = resolve;
        });
        return new Promise((resolve, reject) => {
            const queries = new OpenQueries();
            const timer = setTimeout(() => {
                finish(new ChaincodeFailure('timeout expired while executing transaction'));
            }, timeoutMs);
            const finish = (outcome: peer.ChaincodeMessage | ChaincodeFailure): void => {
                clearTimeout(timer);
                this.#running.delete(context);
                queries.closeAll();
                end();
                if (outcome instanceof ChaincodeFailure) reject(outcome);
                else resolve(outcome);
            };
            this.#running.set(context, { ended, tx, queries, busy: false, finish });
            const run = message(tx.isInit ? Type.INIT : Type.TRANSACTION, tx.txId, tx.channelId);
            run.setPayload(input.serializeBinary());
            run.setProposal(tx.proposal);
            this.#send(run);
        });
    }

    #register(received: peer.ChaincodeMessage): void {
        if (received.getType() !== Type.REGISTER) {
            this.close();
            return;
        }
        try {
            const id = peer.ChaincodeID.deserializeBinary(received.getPayload_asU8()).getName();
            if (id === '') {
                throw new Error('error in handling register chaincode, chaincodeID name is empty');
            }
            this.#accept(id);
            this.id = id;
        } catch (error) {
            this.#settle.reject(error as Error);
            this.close();
            return;
        }
        this.#send(message(Type.REGISTERED));
        const ready = message(Type.READY);
        ready.setPayload(readyParameters());
        this.#send(ready);
        this.#state = 'ready';
        this.#settle.resolve();
    }

    async #answer(
        received: peer.ChaincodeMessage,
        answer: NonNullable<ReturnType<typeof answerTo>>,
    ): Promise<void> {
        const [txId, channelId] = [received.getTxid(), received.getChannelId()];
        const running = this.#running.get(channelId + txId);
        if (running?.busy === true) return;
        if (running !== undefined) running.busy = true;
        const reply = message(Type.RESPONSE, txId, channelId);
        try {
            if (running === undefined) throw new Error('no ledger context');
            const payload = await answer(received.getPayload_asU8(), running.tx, running.queries);
            reply.setPayload(payload);
        } catch (error) {
            const name = requestName(received.getType());
            const why = error instanceof Error ? error.message : String(error);
            reply.setType(Type.ERROR);
            reply.setPayload(Buffer.from(`${name} failed: transaction ID: ${txId}: ${why}`));
        }
        if (running !== undefined) running.busy = false;
        this.#send(reply);
    }

    #send(sent: peer.ChaincodeMessage): void {
        if (this.#state === 'closed') return;
        try {
            this.#stream.send(sent);
        } catch {
            // A stream that cannot be written to has ended; closing fails what runs on it.
            this.close();
        }
    }
}

function requestName(type: number): string {
    return Object.entries(Type).find(([, value]) => value === type)?.[0] ?? String(type);
}
