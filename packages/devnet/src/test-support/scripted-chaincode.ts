import { Server, ServerCredentials, type ServerDuplexStream } from '@grpc/grpc-js';
import { peer } from '@hyperledger/fabric-protos';

export type ChaincodeStream = ServerDuplexStream<peer.ChaincodeMessage, peer.ChaincodeMessage>;

/** A chaincode as a service that speaks the protocol by itself, without a shim. */
export abstract class ScriptedChaincode {
    readonly #server = new Server({ 'grpc.max_receive_message_length': -1 });

    /** @returns the port it listens on */
    async start(): Promise<number> {
        this.#server.addService(peer.ChaincodeService, {
            connect: (stream: ChaincodeStream) => {
                this.chat(stream);
            },
        });
        return new Promise((resolve, reject) => {
            const credentials = ServerCredentials.createInsecure();
            this.#server.bindAsync('127.0.0.1:0', credentials, (error, port) => {
                if (error === null) resolve(port);
                else reject(error);
            });
        });
    }

    stop(): void {
        this.#server.forceShutdown();
    }

    /** A peer has connected. */
    protected abstract chat(stream: ChaincodeStream): void;
}
