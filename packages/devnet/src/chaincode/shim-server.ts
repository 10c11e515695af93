import type { ChaincodeInterface } from 'fabric-shim';
import type { Contract } from 'fabric-contract-api';
import { restoreProtocol } from '../grpc/protocol-registry.js';

/** A class of contract, as `fabric-contract-api` has it. */
export type ContractClass = new () => Contract;

/** What runs as a chaincode: contract classes, or an object with `Init` and `Invoke`. */
export type ChaincodeCode =
    { readonly contracts: readonly ContractClass[] } | { readonly chaincode: ChaincodeInterface };

interface ContractChaincode extends ChaincodeInterface {
    defaultContractName: string | undefined;
    readonly contractImplementations: Readonly<Record<string, unknown>>;
}

type ChaincodeFromContract = new (
    contracts: ContractClass[],
    serializers: unknown,
    metadata: unknown,
    title: string,
    version: string,
) => ContractChaincode;

/** The loggers by which the shim tells of every transaction; contracts' own loggers have other names. */
const shimLoggers = [
    'lib/chaincode.js',
    'lib/handler.js',
    'lib/iterators.js',
    'lib/server.js',
    'lib/stub.js',
    'contracts-spi/chaincodefromcontract.js',
    'contracts-spi/datamarshall.js',
];

/** The same of the contract API, which reports what the caller is told anyway. */
function quietContracts(): void {
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const logging = require('fabric-contract-api/lib/logger.js') as {
        getLogger(name: string): { silent: boolean };
    };
    logging.getLogger('./lib/contract.js').silent = true;
}

/**
 * The shim and the contract API make every uncaught error of the process a line in the log, so that a
 * test program would end well whatever went wrong in it. A process that runs a network is no chaincode's.
 */
function leaveErrorsToTheProgram(): void {
    for (const path of ['fabric-shim/lib/logger.js', 'fabric-contract-api/lib/logger.js']) {
        // eslint-disable-next-line @typescript-eslint/no-require-imports
        const logging = require(path) as {
            getLogger(name: string): { readonly exceptions: { unhandle(): void } };
        };
        logging.getLogger('_').exceptions.unhandle();
    }
    for (const listener of process.listeners('unhandledRejection')) {
        if (listener.name !== 'loggerUnhandledRejectionFn') continue;
        process.removeListener('unhandledRejection', listener);
    }
}

// Loaded on first use: importing the shim takes some hundred milliseconds, starts its logger, and is
// of no use to networks whose chaincodes all run elsewhere.
function loadShim(): typeof import('fabric-shim') {
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const shim = require('fabric-shim') as typeof import('fabric-shim') & {
        newLogger(name: string): { silent: boolean };
    };
    restoreProtocol();
    leaveErrorsToTheProgram();
    if (process.env['CORE_CHAINCODE_LOGGING_LEVEL'] !== 'DEBUG') {
        for (const name of shimLoggers) shim.newLogger(name).silent = true;
        quietContracts();
    }
    return shim;
}

function fromContracts(
    contracts: readonly ContractClass[],
    name: string,
    version: string,
): ChaincodeInterface {
    /* eslint-disable @typescript-eslint/no-require-imports */
    const { JSONSerializer } = require('fabric-contract-api') as { JSONSerializer: unknown };
    const Chaincode =
        require('fabric-shim/lib/contract-spi/chaincodefromcontract.js') as ChaincodeFromContract;
    /* eslint-enable @typescript-eslint/no-require-imports */
    const serializers = {
        transaction: 'jsonSerializer',
        serializers: { jsonSerializer: JSONSerializer },
    };
    // The constructor appends the shim's own contract to the list it is given.
    const chaincode = new Chaincode([...contracts], serializers, {}, name, version);
    // `@Default` marks one contract of the whole process. A chaincode that does not hold it would have
    // no default; on a peer it is alone in its process and has its first.
    const held = Object.keys(chaincode.contractImplementations);
    if (!held.includes(chaincode.defaultContractName ?? '')) {
        chaincode.defaultContractName = held[0];
    }
    return chaincode;
}

/** A server of `fabric-shim` for that code, not listening: streams are handed to it. */
export function shimServer(
    code: ChaincodeCode,
    name: string,
    version: string,
): { connect(stream: unknown): void } {
    const shim = loadShim();
    const chaincode =
        'contracts' in code ? fromContracts(code.contracts, name, version) : code.chaincode;
    // The declared options lack that TLS is optional, and the declared server the method gRPC calls.
    const options = { ccid: name, address: 'in-process' } as Parameters<typeof shim.Shim.server>[1];
    const server: unknown = shim.Shim.server(chaincode, options);
    return server as { connect(stream: unknown): void };
}
