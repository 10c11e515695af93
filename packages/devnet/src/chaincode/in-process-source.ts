import { ChaincodeConnection } from './connection.js';
import { connectInProcess } from './in-process.js';
import type { ChaincodeSource } from './runtime.js';
import { shimServer, type ChaincodeCode } from './shim-server.js';

/** A chaincode that runs in this process, with its own instances of the contracts. */
export class InProcessSource implements ChaincodeSource {
    readonly #server: ReturnType<typeof shimServer>;
    #connection: ChaincodeConnection | undefined;

    constructor(code: ChaincodeCode, name: string, version: string) {
        this.#server = shimServer(code, name, version);
    }

    async connect(): Promise<ChaincodeConnection> {
        if (this.#connection?.isOpen !== true) {
            this.#connection = connectInProcess(
                this.#server,
                (stream) => new ChaincodeConnection(stream, () => undefined),
            );
        }
        await this.#connection.ready;
        return this.#connection;
    }

    disconnect(): void {
        this.#connection?.close();
    }

    close(): void {
        this.disconnect();
    }
}
