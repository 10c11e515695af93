import { readFile } from 'node:fs/promises';
import type { ServiceConnection } from '../chaincode/service-source.js';
import { DevnetError } from '../errors.js';

const PEMS = ['root_cert', 'client_key', 'client_cert'] as const;

/** What is wrong with a connection, in the words of a peer where it has some. */
function problemOf(connection: unknown): string | undefined {
    if (typeof connection !== 'object' || connection === null || Array.isArray(connection)) {
        return 'it is not an object';
    }
    const given = connection as Readonly<Record<keyof ServiceConnection, unknown>>;
    const { address } = given;
    if (address === undefined || address === '') return 'chaincode address not provided';
    if (typeof address !== 'string' || !/^\S+:\d{1,5}$/.test(address)) {
        return `address must be host:port; got ${JSON.stringify(address)}`;
    }
    for (const member of ['tls_required', 'client_auth_required'] as const) {
        if (!['undefined', 'boolean'].includes(typeof given[member])) {
            return `${member} must be true or false; got ${JSON.stringify(given[member])}`;
        }
    }
    const wrong = PEMS.find((member) => !['undefined', 'string'].includes(typeof given[member]));
    if (wrong !== undefined) return `${wrong} must be the text of a PEM file`;
    if (given.tls_required !== true) return undefined;
    if (!given.root_cert) return 'chaincode tls root cert not provided';
    if (given.client_auth_required !== true) return undefined;
    if (!given.client_key) return 'chaincode tls key not provided';
    return given.client_cert ? undefined : 'chaincode tls cert not provided';
}

async function readJson(file: string): Promise<unknown> {
    try {
        return JSON.parse(await readFile(file, 'utf8'));
    } catch (cause) {
        throw new DevnetError(
            'DEVNET_DEPLOY_FAILED',
            `Cannot read the chaincode's connection at ${file}: ${(cause as Error).message}.`,
            { cause },
        );
    }
}

/** The connection given, or the one in the file given; throws `DEVNET_DEPLOY_FAILED` if it leads nowhere. */
export async function serviceConnection(
    given: ServiceConnection | string,
): Promise<ServiceConnection> {
    const connection = typeof given === 'string' ? await readJson(given) : given;
    const problem = problemOf(connection);
    if (problem === undefined) return connection as ServiceConnection;
    const where = typeof given === 'string' ? ` at ${given}` : '';
    throw new DevnetError(
        'DEVNET_DEPLOY_FAILED',
        `The chaincode's connection${where} cannot be used: ${problem}. It has the members of Fabric's connection.json.`,
    );
}
