import { credentials, type ChannelCredentials, type ClientOptions } from '@grpc/grpc-js';
import { peer } from '@hyperledger/fabric-protos';
import type { ChaincodeConnection } from './connection.js';
import type { ChaincodeSource } from './runtime.js';
import { connectStream } from './stream-connection.js';

/** How to reach a chaincode that runs as a service: the members of Fabric's `connection.json`. */
export interface ServiceConnection {
    /** `host:port`. */
    readonly address: string;
    /** Accepted for Fabric's sake; the network's own start timeout counts. */
    readonly dial_timeout?: string;
    readonly tls_required?: boolean;
    readonly client_auth_required?: boolean;
    /** PEM. */
    readonly root_cert?: string;
    /** PEM. */
    readonly client_key?: string;
    /** PEM. */
    readonly client_cert?: string;
}

const options: ClientOptions = {
    'grpc.max_receive_message_length': -1,
    'grpc.max_send_message_length': -1,
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 1000,
};

function credentialsFor(connection: ServiceConnection): ChannelCredentials {
    if (connection.tls_required !== true) return credentials.createInsecure();
    const bytes = (pem: string | undefined): Buffer | null =>
        pem === undefined ? null : Buffer.from(pem);
    const root = bytes(connection.root_cert);
    if (connection.client_auth_required !== true) return credentials.createSsl(root);
    return credentials.createSsl(root, bytes(connection.client_key), bytes(connection.client_cert));
}

/** A chaincode that runs as a service: dialled when it is needed, and again when it went away. */
export class ServiceSource implements ChaincodeSource {
    readonly #client: peer.ChaincodeClient;
    readonly #address: string;
    readonly #startTimeoutMs: number;
    #connecting: Promise<ChaincodeConnection> | undefined;
    #connection: ChaincodeConnection | undefined;
    #call: { cancel(): void } | undefined;

    constructor(connection: ServiceConnection, startTimeoutMs: number) {
        this.#address = connection.address;
        this.#startTimeoutMs = startTimeoutMs;
        this.#client = new peer.ChaincodeClient(
            connection.address,
            credentialsFor(connection),
            options,
        );
    }

    connect(): Promise<ChaincodeConnection> {
        if (this.#connection?.isOpen === true) return Promise.resolve(this.#connection);
        this.#connecting ??= this.#dial().finally(() => {
            this.#connecting = undefined;
        });
        return this.#connecting;
    }

    disconnect(): void {
        this.#connection?.close();
        this.#call?.cancel();
    }

    close(): void {
        this.disconnect();
        this.#client.close();
    }

    async #dial(): Promise<ChaincodeConnection> {
        await this.#reachable();
        const stream = this.#client.connect();
        this.#call = stream;
        const connection = connectStream(stream, () => undefined);
        const timer = setTimeout(() => {
            connection.close();
        }, this.#startTimeoutMs);
        try {
            await connection.ready;
        } catch (cause) {
            throw new Error(
                `connection to ${this.#address} failed: the chaincode did not register`,
                { cause },
            );
        } finally {
            clearTimeout(timer);
        }
        this.#connection = connection;
        return connection;
    }

    #reachable(): Promise<void> {
        return new Promise((resolve, reject) => {
            this.#client.waitForReady(Date.now() + this.#startTimeoutMs, (cause) => {
                if (cause === undefined) resolve();
                else {
                    reject(
                        new Error(
                            `connection to ${this.#address} failed: error creating grpc connection: ${cause.message}`,
                            { cause },
                        ),
                    );
                }
            });
        });
    }
}
