import type { ServerDuplexStream } from '@grpc/grpc-js';
import type { peer } from '@hyperledger/fabric-protos';
import type { ChaincodeConnection } from './connection.js';
import type { ChaincodeSource } from './runtime.js';
import { connectStream } from './stream-connection.js';

/** One deployed chaincode whose processes come to the peers by themselves. */
interface Expected {
    readonly ids: readonly string[];
    /** By the name of the peer it registered with. */
    readonly connections: Map<string, ChaincodeConnection>;
    readonly waiting: Set<() => void>;
}

/** The chaincodes of a network that register with its peers. */
export class RegisteredChaincodes {
    readonly #expected = new Map<string, Expected>();
    readonly #startTimeoutMs: number;

    constructor(startTimeoutMs: number) {
        this.#startTimeoutMs = startTimeoutMs;
    }

    /** Expects a chaincode to register, under its name, `name:version` or `name_version`. */
    expect(name: string, version: string): void {
        this.#expected.set(name, {
            ids: [name, `${name}:${version}`, `${name}_${version}`],
            connections: new Map(),
            waiting: new Set(),
        });
    }

    /** Where a peer gets its connection to an expected chaincode from. */
    sourceFor(name: string, peerName: string): ChaincodeSource {
        return {
            connect: () => this.#connectionFor(name, peerName),
            disconnect: () => {
                this.#expected.get(name)?.connections.get(peerName)?.close();
            },
            close: () => {
                for (const each of this.#expected.get(name)?.connections.values() ?? []) {
                    each.close();
                }
            },
        };
    }

    /** Serves the stream of a chaincode that came to a peer. */
    serve(
        stream: ServerDuplexStream<peer.ChaincodeMessage, peer.ChaincodeMessage>,
        peerName: string,
    ): void {
        connectStream(stream, (id, connection) => {
            this.#register(id, peerName, connection);
        });
    }

    #register(id: string, peerName: string, connection: ChaincodeConnection): void {
        if (id === '') {
            throw new Error('error in handling register chaincode, chaincodeID name is empty');
        }
        // A package's id ends in a hash, which nothing here depends on.
        const expected = [...this.#expected.values()].find(
            ({ ids }) => ids.includes(id) || ids.includes(id.split(':')[0] ?? ''),
        );
        if (expected === undefined) throw new Error(`chaincode ${id} is not deployed`);
        if (expected.connections.get(peerName)?.isOpen === true) {
            throw new Error(`duplicate chaincodeID: ${id}`);
        }
        expected.connections.set(peerName, connection);
        for (const wake of expected.waiting) wake();
    }

    /** The peer's own, or another's: one process may serve the whole network. */
    #open(name: string, peerName: string): ChaincodeConnection | undefined {
        const connections = this.#expected.get(name)?.connections;
        const own = connections?.get(peerName);
        if (own?.isOpen === true) return own;
        return [...(connections?.values() ?? [])].find((each) => each.isOpen);
    }

    async #connectionFor(name: string, peerName: string): Promise<ChaincodeConnection> {
        const connection = this.#open(name, peerName) ?? (await this.#wait(name, peerName));
        await connection.ready;
        return connection;
    }

    #wait(name: string, peerName: string): Promise<ChaincodeConnection> {
        return new Promise((resolve, reject) => {
            const waiting = this.#expected.get(name)?.waiting;
            const timer = setTimeout(() => {
                waiting?.delete(wake);
                reject(
                    new Error(`timeout expired while starting chaincode ${name} for transaction`),
                );
            }, this.#startTimeoutMs);
            const wake = (): void => {
                const connection = this.#open(name, peerName);
                if (connection === undefined) return;
                clearTimeout(timer);
                waiting?.delete(wake);
                resolve(connection);
            };
            waiting?.add(wake);
        });
    }
}
