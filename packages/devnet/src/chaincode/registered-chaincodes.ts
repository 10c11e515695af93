import type { ServerDuplexStream } from '@grpc/grpc-js';
import type { peer } from '@hyperledger/fabric-protos';
import type { ChaincodeConnection } from './connection.js';
import type { ChaincodeSource } from './runtime.js';
import { connectStream } from './stream-connection.js';

/** A deployed chaincode whose processes come to the peers by themselves. */
export interface ExpectedChaincode {
    readonly name: string;
    readonly ids: readonly string[];
    /** By the name of the peer it registered with. */
    readonly connections: Map<string, ChaincodeConnection>;
    readonly waiting: Set<() => void>;
    /** How many sources lead to it. */
    sources: number;
}

/** The chaincodes of a network that register with its peers. */
export class RegisteredChaincodes {
    /** In the order they were first expected in. */
    readonly #expected = new Set<ExpectedChaincode>();
    readonly #startTimeoutMs: number;

    constructor(startTimeoutMs: number) {
        this.#startTimeoutMs = startTimeoutMs;
    }

    /**
     * Expects a chaincode to register, under its name, `name:version` or `name_version`, until every source
     * of it is closed. One of a name and version serves all its channels, and whoever deploys it again.
     */
    expect(name: string, version: string): ExpectedChaincode {
        const ids = [name, `${name}:${version}`, `${name}_${version}`];
        const known = [...this.#expected].find((each) => each.ids.join() === ids.join());
        if (known !== undefined) return known;
        const made = {
            name,
            ids,
            connections: new Map(),
            waiting: new Set<() => void>(),
            sources: 0,
        };
        this.#expected.add(made);
        return made;
    }

    /** Where a peer gets its connection to an expected chaincode from. */
    sourceFor(expected: ExpectedChaincode, peerName: string): ChaincodeSource {
        expected.sources += 1;
        let isOpen = true;
        return {
            connect: () => this.#connectionFor(expected, peerName),
            disconnect: () => {
                expected.connections.get(peerName)?.close();
            },
            close: () => {
                if (isOpen) expected.sources -= 1;
                isOpen = false;
                if (expected.sources > 0) return;
                this.#expected.delete(expected);
                for (const each of expected.connections.values()) each.close();
                for (const wake of [...expected.waiting]) wake();
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
        // A package's id ends in a hash, which nothing here depends on; a name alone means the newest of it.
        const expected = [...this.#expected].findLast(
            ({ ids }) => ids.includes(id) || ids.includes(id.split(':')[0] ?? ''),
        );
        if (expected === undefined) throw new Error(`chaincode ${id} is not deployed`);
        if (expected.connections.get(peerName)?.isOpen === true) {
            throw new Error(`duplicate chaincodeID: ${id}`);
        }
        expected.connections.set(peerName, connection);
        for (const wake of expected.waiting) wake();
    }

    async #connectionFor(
        expected: ExpectedChaincode,
        peerName: string,
    ): Promise<ChaincodeConnection> {
        const connection =
            openConnection(expected, peerName) ?? (await this.#wait(expected, peerName));
        await connection.ready;
        return connection;
    }

    #wait(expected: ExpectedChaincode, peerName: string): Promise<ChaincodeConnection> {
        const { name, waiting } = expected;
        return new Promise((resolve, reject) => {
            const fail = (why: string): void => {
                clearTimeout(timer);
                waiting.delete(wake);
                reject(new Error(why));
            };
            const timer = setTimeout(() => {
                fail(`timeout expired while starting chaincode ${name} for transaction`);
            }, this.#startTimeoutMs);
            const wake = (): void => {
                const connection = openConnection(expected, peerName);
                if (connection === undefined) {
                    if (expected.sources === 0) fail(`chaincode ${name} is no longer deployed`);
                    return;
                }
                clearTimeout(timer);
                waiting.delete(wake);
                resolve(connection);
            };
            waiting.add(wake);
        });
    }
}

/** The peer's own, or another's: one process may serve the whole network. */
function openConnection(
    { connections }: ExpectedChaincode,
    peerName: string,
): ChaincodeConnection | undefined {
    const own = connections.get(peerName);
    if (own?.isOpen === true) return own;
    return [...connections.values()].find((each) => each.isOpen);
}
